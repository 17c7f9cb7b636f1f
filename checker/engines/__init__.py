"""The engines: each takes a model with its constants and a budget, and gives a verdict."""
