"""The typed, structured form of a model: what every engine but the reference reads."""
