"""What our rules answer about Deployments: one sync, and the numbers it is decided by.

The hash that a new ReplicaSet is named after is that of a Go value as Go prints it. It is not
computed here but taken from the answer: where one is made, its name, its label and its template
have to agree, and the hash has to look like one. A condition that was written in the second after
that of `now` counts as written then. The numbers are asked for without adopting anything first.
"""

import re
from collections.abc import Iterable
from datetime import datetime

from planespec.reports.judge.controllers.apps_answers.replica_set_answers import (
    Answers,
    arrange_times,
    read_now,
    read_pods,
)
from planespec.spec.admission.pod_chain import NAME_LETTERS
from planespec.spec.controllers.apps.deployment_revisions import compute_new_size
from planespec.spec.controllers.apps.deployment_scaling import is_saturated
from planespec.spec.controllers.apps.deployment_state import (
    Deployment,
    DeploymentSync,
    Json,
    OwnedSet,
)
from planespec.spec.controllers.apps.deployment_status import (
    compute_status,
    has_timed_out,
    is_complete,
    is_progressing,
    tell_status,
)
from planespec.spec.controllers.apps.deployment_sync import sync_deployment
from planespec.spec.controllers.pod_making import NEW_HASH, TEMPLATE_HASH
from planespec.spec.objects.view import ApiObject, View

_HASH = re.compile(f"[{NAME_LETTERS}]{{1,10}}")
"""What `rand.SafeEncodeString` makes of a number of 32 bits."""


def answer_deployment(given: View, out: View) -> Answers:
    """Answer what a sync writes and says, and the numbers behind it."""
    view = given.needing("deployment").view("deployment")
    deployment = Deployment(view.data, view.field)
    now, template_hash = read_now(given), _find_hash(out)
    sets = [ApiObject(each.data, each.field) for each in given.views("replicaSets")]
    pods = read_pods(given)
    sync = sync_deployment(deployment, sets, pods, now, template_hash)
    answers: Answers = {
        "actions": [_tell_action(each) for each in sync.actions],
        "helpers": _tell_helpers(_take_all(deployment, sets, now)),
    }
    answers |= {"events": sync.events} if sync.events else {}
    answers |= {"error": sync.error} if sync.error else {}
    arranged: Answers = arrange_times(answers, now)
    return arranged


def _take_all(deployment: Deployment, sets: Iterable[ApiObject], now: datetime) -> DeploymentSync:
    """What is known with every ReplicaSet of the line: helpers are asked without an adoption."""
    found = sorted((OwnedSet(each.data) for each in sets), key=lambda each: each.age)
    return DeploymentSync(deployment, found, now, "", status=deployment.copy_status())


def arrange_deployment(given: View, out: View) -> Answers:
    """A recorded answer whose times in the second after `now` are `now`."""
    told: Answers = arrange_times(dict(out.data), read_now(given))
    return told


def _find_hash(out: View) -> str:
    for action in out.views("actions"):
        if (action.text("verb"), action.text("resource")) == ("create", "replicasets"):
            found = action.view("object").text_map("labels").get(TEMPLATE_HASH, "")
            return found if _HASH.fullmatch(found) else NEW_HASH
    return NEW_HASH


def _tell_action(action: Json) -> Json:
    if "object" not in action:
        return action
    told = dict(action["object"])
    if "status" in told:
        told["status"] = tell_status(told["status"])
    if "template" in told:
        containers = View(told.pop("template")).view("spec").views("containers")
        told["image"] = containers[0].text("image") if containers else ""
    kept = {name: each for name, each in told.items() if each or name == "replicas"}
    return action | {"object": kept}


def _tell_helpers(sync: DeploymentSync) -> Answers:
    deployment, new, old = sync.deployment, sync.find_new(), sync.list_old()
    sets = [*old, new]
    status = compute_status(sync, sets, new)
    told: Answers = {
        "maxSurge": deployment.max_surge,
        "maxUnavailable": deployment.max_unavailable,
        "minAvailable": deployment.min_available,
        "complete": is_complete(deployment, status),
        "progressing": is_progressing(sync.status, status),
        "timedOut": has_timed_out(sync, status),
        "status": tell_status(status),
        "oldReplicaSets": [each.name for each in old],
    }
    if new is not None:
        told["newReplicaSet"] = new.name
        told["newRSNewReplicas"] = compute_new_size(sync, [*old, new], new.replicas)
        told["saturated"] = is_saturated(deployment, new)
    return told
