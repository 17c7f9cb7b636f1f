"""Judges of how pods and containers begin, are probed, restart and end."""
