"""Auditing real clusters: reading snapshots and logs, and telling what was found."""
