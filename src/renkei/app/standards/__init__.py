"""The standard for the command line: opened, read, compared, written out, released."""
