"""The steps a hunt is made of; revisions are counted back from the latest one acknowledged."""

import time
from dataclasses import dataclass
from typing import Any

from planespec.reports.live.etcd.client import NoAnswerError
from planespec.reports.live.etcd.lab import Lab, OpenWatch, as_watch_body
from planespec.reports.live.etcd.process import START_SECONDS, Member, get_free_ports
from planespec.reports.live.etcd.watching import WatchStream
from planespec.spec.etcd.requests import DeleteRange, Put
from planespec.spec.etcd.watch import SeenWatch


@dataclass(frozen=True)
class Write:
    """Put a key."""

    key: str

    def run(self, lab: Lab) -> str:
        """Put it with a value that occurs once."""
        key, value = lab.prefix + self.key, f"v{lab.revision + 1}"
        return f"put {key} {value} -> revision {lab.write(Put(key, value))}"


@dataclass(frozen=True)
class Erase:
    """Delete a key."""

    key: str

    def run(self, lab: Lab) -> str:
        """Delete it if it is there."""
        key = lab.prefix + self.key
        return f"delete {key} -> revision {lab.write(DeleteRange(key))}"


@dataclass(frozen=True)
class CompactAt:
    """Compact `back` revisions before the latest, through one of the members."""

    back: int = 0
    physical: bool = False
    member: int = 0

    def run(self, lab: Lab) -> str:
        """Compact; a refusal, as of a revision compacted before, is part of the history."""
        revision = lab.revision - self.back
        body = {"revision": str(revision), "physical": self.physical}
        gateway = lab.gateways[self.member % len(lab.gateways)]
        status, answer = gateway.call("kv/compaction", body)
        how = " physical" if self.physical else ""
        refusal = "" if status == 200 else f" -> {answer.get('error')}"
        return f"compact {revision}{how}{_through(lab, self.member)}{refusal}"


@dataclass(frozen=True)
class PutAndReadAt:
    """A transaction that puts a key and reads it `back` revisions before the latest."""

    key: str
    back: int
    member: int = 0

    def run(self, lab: Lab) -> str:
        """Run the transaction; a refusal is part of the history."""
        key, revision = lab.prefix + self.key, lab.revision - self.back
        put = {"request_put": {"key": key, "value": "txn"}}
        read = {"request_range": {"key": key, "revision": str(revision)}}
        gateway = lab.gateways[self.member % len(lab.gateways)]
        _, answer = gateway.call("kv/txn", {"success": [put, read]})
        if "header" in answer:
            lab.revision = int(answer["header"]["revision"])
        said = answer.get("error") or f"revision {lab.revision}"
        through = _through(lab, self.member)
        return f"txn: put {key}, get {key} at revision {revision}{through} -> {said}"


@dataclass(frozen=True)
class Watch:
    """Watch all keys from `back` revisions before the latest; negative is the future.

    None is the first revision of the sequence.
    """

    back: int | None = None
    progress: bool = False

    def run(self, lab: Lab) -> str:
        """Open the watch; it is read when the sequence is over."""
        start = lab.first_revision if self.back is None else lab.revision - self.back
        request = SeenWatch(lab.prefix, start, with_prefix=True)
        body = as_watch_body(request)
        stream = WatchStream(lab.gateways[0], body, progress=self.progress)
        lab.open_watches.append(OpenWatch(stream, request, self.progress))
        asking = " and ask for progress" if self.progress else ""
        return f"watch {lab.prefix} --prefix from revision {request.revision}{asking}"


@dataclass(frozen=True)
class Wait:
    """Do nothing for a while."""

    seconds: float

    def run(self, lab: Lab) -> str:
        """Sleep."""
        time.sleep(self.seconds)
        return f"wait {self.seconds:g} s"


@dataclass(frozen=True)
class Crash:
    """Kill the first member with SIGKILL and start it again."""

    def run(self, lab: Lab) -> str:
        """Kill, restart and say where it stands afterwards."""
        lab.members[0].kill()
        lab.gateways[0].close()
        lab.members[0].restart()
        return f"SIGKILL {lab.members[0].name}, restart -> revision {lab.get_revisions()[0]}"


@dataclass(frozen=True)
class AddLearner:
    """Add a member that does not vote yet; `start` starts it too."""

    start: bool = True

    def run(self, lab: Lab) -> str:
        """Add it under a free port of loopback."""
        first = lab.members[0]
        ports = get_free_ports(2)
        name = f"m{len(lab.members)}"
        learner = Member(
            first.binary, name, first.folder, ports[0], ports[1], first.flags, state="existing"
        )
        body = {"peerURLs": [learner.peer_url], "isLearner": True}
        lab.gateways[0].require("cluster/member/add", body)
        learner.initial = f"{first.initial},{name}={learner.peer_url}"
        lab.members.append(learner)
        if self.start:
            learner.start()
        return f"member add {name} --learner" + (", start it" if self.start else "")


@dataclass(frozen=True)
class Promote:
    """Make the learner a voter, once it has caught up."""

    def run(self, lab: Lab) -> str:
        """Ask until it is accepted; raises NoAnswerError when it is not in time."""
        deadline = time.monotonic() + START_SECONDS
        body = {"ID": get_learner(lab)["ID"]}
        while True:
            try:
                lab.gateways[0].require("cluster/member/promote", body)
            except NoAnswerError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return f"member promote {lab.members[-1].name}"


@dataclass(frozen=True)
class UpdateLearner:
    """Update the peer URLs of the learner to what they are."""

    def run(self, lab: Lab) -> str:
        """Send the update."""
        body = {"ID": get_learner(lab)["ID"], "peerURLs": [lab.members[-1].peer_url]}
        lab.gateways[0].require("cluster/member/update", body)
        return f"member update {lab.members[-1].name} --peer-urls (those it has)"


@dataclass(frozen=True)
class StopAll:
    """Stop every member in order, so that its file is written; keep what the list said last."""

    def run(self, lab: Lab) -> str:
        """Send SIGTERM and wait."""
        lab.listed = lab.gateways[0].require("cluster/member/list", {})["members"]
        for member in lab.members:
            member.stop()
        return "stop all members"


def get_learner(lab: Lab) -> dict[str, Any]:
    """Return what the member list says of the member added last.

    Raises NoAnswerError where none was added.
    """
    listed = lab.gateways[0].require("cluster/member/list", {})["members"]
    url = lab.members[-1].peer_url
    found = [each for each in listed if url in each["peerURLs"]]
    if len(lab.members) == len(lab.gateways) or not found:
        raise NoAnswerError("no learner was added")
    return dict(found[0])


def _through(lab: Lab, member: int) -> str:
    size = len(lab.gateways)
    return f" through m{member % size}" if size > 1 else ""
