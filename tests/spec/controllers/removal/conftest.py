"""Make `requirement_cases` importable beside the tests, which are collected without packages."""

import sys
from pathlib import Path

import pytest

pytest.register_assert_rewrite("requirement_cases")
sys.path.insert(0, str(Path(__file__).parents[2] / "node"))
