"""Virtual tokens, from the bytes of flash to a day of several of them."""
