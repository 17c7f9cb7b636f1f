"""Make `unmutated` importable beside the tests, which are collected without packages."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
