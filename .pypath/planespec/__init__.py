"""An executable specification of the Kubernetes control plane, and the checker that searches it.

This file makes `planespec` of the packages `spec`, `model`, `checker` and `reports`. Installed,
they lie beside it. In a checkout and in an unpacked source distribution they lie at the top, where
this file finds them, so that tracebacks and debuggers show the files one edits; the links beside
it are for type checkers and editors, which run no code, and nothing else needs them.
"""

from pathlib import Path

__version__ = "0.1.0"

_folder = Path(__file__).resolve().parent
if _folder.parent.name == ".pypath":
    __path__ = [str(_folder.parents[1])]
