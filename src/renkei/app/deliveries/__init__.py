"""What units deliver into the integrated store, and what owners' files are held against."""
