"""Judges of what a real API server answered."""
