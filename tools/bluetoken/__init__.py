"""Bluetoken host tool: reads, checks and flashes tokens, and runs virtual ones."""
