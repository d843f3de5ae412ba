"""Retention: which submissions are erased by age and when, what stops it, and who goes on after a stop."""
