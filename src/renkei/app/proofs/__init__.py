"""Evidence: one exchange as a file, the one file that verifies it, and books that balance."""
