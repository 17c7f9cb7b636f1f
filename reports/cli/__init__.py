"""The `planespec` command: one module a sub-command, loaded when it is asked for."""

from planespec.reports.cli.start import main

__all__ = ["main"]
