"""Reading snapshots: JSON and YAML in pieces, with the line of every object."""
