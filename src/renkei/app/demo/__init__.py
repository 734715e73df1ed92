"""The demo and its ecosystem: whole sites on this machine, asked and proven, and the page."""
