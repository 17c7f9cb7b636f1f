"""The arguments of the commands of a transcript.

Source: go.etcd.io/raft v3.6 (rafttest/interaction_env_handler*.go).
"""

from planespec.reports.judge.datadriven import Argument
from planespec.reports.judge.raft.raft_quorum_changes import FALSE, TRUE
from planespec.spec.raft.confchange import Configuration
from planespec.spec.raft.node.messages import Snapshot
from planespec.spec.raft.node.state import NodeConfig, ReadOnlyOption

Arguments = tuple[Argument, ...]


def get_numbers(arguments: Arguments) -> list[int]:
    """Return the nodes that a command names; ValueError for what is no number."""
    return [parse_number(argument.key) for argument in arguments if not argument.values]


def parse_number(text: str) -> int:
    """Read a number; ValueError when it is none."""
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{text!r} is not a number")
    return int(text)


def _parse_flag(text: str) -> bool:
    if text not in TRUE + FALSE:
        raise ValueError(f"{text!r} is neither true nor false")
    return text in TRUE


_FLAGS = {
    "async-storage-writes": "asynchronous_storage",
    "prevote": "pre_vote",
    "checkquorum": "check_quorum",
    "step-down-on-removal": "step_down_on_removal",
}


def parse_nodes(arguments: Arguments) -> tuple[NodeConfig, Snapshot]:
    """Read how new nodes are set up, and the snapshot that they begin with.

    ValueError for an argument that is unknown or malformed, or of which the library makes nothing.
    """
    members: dict[str, frozenset[int]] = {}
    index, options = 0, {"election_tick": 3, "max_inflight": 2**31 - 1}
    read_only = ReadOnlyOption.SAFE
    for key, values in ((argument.key, argument.values) for argument in arguments):
        match key:
            case "voters" | "learners":
                members[key] = frozenset(map(parse_number, values))
            case "index":
                index = parse_number(values[0])
            case "inflight":
                options["max_inflight"] = parse_number(values[0])
            case "content":
                continue
            case "read-only":
                read_only = _parse_read_only(values[0])
            case "disable-conf-change-validation":
                options["validate_conf_changes"] = not _parse_flag(values[0])
            case "max-committed-size-per-ready":
                options["apply_one_by_one"] = _parse_smallest_limit(values[0])
            case _ if key in _FLAGS:
                options[_FLAGS[key]] = _parse_flag(values[0])
            case _:
                raise ValueError(f"unknown argument {key!r} of add-nodes")
    config = NodeConfig(**options, read_only_option=read_only)  # type: ignore[arg-type]
    if not members and not index:
        return config, Snapshot()
    nobody: frozenset[int] = frozenset()
    voters, learners = members.get("voters", nobody), members.get("learners", nobody)
    return config, Snapshot(index, 1, Configuration(voters=voters, learners=learners))


_READ_ONLY = {"safe": ReadOnlyOption.SAFE, "lease-based": ReadOnlyOption.LEASE_BASED}


def _parse_read_only(text: str) -> ReadOnlyOption:
    if text not in _READ_ONLY:
        raise ValueError(f"invalid read-only option {text!r}; known: {', '.join(_READ_ONLY)}")
    return _READ_ONLY[text]


def _parse_smallest_limit(text: str) -> bool:
    if text != "1":
        raise ValueError("sizes of entries are left out, so the only limit that is known is 1")
    return True
