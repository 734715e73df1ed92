"""The command line, one file a family of commands; each reads the clock and opens the site."""
