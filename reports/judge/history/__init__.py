"""Judges of concurrent histories: are they linearizable, and what were watches given?"""
