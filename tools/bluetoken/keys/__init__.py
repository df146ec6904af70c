"""Diagnosis keys on their way in and out, and the health authority's key pairs."""
