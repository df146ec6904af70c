"""What the token says on the air: bytes of an advertisement to identifiers and back (pure)."""
