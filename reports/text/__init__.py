"""Outcomes as text for people: the verdict line, the counterexample, the numbers."""
