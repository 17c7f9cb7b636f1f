"""Judge of the interaction transcripts of etcd-io/raft: commands to nodes, and what they print.

The specification's nodes are driven through the commands from the top of the file, and all that
is printed is compared line by line: roles, work for the host, messages, and the library's own
log. Kinds: the commands. Source: go.etcd.io/raft v3.6 (rafttest, testdata/*.txt).
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from planespec.checker.errors import InputError
from planespec.reports.judge.datadriven import Argument, Case, parse_directive, read_cases
from planespec.reports.judge.raft.raft_descriptions import (
    TRANSITIONS,
    Arguments,
    describe_entry,
    describe_message,
    get_numbers,
    parse_nodes,
    parse_number,
)
from planespec.reports.judge.raft.raft_quorum_changes import (
    TRUE,
    UnreadableChangeError,
    parse_changes,
    print_progress,
)
from planespec.reports.judge.raft.raft_rehearsal import LEVELS, Actor, Rehearsal
from planespec.reports.judge.runner import Comparison, compare
from planespec.spec.raft.confchange import get_voters
from planespec.spec.raft.node import inputs
from planespec.spec.raft.node import storage as durable
from planespec.spec.raft.node.inputs import tick
from planespec.spec.raft.node.log import Panic
from planespec.spec.raft.node.messages import NO_SNAPSHOT, ConfChange, Message, MessageType
from planespec.spec.raft.node.proposals import ProposalDroppedError
from planespec.spec.raft.node.state import Role


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each case of the transcript at `path`.

    Raises InputError for a command or an argument that transcripts do not have, or that the
    specification leaves out.
    """
    transcript = Transcript()
    for case in read_cases(path):
        try:
            answer = transcript.answer(case)
        except (ValueError, IndexError) as error:
            reason = "an argument is missing" if isinstance(error, IndexError) else str(error)
            raise InputError(reason, file=path, line=case.line, text=case.directive) from error
        yield compare(
            case.command,
            f"{path}:{case.line}",
            {"directive": case.directive, "input": case.input},
            case.expected.splitlines(),
            answer.splitlines(),
        )


class RefusedError(Exception):
    """The command was refused; the message is what is printed of it."""


class Transcript:
    """The nodes of one transcript, as far as its cases were carried out."""

    def __init__(self) -> None:
        self._rehearsal = Rehearsal()
        self._printer = self._rehearsal.printer

    def answer(self, case: Case) -> str:
        """Carry out one case and return what it prints; ValueError for a bad argument."""
        self._printer.text = ""
        refusal = self._perform_all(case)
        if self._printer.is_quiet and refusal:
            return refusal
        self._printer.write(refusal)
        return self._printer.text or "ok"

    def _perform_all(self, case: Case) -> str:
        """Lines of input are further commands, except those of a membership change."""
        if case.command == "propose-conf-change":
            return _report(lambda: self._propose_change(case))
        commands = [(case.command, case.arguments), *map(parse_directive, case.input.splitlines())]
        refusal = ""
        for number, (command, arguments) in enumerate(commands):
            if command not in COMMANDS:
                known = ", ".join(sorted([*COMMANDS, "propose-conf-change"]))
                raise ValueError(f"unknown command {command!r}; known: {known}")
            perform = COMMANDS[command]
            refusal = _report(lambda: perform(self, arguments))  # noqa: B023
            if refusal and (number == 0 or self._printer.is_quiet):
                return refusal
            if number:
                self._printer.write(refusal)
                refusal = ""
        return refusal

    def _get_actors(self, arguments: Arguments) -> list[Actor]:
        return [self._get_actor(number) for number in get_numbers(arguments)]

    def _get_actor(self, number: int) -> Actor:
        actors = self._rehearsal.actors
        if not 1 <= number <= len(actors):
            raise ValueError(f"there is no node {number}; nodes are added with add-nodes")
        return actors[number - 1]

    def _get_first(self, arguments: Arguments) -> Actor:
        return self._get_actor(parse_number(arguments[0].key))

    def _propose_change(self, case: Case) -> None:
        options = {argument.key: argument.values[-1] for argument in case.arguments[1:]}
        transition = options.get("transition", "auto")
        if transition not in TRANSITIONS:
            raise RefusedError(f"unknown transition {transition}")
        is_v1 = options.get("v1") in TRUE
        changes = tuple(parse_changes(case.input))
        if is_v1 and (len(changes) != 1 or transition != "auto"):
            raise RefusedError("v1 conf change can only have one operation and no transition")
        change = ConfChange(changes, TRANSITIONS[transition])
        node = self._get_first(case.arguments).node
        inputs.propose_conf_change(node, change, version=1 if is_v1 else 2)

    def _add_nodes(self, arguments: Arguments) -> None:
        config, snapshot = parse_nodes(arguments[1:])
        if snapshot != NO_SNAPSHOT and snapshot.index <= 1:
            raise RefusedError("index must be specified as > 1 due to bootstrap")
        for _ in range(parse_number(arguments[0].key)):
            self._rehearsal.add(config, snapshot)

    def _set_level(self, arguments: Arguments) -> None:
        name = arguments[0].key.upper()
        if name not in LEVELS:
            raise RefusedError(f"log levels must be either of [{' '.join(LEVELS)}]")
        self._printer.level = LEVELS.index(name)

    def _stabilize(self, arguments: Arguments) -> None:
        everyone = list(range(1, len(self._rehearsal.actors) + 1))
        numbers, level = get_numbers(arguments) or everyone, self._printer.level
        for number in numbers:
            self._get_actor(number)
        for argument in arguments:
            if argument.key == "log-level":
                self._set_level((Argument(argument.values[-1]),))
        self._rehearsal.stabilize(numbers)
        self._printer.level = level

    def _deliver(self, arguments: Arguments) -> None:
        kind, count = None, 0
        for argument in arguments:
            if argument.key == "type":
                kind = MessageType(argument.values[0])
        for argument in arguments:
            if not argument.values:
                number = parse_number(argument.key)
                self._get_actor(number)
                count += self._rehearsal.deliver(number, kind, drop=False)
            elif argument.key == "drop":
                for value in argument.values:
                    count += self._rehearsal.deliver(parse_number(value), kind, drop=True)
        if not count:
            self._printer.write("no messages\n")

    def _for_each(
        self, arguments: Arguments, title: str, perform: Callable[[Actor], None]
    ) -> None:
        actors = self._get_actors(arguments)
        for actor in actors:
            if len(actors) == 1:
                perform(actor)
                continue
            self._printer.write(f"> {actor.node.id} {title}\n")
            with self._printer.indent():
                perform(actor)

    def _process_ready(self, arguments: Arguments) -> None:
        self._for_each(arguments, "handling Ready", self._rehearsal.process_ready)

    def _process_append(self, arguments: Arguments) -> None:
        self._for_each(arguments, "processing append thread", self._rehearsal.process_append)

    def _process_apply(self, arguments: Arguments) -> None:
        self._for_each(arguments, "processing apply thread", self._rehearsal.process_apply)

    def _campaign(self, arguments: Arguments) -> None:
        inputs.campaign(self._get_first(arguments).node)

    def _propose(self, arguments: Arguments) -> None:
        data = arguments[1].key if len(arguments) > 1 else ""
        inputs.propose_data(self._get_first(arguments).node, data)

    def _compact(self, arguments: Arguments) -> None:
        storage, index = self._get_first(arguments).storage, parse_number(arguments[1].key)
        if index <= storage.compacted.index:
            raise RefusedError("requested index is unavailable due to compaction")
        durable.compact(storage, index)
        self._print_log(arguments)

    def _tick_election(self, arguments: Arguments) -> None:
        node = self._get_first(arguments).node
        for _ in range(node.config.election_tick):
            tick(node)

    def _tick_heartbeat(self, arguments: Arguments) -> None:
        node = self._get_first(arguments).node
        for _ in range(node.config.heartbeat_tick):
            tick(node)

    def _set_timeout(self, arguments: Arguments) -> None:
        (value,) = (a.values[0] for a in arguments if a.key == "timeout")
        self._get_first(arguments).node.randomized_election_timeout = parse_number(value)

    def _transfer(self, arguments: Arguments) -> None:
        given = {argument.key: parse_number(argument.values[0]) for argument in arguments}
        if {"from", "to"} - given.keys():
            raise ValueError("transfer-leadership takes from=NODE and to=NODE")
        inputs.transfer_leader(self._get_actor(given["from"]).node, given["to"])

    def _forget(self, arguments: Arguments) -> None:
        inputs.forget_leader(self._get_first(arguments).node)

    def _report_unreachable(self, arguments: Arguments) -> None:
        source, target = get_numbers(arguments)
        inputs.report_unreachable(self._get_actor(source).node, target)

    def _send_snapshot(self, arguments: Arguments) -> None:
        source, target = get_numbers(arguments)
        actor = self._get_actor(source)
        message = Message(MessageType.SNAP, target, source, actor.node.term, snapshot=actor.latest)
        self._rehearsal.messages.append(message)
        self._printer.write(describe_message(message))

    def _print_status(self, arguments: Arguments) -> None:
        node = self._get_first(arguments).node
        if node.role is Role.LEADER:
            for member, progress in sorted(node.progress.items()):
                self._printer.write(f"{member}: {print_progress(progress)}\n")

    def _print_states(self, _: Arguments) -> None:
        for actor in self._rehearsal.actors:
            node = actor.node
            votes = "(Voter)" if node.id in get_voters(node.configuration) else "(Non-Voter)"
            self._printer.write(
                f"{node.id}: {node.role} {votes} Term:{node.term} Lead:{node.lead}\n"
            )

    def _print_log(self, arguments: Arguments) -> None:
        storage = self._get_first(arguments).storage
        first, last = durable.get_first_index(storage), durable.get_last_index(storage)
        if last < first:
            self._printer.write(f"log is empty: first index={first}, last index={last}")
        for entry in storage.entries:
            self._printer.write(f"{describe_entry(entry)}\n")


COMMANDS: dict[str, Callable[[Transcript, Arguments], None]] = {
    "add-nodes": Transcript._add_nodes,
    "campaign": Transcript._campaign,
    "compact": Transcript._compact,
    "deliver-msgs": Transcript._deliver,
    "forget-leader": Transcript._forget,
    "log-level": Transcript._set_level,
    "process-append-thread": Transcript._process_append,
    "process-apply-thread": Transcript._process_apply,
    "process-ready": Transcript._process_ready,
    "propose": Transcript._propose,
    "raft-log": Transcript._print_log,
    "raft-state": Transcript._print_states,
    "report-unreachable": Transcript._report_unreachable,
    "send-snapshot": Transcript._send_snapshot,
    "set-randomized-election-timeout": Transcript._set_timeout,
    "stabilize": Transcript._stabilize,
    "status": Transcript._print_status,
    "tick-election": Transcript._tick_election,
    "tick-heartbeat": Transcript._tick_heartbeat,
    "transfer-leadership": Transcript._transfer,
}
"""The commands, beside `propose-conf-change`, which takes its input for the change."""


def _report(perform: Callable[[], None]) -> str:
    """Return what is printed of a refusal; empty when there was none."""
    try:
        perform()
    except (RefusedError, ProposalDroppedError, UnreadableChangeError, Panic) as refusal:
        return str(refusal)
    return ""
