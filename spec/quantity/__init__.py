"""Exact resource quantities, as `k8s.io/apimachinery/pkg/api/resource` computes them.

`parse_quantity("1500m")` gives a `Quantity`; `str()` is its canonical form, `.value` and
`.milli_value` the rounded 64-bit integers that the scheduler and the kubelet use, overflow
included. `+`, `-` and comparison are exact.
"""

from planespec.spec.quantity.parse import parse_quantity, read_quantity
from planespec.spec.quantity.quantity import ZERO, Format, Quantity, QuantityError

__all__ = [
    "ZERO",
    "Format",
    "Quantity",
    "QuantityError",
    "parse_quantity",
    "read_quantity",
]
