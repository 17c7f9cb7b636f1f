"""stub"""

from planespec.checker.native.frame import Module


def lower_canon(module: Module) -> None:
    """stub"""
