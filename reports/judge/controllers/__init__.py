"""Judges of what recorded controllers decided, and of what they stand on."""
