"""Programs of the containers of a recording, and commands that were executed in them."""

from dataclasses import replace

from planespec.reports.judge.runtime.cri_symbols import NEW_EXECUTION
from planespec.spec.objects.view import ObjectError, View
from planespec.spec.runtime.cri_store import SIGINT, SIGTERM, Program
from planespec.spec.runtime.process_calls import Execution

PAUSE = Program(handles={SIGTERM: 0, SIGINT: 0})
"""What a sandbox runs, and containers with `pause`."""
_FILE = "/w"
_NO_SUCH_MODE = Program(ends_with=99)
_SIGNALLED = 128


def read_program(call: View, *, ends_on_interrupt: bool) -> Program:
    """Read the program of a container; one that is not known ends with 99. Raises ObjectError.

    `run` handles SIGTERM; it is told by nothing whether SIGINT has its default effect on it.
    """
    arguments = call.texts("args")
    name = arguments[0] if arguments else ""
    if name == "exit":
        return Program(ends_with=_read_number(call, "args", 1))
    if name == "kill":
        return Program(ends_with=_read_number(call, "args", 1) + _SIGNALLED)
    ignored: dict[int, int | None] = {} if ends_on_interrupt else {SIGINT: None}
    known = {
        "pause": PAUSE,
        "run": Program(handles={SIGTERM: 42, **ignored}),
        "stubborn": Program(handles={SIGTERM: None, SIGINT: None}),
    }
    return known.get(name, _NO_SUCH_MODE)


def _read_number(call: View, name: str, index: int) -> int:
    texts = call.texts(name)
    if len(texts) <= index or not texts[index].isdigit():
        raise ObjectError(f"{call.path(name)}[{index}]", "must be a number")
    return int(texts[index])


def read_execution(call: View) -> Execution:
    """Read a command and what comes of it. Raises ObjectError."""
    command = call.texts("cmd")
    run = Execution(NEW_EXECUTION, command, _FILE, exit_code=99)
    mode = command[1] if len(command) > 1 else ""
    if mode == "echo":
        code, text = _read_number(call, "cmd", 3), command[2]
        return replace(run, exit_code=code, stdout=f"{text}\n", stderr=f"err-{text}\n")
    if mode == "exit":
        return replace(run, exit_code=_read_number(call, "cmd", 2))
    if mode == "sleep":
        seconds = _read_number(call, "cmd", 2) / 1000
        return replace(run, takes=seconds, exit_code=_read_number(call, "cmd", 3))
    return run
