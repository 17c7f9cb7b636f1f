"""The native engine: exhaustive search by generated machine code."""
