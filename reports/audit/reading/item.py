"""What a reader yields: an object with its place, or a piece that cannot be read."""

from typing import NamedTuple

from planespec.spec.cluster.finding import Place

LARGEST_OBJECT = 3 * 1024 * 1024
"""Bytes; the API server reads no larger request body (`MaxRequestBodyBytes`)."""
DEEPEST = 200
"""Levels of nesting that are read; objects of Kubernetes stay far below."""


class Item(NamedTuple):
    """One value of the input: an object, or a list the caller takes apart."""

    value: object
    place: Place
    kind: str = ""
    """The kind that a typed list such as PodList gives its items."""
    version: str = ""
    """Likewise the API version."""


class Unread(NamedTuple):
    """A piece of the input that was left out."""

    place: Place
    message: str


class Oversized(NamedTuple):
    """Stands for a value larger than the API server accepts."""

    size: int
    """Characters."""
