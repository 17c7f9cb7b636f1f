"""What is used of a quota, counted anew over all objects of its namespace.

Source: Kubernetes v1.36, `pkg/controller/resourcequota/resource_quota_controller.go` (syncResource
Quota), `pkg/quota/v1/resources.go` (CalculateUsage), `evaluator/core/pods.go` (QuotaV1Pod).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from planespec.spec.admission.quota_evaluators import charge, find_evaluator
from planespec.spec.admission.resource_quota import COUNT_PODS, ONE, Quota
from planespec.spec.objects import Pod, View
from planespec.spec.pods.resources import ResourceList


def recount(quota: Quota, objects: Mapping[str, Iterable[View]], now: datetime) -> ResourceList:
    """What is used of what the quota allows, as far as kinds of these objects decide it.

    `objects` are those of the quota's namespace by resource, as `deployments.apps`.
    """
    zero = ONE - ONE
    total: ResourceList = {}
    for resource, listed in objects.items():
        evaluator = find_evaluator(resource)
        used: ResourceList = {name: zero for name in quota.hard if evaluator.bounds(name)}
        counted = replace(quota, used=used)
        for each in listed:
            if resource == "pods" and not is_counted(Pod(each.data, each.field), now):
                counted = _count_object(counted)
            else:
                counted = charge(evaluator, each, [counted])[0]
        total |= {name: counted.used[name] for name in used}
    return total


def _count_object(quota: Quota) -> Quota:
    """A pod that has ended is still an object."""
    if COUNT_PODS not in quota.hard or quota.scopes:
        return quota
    return replace(quota, used=quota.used | {COUNT_PODS: quota.used[COUNT_PODS] + ONE})


def is_counted(pod: Pod, now: datetime) -> bool:
    """Whether a pod uses what it asks for: it has not ended, and its time is not up."""
    if pod.is_terminal:
        return False
    grace = pod.meta.integer("deletionGracePeriodSeconds")
    if not pod.meta.is_deleting or grace is None:
        return True
    end = datetime.fromisoformat(pod.meta.text("deletionTimestamp")) + timedelta(seconds=grace)
    return now <= end
