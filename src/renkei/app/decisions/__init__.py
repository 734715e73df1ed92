"""Decisions for the command line: a model or a book opened, checked, asked, explained."""
