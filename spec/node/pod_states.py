"""Words for the life of a pod on a node: what the API shows, what the kubelet does, what runs."""

from enum import Enum


class Stage(Enum):
    """Where the object of a pod is in the API."""

    ABSENT = "not made yet"
    PRESENT = "present"
    MARKED = "has a deletionTimestamp"
    GONE = "gone"
    FORCED = "gone, deleted with grace 0"


class PodPhase(Enum):
    """The phase that a pod's status shows."""

    PENDING = "Pending"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


class Work(Enum):
    """Where the worker of a pod is."""

    NONE = "unknown"
    SYNC = "syncing"
    TERMINATING = "terminating"
    TERMINATED = "terminated"
    FINISHED = "finished"


ENDED = (PodPhase.SUCCEEDED, PodPhase.FAILED)
HELD = (Work.SYNC, Work.TERMINATING)
"""Where a pod has what it was admitted with."""


class Role(Enum):
    """What a container is in its pod."""

    INIT = "init container"
    SIDECAR = "init container that restarts always"
    APP = "app container"


class Run(Enum):
    """Where a container is in truth."""

    NONE = "not there"
    RUNNING = "running"
    STOPPING = "running, and told to stop"
    DONE = "exited with 0"
    BROKEN = "exited with another code"


class Policy(Enum):
    """The restart policy of a pod."""

    ALWAYS = "Always"
    ON_FAILURE = "OnFailure"
    NEVER = "Never"


RUNS = (Run.RUNNING, Run.STOPPING)
EXITED = (Run.DONE, Run.BROKEN)


class Startup(Enum):
    """What is published of a startup probe."""

    UNKNOWN = "not known"
    SUCCESS = "success"
    FAILURE = "failure"
    LOST = "not known, and not asked for again"
