"""Who met a case, for how long and how close: matching, contacts and rules. Pure but for its data files."""
