"""Diagnosis keys on their way in and out."""
