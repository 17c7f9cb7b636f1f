"""Answers kept in a run folder by content, so that a report that was interrupted goes on.

The key is a hash of what the answer depends on: the compiled model with its constants and mutant,
the texts of the files its statements and positions come from, the engine and what it was asked,
and the sources of the checker and of this package. An answer is never used for anything else,
and never expires.
"""

import contextlib
import hashlib
import inspect
import json
import sys
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from planespec.checker.cache import NOT_USED, cache_folder, keep, read_kept
from planespec.checker.errors import SystemRefusal
from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.ir.show import show
from planespec.reports.wording import plural

FORM = "planespec/saved/2"
"""Changes with the form of the saved answers."""
_SAVED_FORM = (("reports.dossier", "*.py"), ("reports.itf", "*.py"))


def default_folder() -> Path:
    """`$PLANESPEC_CACHE/results`, else `planespec/results` under the user's cache folder."""
    return cache_folder() / "results"


class Saved:
    """A folder of answers, one file each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.given = self.found = 0
        self._told = False

    @contextlib.contextmanager
    def announced(self) -> Iterator[None]:
        """Tell who interrupts where the answers so far are, and how many were given and found."""
        try:
            yield
        except KeyboardInterrupt:
            counts = f"{plural(self.given, 'new answer')}, {self.found} found"
            kept = "none is kept" if self._told else f"all are kept in {self.folder}"
            print(f"planespec: {counts}; {kept}", file=sys.stderr)
            raise

    def get(self, instance: Instance, asked: str, run: Callable[[], Any]) -> Any:
        """The saved answer to `asked` about an instance, or the one `run` gives, which is saved.

        An answer that cannot be read is found anew; a folder that is not the user's own is not
        used. Raises SystemRefusal when an answer cannot be written.
        """
        path = self.folder / f"{key(instance, asked)}.answer"
        kept, _ = read_kept(path)
        if kept is not None:
            self.found += 1
            return json.loads(kept)
        answer = run()
        refused = keep(path, json.dumps(answer).encode())
        if refused.startswith(NOT_USED):
            self._tell_once(refused)
        elif refused:
            raise SystemRefusal(refused)
        self.given += 1
        return answer

    def _tell_once(self, why: str) -> None:
        if not self._told:
            print(f"planespec: note: {why}; answers are not kept", file=sys.stderr)
        self._told = True


def key(instance: Instance, asked: str) -> str:
    """The hash an answer is kept under."""
    parts = [FORM, engine_version(), asked, str(instance.mutant), *_content(instance)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@lru_cache(maxsize=1)
def _content(instance: Instance) -> list[str]:
    """The compiled model and the texts it comes from; one instance is asked many things."""
    actions = (*instance.initial, *instance.actions)
    files = {instance.file, *(claim.at.file for claim in instance.requirements)}
    files |= {inspect.getfile(action.function) for action in actions}
    texts = [Path(name).read_text(encoding="utf-8") for name in sorted(map(str, files))]
    return [show(compile_system(instance)), *texts]


@cache
def engine_version() -> str:
    """A hash of the sources that make an answer and its saved form: a changed one asks anew."""
    digest = hashlib.sha256()
    for package, pattern in (("checker", "**/*.py"), ("reports", "*.py"), *_SAVED_FORM):
        for root in import_module(f"planespec.{package}").__path__:
            for path in sorted(Path(root).glob(pattern)):
                digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()
