"""Begin and end of the process: no Ctrl-C shows a traceback, and nothing is waited for at the end.

Imports nothing at first, because that takes time in which Ctrl-C may come.
"""

import os
import signal
import sys


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with a code of `ExitCode`."""
    try:
        from planespec.reports.cli.main import run

        code = run(arguments)
    except KeyboardInterrupt:
        print("planespec: interrupted", file=sys.stderr)
        code = 130
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the answer stands
    _leave(code)


def _leave(code: int) -> None:
    """Exit; at once where work was left behind that cannot be told to end."""
    from planespec.checker.interrupts import is_work_left_behind

    if not is_work_left_behind():
        sys.exit(code)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)
