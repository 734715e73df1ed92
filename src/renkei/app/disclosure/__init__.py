"""What the integrated store tells inside the house: views, lists, changes, extracts, by permit."""
