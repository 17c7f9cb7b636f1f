"""What a report runs, and its answers kept by content, so that it goes on where it ended."""

import contextlib
import hashlib
import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path

from msgspec import DecodeError
from msgspec.json import Decoder

from planespec.checker.budget import Budget, Progress
from planespec.checker.cache import NOT_USED, cache_folder, keep, read_kept
from planespec.checker.errors import SystemRefusal
from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.ir.show import show
from planespec.reports.files import dumps
from planespec.reports.pages.dossier import Evidence
from planespec.reports.text.wording import plural

FORM = "planespec/saved/3"
"""Changes with the form of the saved answers."""
_SAVED_FORM = (("reports.pages", "*.py"), ("reports.formats", "*.py"))


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

    def get(self, instance: Instance, asked: str, run: Callable[[], Evidence]) -> Evidence:
        """The saved answer to `asked` about an instance, or the one `run` gives, which is saved.

        One that is no whole record is found anew; a folder that is not the user's own is not used.
        Raises SystemRefusal when an answer cannot be written.
        """
        path = self.folder / f"{key(instance, asked)}.answer"
        kept = _read(read_kept(path)[0])
        if kept is not None:
            self.found += 1
            return kept
        answer = run()
        refused = keep(path, dumps(answer, None).encode())
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


def _read(kept: bytes | None) -> Evidence | None:
    """The record in a file; None for anything else."""
    try:
        return None if kept is None else _DECODER.decode(kept)
    except (DecodeError, UnicodeDecodeError, RecursionError):
        return None


_DECODER = Decoder(Evidence)


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
    left_out = [f"{c.id} {c.when} {c.statement}" for c in instance.not_applicable.values()]
    return [show(compile_system(instance)), *left_out, *texts]


@cache
def engine_version() -> str:
    """A hash of the sources that make an answer and its saved form: a changed one asks anew."""
    digest = hashlib.sha256()
    for package, pattern in (("checker", "**/*.py"), ("reports", "*.py"), *_SAVED_FORM):
        for root in import_module(f"planespec.{package}").__path__:
            for path in sorted(Path(root).glob(pattern)):
                digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


Teller = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Settings:
    """How a report is made; none of it but `workers` and the callbacks changes a page.

    The reference engine repeats instances known to have at most `reference_states` distinct
    states. With `go_on` every requirement's counterexample is looked for where one is broken, and
    the numbers of an instance are those of its whole search. `cell_states` bounds each question
    to a mutant, `graph_states` the drawn state graph, `depth` (steps) the symbolic engine, which
    answers for models with unbounded numbers.
    """

    workers: int = 1
    budget: Budget = field(default_factory=Budget)
    slow: bool = False
    go_on: bool = True
    reference_states: int = 10_000
    cell_states: int = 1_000_000
    graph_states: int = 80
    depth: int = 4
    on_progress: Callable[[Progress], None] | None = None
    tell: Teller = lambda line: None
