"""What the store says to head office, so that every change arrives exactly once in effect."""
