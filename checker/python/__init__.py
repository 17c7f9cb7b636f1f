"""The reference engine: runs the model file itself under CPython."""

from planespec.checker.python.engine import run
from planespec.checker.python.events import Event
from planespec.checker.python.explain import Replay, explain, judge_initial, replay

__all__ = ["Event", "Replay", "explain", "judge_initial", "replay", "run"]
