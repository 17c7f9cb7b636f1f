"""Why the controllers of Deployments and ReplicaSets sent a write.

The write is one of a sync that sees its object and all others as they were at moments that are not
too old. Watches did not show spec and status of either kind: they are followed from what was
created and written. The hash that a new ReplicaSet is named after is taken from the write.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from planespec.reports.judge.controllers.traced.traced_line import Request
from planespec.reports.judge.controllers.traced.traced_views import Moments
from planespec.reports.judge.versions.object_versions import Key, Version
from planespec.spec.controllers.apps.deployment_state import Deployment, DeploymentSync
from planespec.spec.controllers.apps.deployment_status import tell_status
from planespec.spec.controllers.apps.deployment_sync import sync_deployment
from planespec.spec.controllers.apps.pod_ownership import claim
from planespec.spec.controllers.apps.replica_set_sync import sync_replica_set
from planespec.spec.controllers.batch.cron_jobs import read_time
from planespec.spec.controllers.batch.job_state import is_active
from planespec.spec.controllers.disruption_budget import find_controller
from planespec.spec.controllers.pod_making import NEW_HASH, TEMPLATE_HASH
from planespec.spec.labels import read_label_selector
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.resource_names import plural_of
from planespec.spec.objects.view import ApiObject, View

Json = dict[str, Any]
_START = "2026-01-01T00:00:00Z"
"""A clock that shows nothing: what is recorded here waits for no time."""
_CREATED = re.compile(r'Created new replica set "[^"]*-([^"-]+)"')
_COUNTS = ("replicas", "terminatingReplicas")
_FILLED_IN = {"enableServiceLinks": True}
"""What the API server fills into a pod's spec but not into a template's."""


@dataclass(slots=True)
class WorkloadReasons:
    """Finds reasons for writes about Deployments, ReplicaSets and pods in a scenario."""

    moments: Moments
    requests: list[Request]

    def explain_deployment(self, write: Request) -> str:
        """Why a write of the deployment controller is not explained; empty where it is."""
        for key in self._list_deployments(write):
            for sync in self._sync_deployment(write, key):
                for place, action in enumerate(sync.actions):
                    before = sync.actions[:place]
                    if _says_of_deployment(action, write) and self._were_sent(before, write):
                        return ""
        return "no sync of what it may have seen writes it"

    def explain_replica_set(self, write: Request) -> str:
        """Why a write of the ReplicaSet controller is not explained; empty where it is."""
        if write.kind == "ReplicaSet":
            key = write.about
            may = write.subresource == "status" and self._may_write_status(write, key)
        elif write.verb == "create":
            may = self._may_create(write)
        else:
            may = write.verb == "patch" and self._may_adopt(write)
        return "" if may else "no sync of what it may have seen writes it"

    def _list_seen(self, write: Request, key: Key) -> list[Version]:
        """The versions of an object that the writer may know, newest first."""
        found: list[Version] = []
        for revision in self.moments.list_before(write):
            version = self.moments.history.get(key, revision)
            if version is not None and version not in found:
                found.append(version)
        return found

    def _list_kind(self, kind: str, namespace: str, revision: int) -> list[Version]:
        alive = self.moments.history.list_at(kind, revision)
        return [each for each in alive if each.key.namespace == namespace]

    # Deployments.

    def _list_deployments(self, write: Request) -> Iterator[Key]:
        """The Deployment that is written, or of which a ReplicaSet is made or changed."""
        if write.kind == "Deployment":
            yield write.about
            return
        yield from (
            key
            for key in self.moments.history.by_key
            if (key.kind, key.namespace) == ("Deployment", write.namespace)
        )

    def _sync_deployment(self, write: Request, key: Key) -> Iterator[DeploymentSync]:
        now, template_hash = _find_time(View(write.body)), _find_hash(write)
        for seen in self._list_seen(write, key):
            deployment = Deployment(seen.data)
            for revision in self.moments.list_before(write):
                sets = self._list_kind("ReplicaSet", key.namespace, revision)
                things = [ApiObject(each.data) for each in sets]
                yield sync_deployment(deployment, things, [], now, template_hash)

    def _were_sent(self, actions: list[Json], write: Request) -> bool:
        """Whether what comes before a write in its sync was sent and accepted."""
        sent = [
            (each.verb, plural_of(each.kind), each.name, each.subresource)
            for each in self.requests
            if each.made and each.component == write.component and each.received <= write.received
        ]
        return all(
            (each["verb"], each["resource"], each["name"], each.get("subresource", "")) in sent
            for each in actions
        )

    # ReplicaSets.

    def _may_write_status(self, write: Request, key: Key) -> bool:
        said = _tell_counts(View(write.body).view("status").data)
        now = read_time(_START)
        for seen in self._list_seen(write, key):
            for revision in self.moments.list_before(write):
                pods = self._list_pods(key.namespace, revision)
                status = sync_replica_set(ApiObject(seen.data), pods, now).status
                if status is not None and _tell_counts(status) == said:
                    return True
        return False

    def _list_pods(self, namespace: str, revision: int) -> list[Pod]:
        return [Pod(each.data) for each in self._list_kind("Pod", namespace, revision)]

    def _may_create(self, write: Request) -> bool:
        """Whether a pod is missing, with those counted that were made and not seen yet."""
        body = ApiObject(write.body)
        owner = find_controller(body)
        if owner is None:
            return False
        key = Key(owner.text("kind"), write.namespace, owner.text("name"))
        for seen in self._list_seen(write, key):
            replica_set = ApiObject(seen.data)
            if seen.uid != owner.text("uid") or not _is_made_of(body, replica_set):
                continue
            if any(
                self._is_short(write, replica_set, at) for at in self.moments.list_before(write)
            ):
                return True
        return False

    def _is_short(self, write: Request, replica_set: ApiObject, revision: int) -> bool:
        if replica_set.meta.is_deleting:
            return False
        selector = read_label_selector(replica_set.spec.data.get("selector"))
        pods = [each for each in self._list_pods(write.namespace, revision) if is_active(each)]
        kept = claim(replica_set, selector, pods).kept
        unseen = self._count_unseen(write, replica_set.meta.uid, revision)
        return len(kept) + unseen < replica_set.spec.needed_integer("replicas")

    def _count_unseen(self, write: Request, uid: str, revision: int) -> int:
        """Pods that the controller made for a ReplicaSet before, after the state it has seen."""
        return sum(
            each.made[0].revision > revision
            for each in self.requests
            if (each.component, each.verb, each.kind) == (write.component, "create", "Pod")
            and each.received < write.received
            and each.made
            and _is_owned(each.made[0], uid)
        )

    def _may_adopt(self, write: Request) -> bool:
        now = read_time(_START)
        for revision in self.moments.list_before(write):
            pods = self._list_pods(write.namespace, revision)
            for seen in self._list_kind("ReplicaSet", write.namespace, revision):
                sync = sync_replica_set(ApiObject(seen.data), pods, now)
                uid = View(write.body).view("metadata").text("uid")
                named = any(pod.name == write.name and pod.meta.uid == uid for pod in pods)
                if named and write.body in sync.patches:
                    return True
        return False


def _find_time(body: View) -> datetime:
    """The clock of the controller: the last time that it writes."""
    times = [each.text("lastUpdateTime") for each in body.view("status").views("conditions")]
    return read_time(max(times, default="") or _START)


def _find_hash(write: Request) -> str:
    """The hash of a ReplicaSet that is made, or told of in a condition."""
    body = View(write.body)
    if write.kind == "ReplicaSet":
        found = body.view("metadata").text_map("labels").get(TEMPLATE_HASH, NEW_HASH)
        return found if write.name.endswith(f"-{found}") else NEW_HASH
    told = " ".join(each.text("message") for each in body.view("status").views("conditions"))
    named = _CREATED.search(told)
    return named.group(1) if named else NEW_HASH


def _says_of_deployment(action: Json, write: Request) -> bool:
    place = (action["verb"], action["name"], action.get("subresource", ""))
    if place != (write.verb, write.name, write.subresource):
        return False
    if write.kind == "Deployment":
        made = tell_status(dict(action["object"]["status"]))
        said = View(write.body).view("status").data
        return bool(action["resource"] == "deployments" and made == said)
    if action["resource"] != "replicasets":
        return False
    if write.verb == "patch":
        return bool(action.get("patch") == write.body)
    told, body = action["object"], View(write.body)
    meta, spec = body.view("metadata"), body.view("spec")
    told_of: Json = {
        "annotations": dict(meta.text_map("annotations")),
        "replicas": spec.integer("replicas"),
        "minReadySeconds": spec.integer("minReadySeconds") or 0,
    }
    if write.verb == "create":
        told_of["labels"] = dict(meta.text_map("labels"))
        told_of["ownerReferences"] = meta.items("ownerReferences")
        told_of["template"] = dict(spec.view("template").data)
    return bool(told_of == told)


def _tell_counts(status: Any) -> Json:
    return {name: value for name, value in status.items() if value or name in _COUNTS}


def _is_made_of(pod: ApiObject, replica_set: ApiObject) -> bool:
    """Whether a pod is made as the template of a ReplicaSet says."""
    template = replica_set.spec.view("template")
    meta, spec = pod.meta, dict(pod.spec.data)
    if meta.text("generateName") != f"{replica_set.name}-":
        return False
    if dict(meta.labels) != template.view("metadata").text_map("labels"):
        return False
    return spec == {**_FILLED_IN, **template.view("spec").data}


def _is_owned(version: Version, uid: str) -> bool:
    owner = find_controller(ApiObject(version.data))
    return owner is not None and owner.text("uid") == uid
