"""How it moves: state machines. Imports spec and checker.lang, never an engine."""
