"""Who takes part: our keys and their rotation, the members list and how it comes into force."""
