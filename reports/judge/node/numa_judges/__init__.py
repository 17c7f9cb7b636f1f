"""Judges of how memory and processors are given from NUMA nodes."""
