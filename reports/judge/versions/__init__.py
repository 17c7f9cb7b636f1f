"""Versions of objects as watches tell them, and the requests that make them."""
