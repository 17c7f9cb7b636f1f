"""File names for models and requirements."""

import re


def model_slug(model: str) -> str:
    """A file name for a model: its catalogue name, or a path with dashes for what no name has."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", model.replace(".py", "")).strip("-.")


def requirement_slug(key: str) -> str:
    """A file name for a requirement's id, or for `model: name` of a property of one model."""
    return model_slug(key.replace(": ", "."))
