"""A cluster of servers that carries out the recorded operations of one scenario.

Messages are numbered as they are sent and wait until an operation delivers or drops them. A
server that is down, or does not exist, loses what is delivered to it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from planespec.reports.judge.raft.raft_json import (
    Json,
    parse_change,
    parse_configuration,
    print_entry,
    print_message,
    print_read,
    print_state,
)
from planespec.spec.raft.node import inputs
from planespec.spec.raft.node.inputs import tick
from planespec.spec.raft.node.messages import Entry, HardState, Message, Snapshot
from planespec.spec.raft.node.proposals import ProposalDroppedError
from planespec.spec.raft.node.server import (
    Outcome,
    Server,
    settle,
    snapshot_and_compact,
    start_server,
)
from planespec.spec.raft.node.state import Node, NodeConfig
from planespec.spec.raft.node.storage import Storage


class ImpossibleStepError(ValueError):
    """The operation cannot be carried out: there is no such server or message."""


@dataclass(slots=True)
class Oracle:
    """The election timeout that the record says was drawn last."""

    timeout: int = 0

    def draw(self) -> int:
        """Return it; every draw of one step is asked here, and only the last shows."""
        return self.timeout


class Cluster:
    """The servers of one scenario and the messages between them."""

    def __init__(
        self, record: Json, observer: Callable[[Node, str, object], None] | None = None
    ) -> None:
        """Set the cluster up as the scenario's `config` and `init` say.

        `observer` is told what its nodes do, at the points of their tracing.
        """
        self._observer = observer
        self._config = _parse_config(record["config"])
        self._oracle = Oracle()
        self._storages: dict[int, Storage] = {}
        self._servers: dict[int, Server] = {}
        self._messages: dict[int, Message] = {}
        self._sent = 0
        for name, state in record["init"].items():
            self._oracle.timeout = state["randomizedElectionTimeout"]
            self._create(int(name), _parse_initial_storage(record["config"]))

    @property
    def shortest_timeout(self) -> int:
        """The shortest election timeout that can be drawn, in ticks."""
        return self._config.election_tick

    def print_states(self) -> Json:
        """Write the state of every server that is up."""
        return {str(number): print_state(s.node) for number, s in self._servers.items()}

    def print_logs(self) -> Json:
        """Write the durable log of every server, also of those that are down."""
        return {
            str(number): {"log": [print_entry(entry) for entry in storage.entries]}
            for number, storage in self._storages.items()
        }

    def perform(self, step: Json) -> Json:
        """Carry out one recorded operation, and return what would have been recorded of it.

        Raises ImpossibleStepError for a server or message that is not there, Panic where the
        node gives up, and ValueError for an election timeout that cannot be drawn.
        """
        self._oracle.timeout = step.get("after", {}).get("randomizedElectionTimeout", 0)
        return _OPERATIONS[step["op"]](self, step)

    def _create(self, number: int, storage: Storage) -> Server:
        server = start_server(number, self._config, storage, self._oracle.draw, self._observer)
        self._storages[number], self._servers[number] = storage, server
        return server

    def _finish(self, server: Server, printed: Json) -> Json:
        outcome = settle(server)
        printed |= self._print_outcome(outcome)
        printed["after"] = print_state(server.node)
        return printed

    def _print_outcome(self, outcome: Outcome) -> Json:
        printed: Json = {}
        for message in outcome.sent:
            self._sent += 1
            self._messages[self._sent] = message
            printed.setdefault("sent", []).append(print_message(message, self._sent))
        if outcome.applied:
            printed["applied"] = [print_entry(entry) for entry in outcome.applied]
        if outcome.reads:
            printed["reads"] = [print_read(read) for read in outcome.reads]
        if outcome.restored is not None:
            index, term = outcome.restored.index, outcome.restored.term
            printed["snapshotRestored"] = {"index": index, "term": term}
        return printed

    def list_possible_steps(self) -> Iterator[Json]:
        """Yield operations that could come next, without `after`.

        Not all of them: proposals of data and reads change no membership, and of membership
        changes those that remove or demote voters, one at a time or all at once, are listed.
        """
        yield from ({"op": "deliver", "n": number} for number in self._messages)
        for number in self._storages:
            if number not in self._servers:
                yield {"op": "restart", "node": number}
                continue
            yield {"op": "tick", "node": number}
            yield {"op": "campaign", "node": number}
            voters = sorted(self._servers[number].node.configuration.voters)
            for name in ("ConfChangeRemoveNode", "ConfChangeAddLearnerNode"):
                changes = [{"node": voter, "type": name} for voter in voters]
                all_at_once = {"changes": changes, "transition": "ConfChangeTransitionAuto"}
                yield {"op": "proposeConfChange", "node": number, "ccv2": all_at_once}
                for change in changes:
                    yield {"op": "proposeConfChange", "node": number, "cc": change}

    def _tell(self, step: Json, tell: Callable[[Node], None]) -> Json:
        """Give one input to the node of the step; a refusal is recorded as `error`."""
        return self._give(self._get_server(step["node"]), _copy_question(step), tell)

    def _get_server(self, number: int) -> Server:
        if number not in self._servers:
            raise ImpossibleStepError(f"server {number} is not up")
        return self._servers[number]

    def _get_message(self, number: int) -> Message:
        if number not in self._messages:
            raise ImpossibleStepError(f"message {number} is not on its way")
        return self._messages[number]

    def _give(self, server: Server, printed: Json, tell: Callable[[Node], None]) -> Json:
        try:
            tell(server.node)
        except (ProposalDroppedError, inputs.StepRefusedError) as error:
            printed["error"] = str(error)
        return self._finish(server, printed)

    def _deliver(self, step: Json) -> Json:
        number = step["n"]
        message = self._get_message(number)
        printed: Json = {"op": "deliver", "n": number}
        if step.get("keep"):
            printed["keep"] = True
        else:
            del self._messages[number]
        server = self._servers.get(message.to)
        if server is None:
            return {**printed, "lost": True}
        printed["node"] = message.to
        return self._give(server, printed, lambda node: inputs.receive(node, message))

    def _drop(self, step: Json) -> Json:
        self._get_message(step["n"])
        del self._messages[step["n"]]
        return {"op": "drop", "n": step["n"]}

    def _crash(self, step: Json) -> Json:
        self._get_server(step["node"])
        del self._servers[step["node"]]
        return {"op": "crash", "node": step["node"]}

    def _restart(self, step: Json) -> Json:
        if step["node"] in self._servers or step["node"] not in self._storages:
            raise ImpossibleStepError(f"server {step['node']} is not down")
        server = self._create(step["node"], self._storages[step["node"]])
        printed = {"op": "restart", "node": step["node"]}
        printed["appliedIndex"] = server.node.log.applied
        return self._finish(server, printed)

    def _compact(self, step: Json) -> Json:
        server = self._get_server(step["node"])
        snapshot_and_compact(server, step["index"])
        printed = {"op": "snapshotCompact", "node": step["node"], "index": step["index"]}
        printed["snapshotIndex"] = server.storage.snapshot.index
        return self._finish(server, printed)

    def _propose_change(self, step: Json) -> Json:
        change, version = parse_change(step)
        printed = _copy_question(step)
        if "created" in step:
            printed["created"] = self._create_empty(step["created"])
        return self._give(
            self._get_server(step["node"]),
            printed,
            lambda node: inputs.propose_conf_change(node, change, version=version),
        )

    def _create_empty(self, created: Json) -> Json:
        """Create the server that the scenario adds, with nothing on its disk."""
        if created["id"] in self._storages:
            raise ImpossibleStepError(f"server {created['id']} exists already")
        after = self._oracle.timeout
        self._oracle.timeout = created["state"]["randomizedElectionTimeout"]
        server = self._create(created["id"], Storage())
        self._oracle.timeout = after
        return {"id": created["id"], "state": print_state(server.node)}


_QUESTION = ("op", "node", "to", "ctx", "data", "cc", "ccv2", "about", "ok")
"""Fields of a step that say what was done, not what came of it."""


def _copy_question(step: Json) -> Json:
    return {name: step[name] for name in _QUESTION if name in step}


def _parse_config(record: Json) -> NodeConfig:
    return NodeConfig(
        election_tick=record["electionTick"],
        heartbeat_tick=record["heartbeatTick"],
        max_inflight=record["maxInflightMsgs"],
        pre_vote=record["preVote"],
        check_quorum=record["checkQuorum"],
    )


def _parse_initial_storage(record: Json) -> Storage:
    index, term = record["initialSnapshot"]["index"], record["initialSnapshot"]["term"]
    snapshot = Snapshot(index, term, parse_configuration(record))
    return Storage(HardState(), snapshot, Entry(index=index, term=term))


_OPERATIONS: dict[str, Callable[[Cluster, Json], Json]] = {
    "tick": lambda self, step: self._tell(step, tick),
    "campaign": lambda self, step: self._tell(step, inputs.campaign),
    "propose": lambda self, step: self._tell(
        step, lambda node: inputs.propose_data(node, step["data"])
    ),
    "readIndex": lambda self, step: self._tell(
        step, lambda node: inputs.read_index(node, step["ctx"])
    ),
    "transferLeader": lambda self, step: self._tell(
        step, lambda node: inputs.transfer_leader(node, step["to"])
    ),
    "reportUnreachable": lambda self, step: self._tell(
        step, lambda node: inputs.report_unreachable(node, step["about"])
    ),
    "reportSnapshot": lambda self, step: self._tell(
        step, lambda node: inputs.report_snapshot(node, step["about"], arrived=step["ok"])
    ),
    "proposeConfChange": Cluster._propose_change,
    "deliver": Cluster._deliver,
    "drop": Cluster._drop,
    "crash": Cluster._crash,
    "restart": Cluster._restart,
    "snapshotCompact": Cluster._compact,
}
"""What each recorded operation does."""
