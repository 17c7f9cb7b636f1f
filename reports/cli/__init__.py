"""The `planespec` command: one module a sub-command, loaded when it is asked for."""

from planespec.reports.cli.main import main

__all__ = ["main"]
