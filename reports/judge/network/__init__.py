"""Judges of what recorded network plugins answered."""
