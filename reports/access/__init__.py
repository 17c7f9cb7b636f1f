"""Answers about access: who may do what, and what a subject can come to."""
