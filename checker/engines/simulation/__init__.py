"""Random walks through a model, for spaces too large to search."""
