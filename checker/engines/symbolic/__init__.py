"""The symbolic engine: z3 as one more renderer of the intermediate representation."""
