"""Models of small controllers, with what their `trace` says, and traces made of random runs."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from planespec.checker.engines.simulation.plan import Plan
from planespec.checker.engines.simulation.walking import Walk, Walker
from planespec.checker.instance import Instance
from planespec.checker.lang import Array, action, each, joint, on, require
from planespec.checker.lang.model import Model, load
from planespec.checker.lang.trace_rules import EVENTS, RESTART, OnLine, trace_rules
from planespec.checker.outcome import Step
from planespec.model.parts.api_store import Anybody, Name, ObjectStore
from planespec.model.parts.informers import Informers
from planespec.model.parts.processes import Crash, Process

PODS = "pods"
FIRST = 1_000
"""The resourceVersion of a cluster before a run begins; each write takes the third after it."""


class Creator(ObjectStore, Informers, Crash):
    """Processes that want one child to be there."""

    trace = [on("create", PODS, action="create_child", p="process", n="name")]

    wants: Array[Process, bool] = each(False)

    @action
    def reconcile(self, p: Process) -> None:
        """A process looks for a child."""
        require(self.may_act(p) and not self.wants[p])
        self.wants[p] = all(self.sees(p, n) == 0 for n in self.names)

    @action
    def create_child(self, p: Process, n: Name) -> None:
        """It makes one; the API server chooses the name."""
        require(self.wants[p])
        self.create(n)
        self.note_write(p)
        self.wants[p] = False

    @joint
    def lose_memory(self, p: Process) -> None:
        """What it was about to do is forgotten."""
        self.wants[p] = False


class Rolling(ObjectStore, Informers, Crash):
    """An operator that restarts members one after the other."""

    trace = [
        on("ADDED", PODS, action="come_up", n="name"),
        on("delete", PODS, action="restart", p="process", n="name"),
    ]

    @action
    def come_up(self, n: Name) -> None:
        """A member's pod is made, and ready."""
        self.create(n)

    @action
    def restart(self, p: Process, n: Name) -> None:
        """The operator sees all members ready, and deletes the pod of one of them."""
        require(self.may_act(p) and all(self.sees(p, m) != 0 for m in self.names))
        is_gone = self.delete(n, self.sees(p, n))
        require(is_gone)
        self.note_write(p)


class Cleaner(Anybody, Informers, Crash):
    """Anybody makes objects and deletes them; processes clean up what they have seen."""

    trace = [
        on("ADDED", PODS, action="make", n="name"),
        on("DELETED", PODS, action="remove", n="name"),
        on("delete", PODS, action="clean", p="process", n="name", where={"sees(p, n)": "uid"}),
        on(
            *("delete", PODS),
            code=(404, 409),
            action="clean",
            p="process",
            n="name",
            where={"sees(p, n)": "uid"},
        ),
    ]

    @action
    def clean(self, p: Process, n: Name) -> None:
        """An object that is seen is deleted; another one is refused."""
        require(self.sees(p, n) != 0)
        self.delete(n, self.sees(p, n))


class Counter(Anybody, Informers, Crash):
    """Processes write objects as they see them, or are refused."""

    trace = [
        on("ADDED", PODS, action="make", n="name"),
        on("DELETED", PODS, action="remove", n="name"),
        on(
            *("update", PODS),
            action="change",
            p="process",
            n="name",
            where={"sees_version(p, n)": "seen"},
        ),
        on(
            *("update", PODS),
            code=(404, 409),
            action="change",
            p="process",
            n="name",
            where={"sees_version(p, n)": "seen"},
        ),
    ]

    @action
    def change(self, p: Process, n: Name) -> None:
        """A process writes an object as it sees it, or is refused."""
        require(self.may_act(p) and self.sees(p, n) != 0)
        accepted = self.update(n, self.sees_version(p, n))
        if accepted:
            self.note_write(p)


MODELS: dict[str, type[Model]] = {
    "creator": Creator,
    "rolling": Rolling,
    "cleaner": Cleaner,
    "counter": Counter,
}
SIZES = {"names": 2, "writes": 6, "processes": 2, "crashes": 1}
"""Constants of the runs that traces are made of."""

Line = dict[str, Any]


def version_of(revision: int) -> str:
    """The resourceVersion that a revision of the model has in a trace."""
    return str(FIRST + 3 * revision)


class Telling:
    """Writes down what a run of a model would have been seen to do."""

    def __init__(self, instance: Instance, *, has_stored: bool = True) -> None:
        self.instance, self._has_stored = instance, has_stored
        self._rules = [r for r in trace_rules(instance.model) if isinstance(r, OnLine)]
        self._before: Any = instance.new()
        self._after: Any = instance.new()

    def tell(self, walk: Walk) -> list[Line]:
        """The lines of a trace."""
        found: list[Line] = []
        for before, taken in zip(walk.states, walk.steps[1:], strict=False):
            action = self.instance.actions[taken[0]]
            given = dict(zip((p.name for p in action.parameters), taken[1], strict=True))
            load(self._before, before)
            load(self._after, taken[3])  # type: ignore[arg-type]
            found += self._lines(Step(action.name, tuple(given.items()), taken[3]))  # type: ignore[arg-type]
        return found

    def _lines(self, step: Step) -> Iterator[Line]:
        rules = [rule for rule in self._rules if rule.action == step.action]
        given = dict(step.arguments)
        if rules and rules[0].verb == RESTART:
            yield {"restart": f"operator-{int(given['p'])}"}
            return
        if rules:
            yield from self._write(rules, given)
        yield from self._hear()

    def _write(self, rules: list[OnLine], given: dict[str, Any]) -> Iterator[Line]:
        n, p = given["n"], given.get("p")
        was, now = self._before.uid[n], self._after.uid[n]
        is_done = self._before.revision != self._after.revision
        is_event = rules[0].verb in EVENTS
        if is_event and not self._has_stored:
            return
        line: Line = {"stored" if is_event else "call": rules[0].verb}
        line |= {"resource": PODS, "name": f"web-{int(n)}"}
        if p is not None:
            line["process"] = f"operator-{int(p)}"
        meant = now or was
        if rules[0].where and "sees(p, n)" in dict(rules[0].where):
            meant = self._before.sees(p, n)
        if meant and (is_done or rules[0].verb == "delete"):
            line["uid"] = f"uid-{meant}"
        if rules[0].verb == "update":
            line["seen"] = version_of(self._before.sees_version(p, n))
        if is_done and rules[0].verb != "delete":
            line["resourceVersion"] = version_of(self._after.version[n] or self._after.revision)
        if not is_event:
            line["code"] = (201 if rules[0].verb == "create" else 200) if is_done else 409
        yield line

    def _hear(self) -> Iterator[Line]:
        if not isinstance(self._after, Informers):
            return
        for p in self._after.processes:
            for n in self._after.names:
                was, now = (m.seen_uid[p][n] for m in (self._before, self._after))
                old, new = (m.seen_version[p][n] for m in (self._before, self._after))
                if (was, old) == (now, new):
                    continue
                verb = "DELETED" if not now else "ADDED" if not was else "MODIFIED"
                line: Line = {"heard": verb, "resource": PODS, "name": f"web-{int(n)}"}
                line |= {"uid": f"uid-{now or was}", "process": f"operator-{int(p)}"}
                if now:
                    line["resourceVersion"] = version_of(new)
                yield line


def told_runs(
    name: str,
    view: str,
    walks: int,
    seed: int,
    depth: int = 30,
    *,
    has_stored: bool = True,
    **sizes: int,
) -> Iterator[tuple[Walk, list[Line]]]:
    """Random runs with the traces that they would have left."""
    model = MODELS[name]
    constants = next(v.constants for v in Informers.views if v.name == view)
    instance = Instance(model, {**SIZES, **sizes, **constants})
    walker = Walker(instance, Plan(seed=seed, walks=walks, depth=depth, check_deadlock=False))
    telling = Telling(instance, has_stored=has_stored)
    for _, walk in walker.take_all():
        yield walk, telling.tell(walk)


def write(path: Path, lines: list[Line]) -> Path:
    """Write a trace."""
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path
