"""What a token costs and catches, worked out with the firmware itself."""
