"""Who can explain which write, by the name of the write, and what all refusals have in common.

An explainer is a function under `@explains("COMPONENT VERB RESOURCE", ...)` that takes a write and
the scene, and returns why no state that the component could have seen makes it write so; empty
where one does. Refused writes are its business, too; `why_refused` holds what the API server says
to the history. A write that nobody can explain is not explained.
"""

from collections.abc import Callable

from planespec.reports.judge.control_plane.audited_writes import Write
from planespec.reports.judge.control_plane.scene import LAG, Scene
from planespec.reports.judge.versions.object_versions import Life, Version

Explainer = Callable[[Write, Scene], str]
_EXPLAINERS: dict[str, Explainer] = {}


def explains(*keys: str) -> Callable[[Explainer], Explainer]:
    """Enter a function as the explainer of writes of these names (`Write.key`)."""

    def enter(explainer: Explainer) -> Explainer:
        for key in keys:
            if key in _EXPLAINERS:
                raise ValueError(f"{key} has two explainers")
            _EXPLAINERS[key] = explainer
        return explainer

    return enter


def explain(write: Write, scene: Scene) -> str:
    """Why a write is not explained; empty where it is."""
    if write.is_read:
        return explain_read(write, scene)
    explainer = _EXPLAINERS.get(write.key)
    if explainer is None:
        return "no rule explains such writes"
    return explainer(write, scene)


# What the API server answers.


def list_lives(write: Write, scene: Scene) -> list[Life]:
    """The objects that ever had the name in a request."""
    return scene.history.by_key.get(write.about, [])


def list_present(write: Write, scene: Scene) -> list[Version]:
    """The versions of the named object that may have been stored while the API server wrote."""
    return scene.history.list_between(write.about, write.received, write.done)


def may_be_absent(write: Write, scene: Scene) -> bool:
    """Whether there may have been no object of that name, or uid, while it was asked for."""
    return scene.history.may_be_absent(write.about, write.received, write.done, write.uid)


def explain_read(write: Write, scene: Scene) -> str:
    """Why a read cannot have had its answer."""
    if write.is_accepted:
        return "" if not write.name or list_present(write, scene) else "there was no such object"
    if write.code == 404:
        return "" if may_be_absent(write, scene) else "the object was there"
    return f"no rule explains {write.code} to a read"


def why_refused(write: Write, scene: Scene) -> str | None:
    """Why the answer to a refused write is not what the history says; None of other answers.

    Conflicts of an update with the revision that it was made from, names that are taken, objects
    that are not there, and requests that were given up.
    """
    if (write.code, write.reason) == (409, "Conflict") and write.verb in ("update", "patch"):
        return _explain_conflict(write, scene)
    if (write.code, write.reason) == (409, "AlreadyExists"):
        return "" if list_present(write, scene) else "the name was not taken"
    if write.code == 404:
        return "" if may_be_absent(write, scene) else "the object was there"
    if write.code == 504:
        return "" if _is_near(write, scene) else "nobody was killed"
    return None


def explain_answer(write: Write, scene: Scene) -> str:
    """Why the answer to a write is not what the history says; empty where it is."""
    fault = "" if write.is_accepted else why_refused(write, scene)
    return f"no rule explains {write.code}" if fault is None else fault


def _explain_conflict(write: Write, scene: Scene) -> str:
    base = scene.find_base(write)
    if write.revision is None:
        return "names no revision to be in conflict with"
    if base is None:
        return "was made from a version that there never was"
    if base.after is None or base.after.since > write.done:
        return "the object was still the one it was made from"
    return ""


def _is_near(write: Write, scene: Scene) -> bool:
    """Whether a process was killed about the time of a write."""
    return any(
        write.received - LAG <= each.begun <= write.done + LAG
        for each in scene.actions
        if each.do.startswith(("SIGKILL", "SIGTERM"))
    )
