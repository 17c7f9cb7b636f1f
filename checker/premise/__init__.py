"""Was the premise of a requirement ever true? `premise_cases` counts, the others help it."""
