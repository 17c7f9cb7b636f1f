"""Make `recordings` importable beside the tests, which are collected without packages."""

import sys
from pathlib import Path

import pytest

pytest.register_assert_rewrite("recordings")
sys.path.insert(0, str(Path(__file__).parent))
