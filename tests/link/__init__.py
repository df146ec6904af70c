"""The cable and what can go wrong on it."""
