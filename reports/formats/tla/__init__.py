"""The typed IR of a model as a TLA+ module that TLC runs: the second opinion of `export`."""
