"""A Deployment that an annotation asks to go back to a revision.

Clients of `extensions/v1beta1` had a field for it, which is kept in an annotation; whoever writes
that today is heeded still. In such a sync nothing is scaled.

Source: Kubernetes v1.36, `pkg/controller/deployment/rollback.go`, `util/deployment_util.go`
(LastRevision, SetFromReplicaSetTemplate, SetDeploymentAnnotationsTo).
"""

from collections.abc import Iterable

from planespec.spec.controllers.apps.deployment_revisions import (
    NOT_COPIED,
    ROLLBACK,
    get_sets,
    read_revision,
)
from planespec.spec.controllers.apps.deployment_state import (
    Deployment,
    DeploymentSync,
    Json,
    OwnedSet,
    has_template_of,
    read_bare_template,
)
from planespec.spec.quantity.amount import parse_int64, quote

_NOT_FOUND = "Warning DeploymentRollbackRevisionNotFound Unable to find"
_UNCHANGED = "Warning DeploymentRollbackTemplateUnchanged The rollback revision contains the same"


def read_rollback(deployment: Deployment) -> int | None:
    """The revision that is asked for, 0 for the last one; None where there is no such number."""
    return parse_int64(deployment.meta.annotations.get(ROLLBACK, ""))


def find_last_revision(sets: Iterable[OwnedSet]) -> int:
    """The second highest revision; 0 where there are not two (`LastRevision`)."""
    return sorted([0, 0, *(read_revision(each) or 0 for each in sets)])[-2]


def roll_back(sync: DeploymentSync, revision: int) -> None:
    """Give the Deployment the template of a revision, and take the annotation off it."""
    new, old = get_sets(sync, creates=True)
    if new is None:
        return
    sets = [*old, new]
    wanted = revision or find_last_revision(sets)
    found = next((each for each in sets if wanted and read_revision(each) == wanted), None)
    who = quote(sync.deployment.name)
    if found is None:
        what = "the revision to rollback to" if wanted else "last revision"
        sync.events.append(f"{_NOT_FOUND} {what}.")
        _write(sync)
    elif has_template_of(found, sync.deployment):
        sync.events.append(f"{_UNCHANGED} template as current deployment {who}")
        _write(sync)
    else:
        _take_annotations(sync, found)
        _write(sync, template=read_bare_template(found.spec))
        said = f"Rolled back deployment {who} to revision {wanted}"
        sync.events.append(f"Normal DeploymentRollback {said}")


def _take_annotations(sync: DeploymentSync, found: OwnedSet) -> None:
    """Keep the annotations that are the Deployment's alone, and take the others."""
    own = {name: text for name, text in sync.annotations.items() if name in NOT_COPIED}
    taken = found.meta.annotations.items()
    sync.annotations = own | {name: text for name, text in taken if name not in NOT_COPIED}


def _write(sync: DeploymentSync, **template: Json) -> None:
    """Write the Deployment without the annotation that asked."""
    sync.annotations.pop(ROLLBACK, None)
    action = {"verb": "update", "resource": "deployments", "name": sync.deployment.name}
    told = {"annotations": dict(sync.annotations), **template}
    sync.actions.append(action | {"object": told})
