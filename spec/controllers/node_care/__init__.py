"""What controllers write about nodes, and about pods because of their node."""
