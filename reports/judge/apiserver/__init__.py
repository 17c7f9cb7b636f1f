"""Judges of what a recorded API server answered."""
