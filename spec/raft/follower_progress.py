"""What a leader knows of one follower: how far it matches, and how fast to send to it.

A follower is probed until its log is known to match, then replicated to without waiting, within
a window of messages in flight, or sent a snapshot when the log no longer reaches back far enough.
Every function returns a new value. Bytes in flight are not limited here, since etcd leaves that
limit off. Source: go.etcd.io/raft v3.6, package tracker (progress.go, inflights.go).
"""

from dataclasses import dataclass, replace
from enum import StrEnum


class ProgressState(StrEnum):
    """How the leader sends to a follower; the values are the library's own spelling."""

    PROBE = "StateProbe"
    """One message, then wait for a heartbeat: the match is unknown."""
    REPLICATE = "StateReplicate"
    """Messages are sent ahead of their acknowledgements."""
    SNAPSHOT = "StateSnapshot"
    """A snapshot is on its way; nothing is appended until it is accounted for."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One follower (or the leader itself) as the leader tracks it. Invariant: match < next."""

    match: int = 0
    """Highest index known to agree with the leader's log."""
    next: int = 1
    """Index of the next entry to send."""
    sent_commit: int = 0
    """Highest commit index sent, lowered again when entries may have been lost."""
    state: ProgressState = ProgressState.PROBE
    pending_snapshot: int = 0
    """Index of the snapshot on its way; 0 when none is."""
    recent_active: bool = False
    """Whether the follower answered since the last check of the quorum."""
    append_flow_paused: bool = False
    """Whether appends wait for a sign of life."""
    inflights: tuple[int, ...] = ()
    """Last index of each append that is sent and not acknowledged, in order."""
    max_inflight: int = 256
    """Most appends in flight at once; at least 1."""
    is_learner: bool = False


def is_window_full(progress: Progress) -> bool:
    """Return whether no further append may be in flight."""
    return len(progress.inflights) >= progress.max_inflight


def is_paused(progress: Progress) -> bool:
    """Return whether appends are held back at present."""
    return progress.state is ProgressState.SNAPSHOT or progress.append_flow_paused


def can_bump_commit(progress: Progress, commit: int) -> bool:
    """Return whether sending `commit` could move the follower's own commit index."""
    return commit > progress.sent_commit and progress.sent_commit < progress.next - 1


def reset_state(progress: Progress, state: ProgressState) -> Progress:
    """Return the progress in `state`, with nothing paused, pending or in flight."""
    return replace(
        progress, state=state, append_flow_paused=False, pending_snapshot=0, inflights=()
    )


def become_probe(progress: Progress) -> Progress:
    """Probe from after the match, or from after a snapshot that was on its way."""
    after_snapshot = progress.pending_snapshot if progress.state is ProgressState.SNAPSHOT else 0
    following = max(progress.match, after_snapshot) + 1
    return replace(
        reset_state(progress, ProgressState.PROBE),
        next=following,
        sent_commit=min(progress.sent_commit, following - 1),
    )


def become_replicate(progress: Progress) -> Progress:
    """Replicate from after the match."""
    return replace(reset_state(progress, ProgressState.REPLICATE), next=progress.match + 1)


def become_snapshot(progress: Progress, index: int) -> Progress:
    """Wait for the snapshot that ends at `index`."""
    return replace(
        reset_state(progress, ProgressState.SNAPSHOT),
        pending_snapshot=index,
        next=index + 1,
        sent_commit=index,
    )


def record_sent_entries(progress: Progress, count: int) -> Progress:
    """Account for an append of `count` entries from `next` on.

    While replicating, the window fills and pauses the flow when it is full, also when the
    append was empty; while probing, one append with entries pauses the flow.
    """
    if progress.state is ProgressState.PROBE:
        return replace(progress, append_flow_paused=progress.append_flow_paused or count > 0)
    if count > 0:
        following = progress.next + count
        window = (*progress.inflights, following - 1)
        progress = replace(progress, next=following, inflights=window)
    return replace(progress, append_flow_paused=is_window_full(progress))


def record_acknowledgement(progress: Progress, index: int) -> Progress | None:
    """Take in that the log matches up to `index`; None when that is old news."""
    if index <= progress.match:
        return None
    return replace(
        progress, match=index, next=max(progress.next, index + 1), append_flow_paused=False
    )


def record_rejection(progress: Progress, rejected: int, hint: int) -> Progress | None:
    """Take in that the append after `rejected` did not fit, and that `hint` might.

    None when the rejection is stale: while replicating, below the match; while probing, not the
    answer to the latest probe.
    """
    if progress.state is ProgressState.REPLICATE:
        if rejected <= progress.match:
            return None
        following = progress.match + 1
    elif progress.next - 1 != rejected:
        return None
    else:
        following = max(min(rejected, hint + 1), progress.match + 1)
        progress = replace(progress, append_flow_paused=False)
    commit = min(progress.sent_commit, following - 1)
    return replace(progress, next=following, sent_commit=commit)


def free_inflights_to(progress: Progress, index: int) -> Progress:
    """Drop the appends that end at or before `index` from the window."""
    kept = tuple(last for last in progress.inflights if last > index)
    return replace(progress, inflights=kept)
