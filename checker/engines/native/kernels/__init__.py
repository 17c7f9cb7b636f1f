"""The generic part of a search, in a dialect of Python that is compiled with the model."""
