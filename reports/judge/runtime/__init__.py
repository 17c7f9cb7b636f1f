"""Judges of container runtimes."""
