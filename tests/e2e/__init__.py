"""From the wearer's day to the clinic's registry: the real command line on real firmware, over ptys."""
