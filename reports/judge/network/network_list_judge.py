"""Judge of lines of kind `chain` of `cni` recordings: lists of plugins that libcni runs.

A line is `{"kind", "plugins", "libcni", "steps"}`. A step is an operation (`request`, `list`, or
`same` as in the step before, `answer`) or a change by hand (`tamper`, `ns`), each with the node
after it (`after`). An operation is a case: its answer, the plugins that were run with what they
were given and printed, and the node after it.

What upstream draws at random (MAC addresses, names of pairs) may be anything that is new. Which
MAC address is the lowest, and so a bridge's, may be any that agrees with what was seen before.
When the kernel takes away the ends on the host of a namespace that is gone is open, and what a
change of sysctls set. Links, queues and capabilities, which upstream lists by random names or in
random order, are compared by name.
"""

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from planespec.reports.judge.network.node_recording import (
    RecordedChance,
    RecordedNames,
    find_space,
    list_links,
    order_parts,
    take_over,
    tell_node,
)
from planespec.reports.judge.runner import Comparison, are_alike, compare, part_answers
from planespec.spec.network.chained.interface_setup import Node
from planespec.spec.network.chained.list_operations import ListRunError, ListRunner
from planespec.spec.network.chained.network_links import Namespace, Network
from planespec.spec.network.chained.network_lists import Attaching, ListError, read_list
from planespec.spec.objects.view import ObjectError, View

_SPACES = ("a", "b", "c")
"""The namespaces that every line starts with."""
_OPERATIONS = ("ADD", "CHECK", "DEL", "GC", "STATUS", "VALIDATE")
_SAME = "same"
_SYSCTL = re.compile(r"configured value of /proc/sys/(\S+) is \S+, current value is (\S+)$")


def judge_chain(where: str, line: View) -> Iterator[Comparison]:
    """Yield one comparison for each operation of a line; ObjectError where it is malformed."""
    recorded = _RecordedChain()
    for step in line.views("steps"):
        found = recorded.judge_step(where, step.needing("after"))
        if found:
            yield found


def _make_runner() -> ListRunner:
    network = Network(RecordedChance())
    network.set_up("", "lo")
    for name in _SPACES:
        network.spaces[find_space(name)] = Namespace()
    return ListRunner(Node(network))


@dataclass(slots=True)
class _RecordedChain:
    """What is carried from step to step."""

    runner: ListRunner = field(default_factory=_make_runner)
    raw_list: dict[str, object] = field(default_factory=dict)
    doomed: set[str] = field(default_factory=set)
    """Ends on the host of pairs whose namespace is gone, which the kernel takes away yet."""
    unsure: set[str] = field(default_factory=set)
    """Namespaces of which somebody changed sysctls, to values that are not told."""

    def judge_step(self, where: str, step: View) -> Comparison | None:
        """Return what is compared of a step; None for a change by hand."""
        after = step.view("after")
        if step.has("tamper"):
            self._change(step, after)
            return None
        if step.data.get("list") != _SAME:
            self.raw_list = dict(step.view("list").data)
        request = step.needing("request", "answer").view("request")
        operation = request.text("op")
        if operation not in _OPERATIONS:
            raise ObjectError(request.path("op"), f"must be one of {', '.join(_OPERATIONS)}")
        expected: dict[str, object] = {"answer": _order_answer(step.view("answer").data)}
        expected["after"] = order_parts(after.data)
        given = part_answers(step.data, ("answer", "after"))[0] | {"list": self.raw_list}
        actual = self._find_actual(step, request, expected)
        return compare(f"chain {operation}", where, given, expected, actual)

    def _find_actual(
        self, step: View, request: View, expected: dict[str, object]
    ) -> dict[str, object]:
        """Return what comes of an operation: as recorded, if that can come of it."""
        first: tuple[dict[str, object], ListRunner] | None = None
        for is_late in (False, True) if self.doomed else (False,):
            runner = copy.deepcopy(self.runner)
            actual = self._run(runner, step, request, is_late=is_late)
            if are_alike(expected, actual):
                self._keep(runner, step)
                return actual
            first = first or (actual, runner)
        assert first is not None
        self._keep(first[1], step)
        take_over(self.runner.node, self._names, step.view("after"))
        return first[0]

    @property
    def _names(self) -> RecordedNames:
        chance = self.runner.node.network.chance
        assert isinstance(chance, RecordedChance)
        return chance.names

    def _keep(self, runner: ListRunner, step: View) -> None:
        self.runner = runner
        links = runner.node.network.host.links
        self.doomed = {name for name in self.doomed if name in links}

    def _run(
        self, runner: ListRunner, step: View, request: View, *, is_late: bool
    ) -> dict[str, object]:
        """Run an operation; `is_late`: what is doomed goes after it, else before it."""
        after = step.view("after")
        chance = _prepare(runner, step)
        self._take_sysctl(runner, step, request)
        runner.runs.clear()
        if not is_late:
            self._drop_doomed(runner, after)
        answer = _operate(runner, request, self.raw_list)
        if is_late:
            self._drop_doomed(runner, after)
        runs = [each.to_json() for each in runner.runs]
        answer = {"calls": runs or None, **answer}
        with_rules = after.has("nat") or after.has("qdisc")
        told = tell_node(runner.node, runner.cache, with_rules=with_rules)
        self._pass_over_doomed(told, after)
        _bind_texts(chance, answer, told, step)
        return {"answer": chance.names.rename(answer), "after": _reorder(chance, told)}

    def _take_sysctl(self, runner: ListRunner, step: View, request: View) -> None:
        """Take over the value of a sysctl that somebody may have changed, where it is told."""
        path = request.text("netns")
        found = _SYSCTL.search(step.view("answer").text("error"))
        if found and path in self.unsure and path in runner.node.network.spaces:
            runner.node.network.spaces[path].sysctls[found[1]] = found[2]

    def _drop_doomed(self, runner: ListRunner, after: View) -> None:
        there = {each.text("if") for each in after.views("host")}
        for name in sorted(self.doomed - there):
            if name in runner.node.network.host.links:
                runner.node.network.remove("", name)

    def _pass_over_doomed(self, told: dict[str, object], after: View) -> None:
        """Leave out queues of links that went between the two listings."""
        queues = told.get("qdisc")
        recorded = {
            str(each[0]) for each in after.items("qdisc") if isinstance(each, list) and each
        }
        if isinstance(queues, list):
            gone = self.doomed - recorded
            told["qdisc"] = [each for each in queues if each[0] not in gone]

    def _change(self, step: View, after: View) -> None:
        """Take over a change by hand, with what it changes that is not told."""
        kind, space = step.text("tamper"), find_space(step.text("ns"))
        node = self.runner.node
        chance = _prepare(self.runner, step)
        if kind.startswith("delns") and space in node.network.spaces:
            self.doomed |= set(node.network.remove_space(space))
        if kind == "badcache":
            self.runner.cache = dict.fromkeys(self.runner.cache)
        if kind == "sysctl" and space in node.network.spaces:
            self.unsure.add(space)
        there = list_links(chance.names, after.views("host"))
        for name in [name for name in node.network.host.links if name not in there]:
            if name in node.network.host.links:
                _remove_gone(node, name)
        take_over(node, chance.names, after)
        names = {each.removeprefix("results/") for each in after.texts("cache")}
        self.runner.cache = {n: c for n, c in self.runner.cache.items() if n in names}
        self.doomed &= set(node.network.host.links)


def _remove_gone(node: Node, name: str) -> None:
    links = node.network.host.links
    ports = [each for each in links.values() if each.master == name]
    node.network.remove("", name)
    for port in ports:
        port.master = ""


def _prepare(runner: ListRunner, step: View) -> RecordedChance:
    chance = runner.node.network.chance
    assert isinstance(chance, RecordedChance)
    chance.after = step.view("after")
    chance.answer = step.view("answer") if step.has("answer") else View({})
    chance.bridges = {
        each.text("if"): each.text("mac")
        for each in chance.after.views("host")
        if each.data.get("kind") == "bridge"
    }
    return chance


def _operate(runner: ListRunner, request: View, raw: dict[str, object]) -> dict[str, object]:
    try:
        network = read_list(raw)
    except ListError as error:
        return {"configError": True, "error": str(error)}
    attaching = Attaching(
        request.text("containerID"),
        request.text("netns"),
        request.text("ifName"),
        tuple(_read_pair(each) for each in request.items("args")),
        request.view("caps").data,
    )
    operation = request.text("op")
    try:
        if operation == "ADD":
            return {"result": runner.add(network, attaching)}
        if operation == "CHECK":
            runner.check(network, attaching)
        elif operation == "DEL":
            runner.delete(network, attaching)
        elif operation == "GC":
            runner.collect(network, [each.data for each in request.views("valid")])
        elif operation == "STATUS":
            runner.get_status(network)
        else:
            return {"capabilities": list(runner.validate(network))}
    except ListRunError as error:
        told: dict[str, object] = {"error": str(error)}
        if operation == "VALIDATE":
            told["capabilities"] = None
        return told | ({} if error.code is None else {"code": error.code})
    return {}


def _read_pair(pair: object) -> tuple[str, str]:
    if not isinstance(pair, list) or len(pair) != 2:
        raise ObjectError(".request.args", "must be a list of pairs of texts")
    return str(pair[0]), str(pair[1])


def _order_answer(answer: Mapping[str, object]) -> dict[str, object]:
    told = dict(answer)
    listed = told.get("capabilities")
    if isinstance(listed, list):
        told["capabilities"] = sorted(map(str, listed))
    return told


def _bind_texts(
    chance: RecordedChance, answer: dict[str, object], told: dict[str, object], step: View
) -> None:
    """Take names that are hashes for those that are recorded in the same places."""
    chance.names.bind(str(answer.get("error", "")), step.view("answer").text("error"))
    rules, recorded = told.get("nat"), step.view("after").texts("nat")
    if isinstance(rules, list):
        for ours, theirs in zip(rules, recorded, strict=False):
            chance.names.bind(str(ours), theirs)


def _reorder(chance: RecordedChance, told: dict[str, object]) -> dict[str, object]:
    renamed = chance.names.rename(told)
    assert isinstance(renamed, dict)
    return order_parts(renamed)
