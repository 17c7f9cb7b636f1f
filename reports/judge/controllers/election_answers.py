"""What our candidates answer that try to get one Lease, step by step."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from planespec.reports.judge.controllers.queue_answers import shorten
from planespec.reports.judge.recorded_fields import read_number
from planespec.spec.controllers.machinery.lease_election import (
    Candidate,
    LeaseServer,
    LostRequests,
    Requests,
)
from planespec.spec.objects.view import ObjectError, View

_CANDIDATE = ("identity", "leaseDurationSeconds", "clockRate", "clockStartsAt")


@dataclass(slots=True)
class _Clocked:
    """A candidate, and how its clock goes."""

    candidate: Candidate
    starts_at: float
    rate: float

    def read_clock(self, seconds: float) -> float:
        return self.starts_at + seconds * self.rate


def answer_election(given: View, _after: list[View]) -> Iterator[dict[str, Any]]:
    """Answer what each candidate believes after each step, and what the lease says."""
    candidates = [_read_candidate(each) for each in given.views("candidates")]
    server, seconds = LeaseServer(), 0.0
    for op in given.views("ops"):
        answer: dict[str, Any] = {}
        match op.needing("do").text("do"):
            case "advance":
                seconds += read_number(op, "seconds")
            case "deleteLease":
                server.delete()
            case "tryAcquireOrRenew" | "release":
                answer["result"] = _attempt(op, candidates, server, seconds)
            case other:
                known = "none of advance, deleteLease, release, tryAcquireOrRenew"
                raise ObjectError(op.path("do"), f"{other!r} is {known}")
        answer["candidates"] = [_tell_candidate(each, seconds) for each in candidates]
        yield answer | _tell_lease(server)


def _read_candidate(view: View) -> _Clocked:
    view.needing(*_CANDIDATE)
    duration = view.integer("leaseDurationSeconds") or 0
    candidate = Candidate(view.text("identity"), duration)
    return _Clocked(candidate, read_number(view, "clockStartsAt"), read_number(view, "clockRate"))


def _attempt(op: View, candidates: list[_Clocked], server: LeaseServer, seconds: float) -> bool:
    number = op.needing("who").integer("who") or 0
    if not 0 <= number < len(candidates):
        raise ObjectError(op.path("who"), f"must be from 0 to {len(candidates) - 1}")
    clocked, requests = candidates[number], _reach(op, server)
    now = clocked.read_clock(seconds)
    if op.text("do") == "release":
        return clocked.candidate.release(requests, now)
    return clocked.candidate.try_acquire_or_renew(requests, now)


def _reach(op: View, server: LeaseServer) -> Requests:
    match op.text("requests"):
        case "":
            return server
        case "down" | "lostAnswer" as how:
            return LostRequests(server, is_down=how == "down")
        case other:
            raise ObjectError(op.path("requests"), f"{other!r} is none of down, lostAnswer")


def _tell_candidate(clocked: _Clocked, seconds: float) -> dict[str, Any]:
    candidate, now = clocked.candidate, clocked.read_clock(seconds)
    return {
        "isLeader": candidate.is_leader,
        "leaseValid": candidate.is_lease_valid(now),
        "observedHolder": candidate.observed.holder,
    }


def _tell_lease(server: LeaseServer) -> dict[str, Any]:
    if server.lease is None:
        return {}
    record = server.lease.record
    lease = {
        "holder": record.holder,
        "leaseDurationSeconds": record.lease_duration,
        "leaseTransitions": record.transitions,
        "acquireTime": shorten(record.acquire_time),
        "renewTime": shorten(record.renew_time),
        "resourceVersion": str(server.lease.version),
    }
    return {"lease": lease}
