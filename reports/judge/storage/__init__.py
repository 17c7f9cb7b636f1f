"""Judges of what a recorded storage driver answered."""
