"""Stepping through a model by hand."""
