"""`make bench`: figures, not verdicts. Ratios are taken inside one run, for machines differ."""
