"""The reference engine: runs the model file itself under CPython."""

from planespec.checker.engines.python.explaining import Replay, explain, judge_initial, replay
from planespec.checker.engines.python.judging import Event
from planespec.checker.engines.python.python_engine import run

__all__ = ["Event", "Replay", "explain", "judge_initial", "replay", "run"]
