"""Telling the user how far a search is: one redrawn line on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from planespec.checker.budget import Progress
from planespec.reports.text.wording import counted

PLAIN_INTERVAL = 10.0
"""Seconds between two plain lines, for logs that cannot redraw a line."""


class Teller:
    """A callback for `Options.on_progress`; draws nothing for searches that end at once."""

    def __init__(self, terminal: bool) -> None:
        """Draw with rich on a terminal, else print to stderr."""
        self._terminal = terminal
        self._last = 0.0
        self._stop: object = None

    def __call__(self, progress: Progress) -> None:
        """Show the numbers; engines call this a few times a second."""
        depth, numbers = progress.depth, describe(progress)
        self.tell(str(depth), f"depth {depth}", numbers, progress.seconds)

    def tell(self, number: str, head: str, numbers: str, seconds: float) -> None:
        """Show a line: `head` before the numbers on a terminal, `Progress(number)` elsewhere."""
        if self._terminal:
            self._draw(f"{head}, {numbers}")
        elif seconds >= self._last + PLAIN_INTERVAL:
            self._last = seconds
            print(f"Progress({number}): {numbers}", file=sys.stderr, flush=True)

    def _draw(self, line: str) -> None:
        # Loading rich costs more than a small search, so it waits for the first report.
        from rich.console import Console
        from rich.status import Status

        if not isinstance(self._stop, Status):
            self._stop = Status(line, console=Console(stderr=True))
            self._stop.start()
        self._stop.update(line)

    def close(self) -> None:
        """Take the drawn line away."""
        if self._stop is not None:
            from rich.status import Status

            assert isinstance(self._stop, Status)
            self._stop.stop()
            self._stop = None


def describe(progress: Progress) -> str:
    """The numbers of a search under way, in the words TLC uses."""
    rate = progress.distinct / progress.seconds if progress.seconds > 0 else 0.0
    return (
        f"{counted(progress.generated)} states generated, "
        f"{counted(progress.distinct)} distinct states found, "
        f"{counted(progress.left)} states left on queue, "
        f"{counted(round(rate))} distinct/s"
    )


@contextmanager
def telling() -> Iterator[Teller]:
    """A teller for the terminal at hand, cleaned up also when the search raises."""
    teller = Teller(sys.stderr.isatty())
    try:
        yield teller
    finally:
        teller.close()
