"""The kinds whose updates are known, each with what its status subresource does."""

from collections.abc import Mapping

from planespec.spec.api.changes import job_changes as jobs
from planespec.spec.api.changes import plain_kinds as plain
from planespec.spec.api.changes import pod_changes as pods
from planespec.spec.api.changes import service_changes as services
from planespec.spec.api.changes import volume_changes as volumes
from planespec.spec.api.changes import workload_changes as workloads
from planespec.spec.api.strategies import Strategy

_PAIRS: tuple[tuple[Strategy, Strategy | None], ...] = (
    (jobs.CRON_JOB, jobs.CRON_JOB_STATUS),
    (jobs.JOB, jobs.JOB_STATUS),
    (plain.ATTACHMENT, plain.ATTACHMENT_STATUS),
    (plain.CLUSTER_ROLE_BINDING, None),
    (plain.CONFIG_MAP, None),
    (plain.DISRUPTION_BUDGET, plain.DISRUPTION_BUDGET_STATUS),
    (plain.LEASE, None),
    (plain.NAMESPACE, plain.NAMESPACE_STATUS),
    (plain.PRIORITY_CLASS, None),
    (plain.SECRET, None),
    (plain.STORAGE_CLASS, None),
    (pods.POD, pods.POD_STATUS),
    (services.SERVICE, services.SERVICE_STATUS),
    (volumes.AUTOSCALER, volumes.AUTOSCALER_STATUS),
    (volumes.CLAIM, volumes.CLAIM_STATUS),
    (volumes.NODE, volumes.NODE_STATUS),
    (volumes.VOLUME, volumes.VOLUME_STATUS),
    (workloads.DAEMON_SET, workloads.DAEMON_SET_STATUS),
    (workloads.DEPLOYMENT, workloads.DEPLOYMENT_STATUS),
    (workloads.REPLICA_SET, workloads.REPLICA_SET_STATUS),
    (workloads.STATEFUL_SET, workloads.STATEFUL_SET_STATUS),
)
KINDS: Mapping[str, tuple[Strategy, Strategy | None]] = {
    main.kind: (main, status) for main, status in _PAIRS
}
"""The strategy of a kind by its name, and that of its status where it has one."""
