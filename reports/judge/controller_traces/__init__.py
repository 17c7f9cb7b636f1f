"""Traces of controllers in any language, held to a model: `planespec conform controller`."""
