"""What a node under pressure shows of itself, and whom it evicts."""
