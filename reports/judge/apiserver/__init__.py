"""Judges of the API server: each holds rules of `spec/api` to a recording of a real one."""
