"""Judges of recordings of the API server."""
