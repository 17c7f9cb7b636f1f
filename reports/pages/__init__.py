"""Everything that is known about a model, gathered by running it: what pages are rendered from."""
