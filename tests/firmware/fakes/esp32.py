"""There to be imported: the firmware asks nothing of it that a test needs."""
