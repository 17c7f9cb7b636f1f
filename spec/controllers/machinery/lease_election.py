"""Leader election over a Lease: candidates that try to get it or to renew it.

No candidate compares its clock with another's: each measures, by its own, how long ago it saw the
lease change. The lease is written with the resource version that was read, so that of two writers
one fails.

Source: Kubernetes v1.36, `client-go/tools/leaderelection/leaderelection.go`, and
`resourcelock/leaselock.go`. Times are seconds of the candidate's own clock. Left out: coordinated
election (`tryCoordinatedRenew`), and the loops around these attempts.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import floor


@dataclass(frozen=True, slots=True)
class ElectionRecord:
    """What a Lease says (`LeaderElectionRecord`); nobody holds it where `holder` is empty."""

    holder: str = ""
    lease_duration: int = 0
    acquire_time: float = 0
    renew_time: float = 0
    transitions: int = 0

    def as_read(self) -> "ElectionRecord":
        """The record as it is compared: written as JSON, times are whole seconds."""
        acquired, renewed = floor(self.acquire_time), floor(self.renew_time)
        return replace(self, acquire_time=acquired, renew_time=renewed)


@dataclass(frozen=True, slots=True)
class Lease:
    """The object at the API server."""

    record: ElectionRecord
    version: int
    uid: int


class RequestError(Exception):
    """The API server refused, or nothing was heard of it."""


class LeaseNotFoundError(RequestError):
    """There is no such object."""


@dataclass(slots=True)
class LeaseServer:
    """The API server with one Lease, which anybody may delete."""

    lease: Lease | None = None
    versions: int = 0
    uids: int = 0

    def delete(self) -> None:
        """Delete the object."""
        self.lease = None

    def get(self) -> Lease:
        """Read it; LeaseNotFoundError where it is not."""
        if self.lease is None:
            raise LeaseNotFoundError
        return self.lease

    def create(self, record: ElectionRecord) -> Lease:
        """Make it; RequestError where it is already."""
        if self.lease is not None:
            raise RequestError
        self.versions, self.uids = self.versions + 1, self.uids + 1
        self.lease = Lease(record, self.versions, self.uids)
        return self.lease

    def update(self, seen: Lease, record: ElectionRecord) -> Lease:
        """Write it as it was seen; RequestError where it is another since, or is not."""
        if self.lease is None or (self.lease.version, self.lease.uid) != (seen.version, seen.uid):
            raise RequestError
        self.versions += 1
        self.lease = Lease(record, self.versions, seen.uid)
        return self.lease


@dataclass(slots=True)
class LostRequests:
    """The way to the server: `down`, nothing arrives; otherwise answers to writes are lost."""

    server: LeaseServer
    is_down: bool

    def get(self) -> Lease:
        """Read, unless nothing arrives."""
        if self.is_down:
            raise RequestError
        return self.server.get()

    def create(self, record: ElectionRecord) -> Lease:
        """Create, and hear nothing of it."""
        return self._lose(lambda: self.server.create(record))

    def update(self, seen: Lease, record: ElectionRecord) -> Lease:
        """Write, and hear nothing of it."""
        return self._lose(lambda: self.server.update(seen, record))

    def _lose(self, write: Callable[[], Lease]) -> Lease:
        if not self.is_down:
            write()
        raise RequestError


Requests = LeaseServer | LostRequests


@dataclass(slots=True)
class Candidate:
    """`LeaderElector`: what one candidate has seen, and when."""

    identity: str
    lease_duration: int
    observed: ElectionRecord = field(default_factory=ElectionRecord)
    observed_at: float | None = None
    read: ElectionRecord | None = None
    """The record as it was read last, and not written by itself (`observedRawRecord`)."""
    lease: Lease | None = None
    """The object that the next write begins from."""

    @property
    def is_leader(self) -> bool:
        """Whether it believes that it leads (`IsLeader`), valid lease or not."""
        return self.observed.holder == self.identity

    def is_lease_valid(self, now: float) -> bool:
        """Whether the lease it saw last has not run out (`isLeaseValid`)."""
        if self.observed_at is None:
            return False
        return self.observed_at + self.observed.lease_duration > now

    def try_acquire_or_renew(self, requests: Requests, now: float) -> bool:
        """Try to become or to stay the leader; whether it is then (`tryAcquireOrRenew`).

        A leader writes without reading. Where that fails it reads, and what it writes then still
        has the times of its old term, even if it has to make the object anew.
        """
        wanted = ElectionRecord(self.identity, self.lease_duration, now, now)
        if self.is_leader and self.is_lease_valid(now):
            wanted = self._succeed(self.observed, wanted)
            if self._write(requests, wanted, now):
                return True
        try:
            found = self._get(requests)
        except LeaseNotFoundError:
            return self._create(requests, wanted, now)
        except RequestError:
            return False
        self._observe(found, now)
        if found.holder and self.is_lease_valid(now) and not self.is_leader:
            return False
        if self.is_leader:
            return self._write(requests, self._succeed(found, wanted), now)
        return self._write(requests, replace(wanted, transitions=found.transitions + 1), now)

    def release(self, requests: Requests, now: float) -> bool:
        """Give the lease up; false where that was not possible (`release`).

        The lease is read first, and believed to be what it was seen to be before.
        """
        try:
            found = self._get(requests)
        except RequestError:
            return False
        if not self.is_leader:
            return True
        return self._write(requests, ElectionRecord("", 1, now, now, found.transitions), now)

    def _succeed(self, old: ElectionRecord, wanted: ElectionRecord) -> ElectionRecord:
        return replace(wanted, acquire_time=old.acquire_time, transitions=old.transitions)

    def _get(self, requests: Requests) -> ElectionRecord:
        self.lease = requests.get()
        return self.lease.record

    def _create(self, requests: Requests, record: ElectionRecord, now: float) -> bool:
        try:
            self.lease = requests.create(record)
        except RequestError:
            return False
        self.observed, self.observed_at = record, now
        return True

    def _write(self, requests: Requests, record: ElectionRecord, now: float) -> bool:
        if self.lease is None:
            return False
        try:
            self.lease = requests.update(self.lease, record)
        except RequestError:
            return False
        self.observed, self.observed_at = record, now
        return True

    def _observe(self, found: ElectionRecord, now: float) -> None:
        """Take in what was read, and when, if it is another than what was read before."""
        if self.read != found.as_read():
            self.read = found.as_read()
            self.observed, self.observed_at = found, now
