"""Symbols of recordings of a runtime for its ids, and how its state is written down.

`s0` and `c0` are the first sandbox and container that were made, `s0[:12]` is the beginning of an
id, `<hex>` any other id. A reference to none is `unknown` (an id), `short` or `empty`.
"""

import re

from planespec.spec.objects.view import ObjectError, View
from planespec.spec.runtime.cri_store import Container, ContainerState, CriStore, Sandbox

_LENGTH, _SHORT = 64, 12
_SYMBOL = re.compile(r"([a-z][0-9]+)(\[:12\])?")
_ID = re.compile(r"([a-z][0-9]+)_+(?![\w])")
LOST_ID = "f" * _LENGTH
"""An id that stands for none that was made, or for one that is named once."""
_FIXED = {"unknown": LOST_ID, "short": "zz", "empty": ""}
NEW_EXECUTION = "e" * _LENGTH
"""The id of an execution, which no call can name."""


def to_id(symbol: str) -> str:
    """Return the id that a symbol stands for.

    >>> len(to_id("c12")), to_id("c12")[:12]
    (64, 'c12_________')
    """
    return symbol.ljust(_LENGTH, "_")


def read_ref(call: View, name: str = "ref") -> str:
    """Read a reference of a call. Raises ObjectError."""
    text = call.needing(name).text(name)
    if text in _FIXED:
        return _FIXED[text]
    match = _SYMBOL.fullmatch(text)
    if match is None:
        known = ", ".join(_FIXED)
        raise ObjectError(call.path(name), f"{text!r} is no symbol and none of {known}")
    return to_id(match[1])[: _SHORT if match[2] else _LENGTH]


def to_symbols(text: str) -> str:
    """Return a text with symbols for the ids in it.

    >>> to_symbols(to_id("s1")), to_symbols(to_id("s1")[:12])
    ('s1', 's1[:12]')
    """
    for key in (LOST_ID, NEW_EXECUTION):
        text = text.replace(key, "<hex>")
    return _ID.sub(_shorten, text)


def _shorten(match: re.Match[str]) -> str:
    return match[1] if len(match[0]) == _LENGTH else f"{match[1]}[:12]"


def show_store(store: CriStore) -> dict[str, object]:
    """Return the state as a recording has it."""
    return {
        "sandboxes": {
            to_symbols(each.id): _show_sandbox(each) for each in store.sandboxes.values()
        },
        "containers": {
            to_symbols(each.id): _show_container(each) for each in store.containers.values()
        },
    }


def _show_sandbox(sandbox: Sandbox) -> dict[str, object]:
    pods = {"uid-0": "0", "uid-1": "1", "uid-2": "2"}
    return {"state": sandbox.state, "pod": pods[sandbox.pod.uid], "attempt": sandbox.attempt}


def _show_container(container: Container) -> dict[str, object]:
    shown: dict[str, object] = {
        "state": container.state.value,
        "sandbox": to_symbols(container.sandbox_id),
        "name": container.name,
        "attempt": container.attempt,
    }
    if container.state == ContainerState.EXITED:
        shown |= {
            "exit": container.exit_code,
            "reason": container.shown_reason,
            "message": to_symbols(container.message),
        }
    return shown
