"""The judges by name, and by what the lines of their recordings look like."""

import importlib
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from pathlib import Path
from typing import cast

from planespec.checker.errors import ConfigurationError, InputError, did_you_mean
from planespec.reports.input.lines import read_records
from planespec.reports.judge.judge_entry import Entry
from planespec.reports.judge.runner import Judge

CHAIN_KINDS = {
    *("authn", "audit_policy", "authz_order", "chain", "max_inflight", "priority_and_fairness"),
    *("flow_classification", "timeouts", "concurrency_allocation", "shuffle_sharding"),
    "flow_schema_match",
}
WATCHED = {"scenario", "kindOfScenario", "actions"}
"""Keys of the first line of a recording of a whole cluster."""

JUDGES = {
    "admission": Entry(
        "apiserver.admissions.admission_judge",
        "creations of pods: defaults, admission plugins, validation, Pod Security",
        keys={"namespace", "limitranges", "cases"},
    ),
    "admission_webhooks": Entry(
        "apiserver.admissions.webhook_judge",
        "webhooks and policies: whom the API server asks, in what order, what it makes of it",
        keys={"in", "out"},
        kinds={"admission"},
    ),
    "apiserver_chain": Entry(
        "apiserver.chain.chain_judge",
        "what the API server does around a handler: identity, audit, limits, fairness, time",
        keys={"kind"},
        kinds=CHAIN_KINDS,
    ),
    "apiserver_ops": Entry(
        "apiserver.object_requests",
        "requests for ConfigMaps in order: writes, patches, deletion, reads, and their watch",
        keys={"startResourceVersion", "ops"},
    ),
    "apiserver_updates": Entry(
        "apiserver.object_updates",
        "merge patches to objects of 22 kinds and to their status: refusals, what changes",
        keys={"in", "out"},
        kinds={"update"},
    ),
    "authz": Entry(
        "apiserver.authz_judge",
        "authorizers (node, ABAC, RBAC, unions), request attributes, impersonation, nodes",
        keys={"kind", "in", "out"},
        kinds={
            *("abac", "impersonation", "node_authorizer", "node_identity"),
            *("rbac", "request_info", "union"),
        },
    ),
    "cluster": Entry(
        "control_plane.cluster_judge",
        "a whole control plane, write by write",
        keys=WATCHED,
        later_keys={"audit"},
    ),
    "cni": Entry(
        "network.cni_judge",
        "runs of the IPAM plugin host-local: answers, and the addresses that are taken",
        keys={"kind", "plugin", "steps"},
        kinds={"host-local", "chain"},
    ),
    "controllers_apps": Entry(
        "controllers.apps_answers.apps_judge",
        "whole syncs of ReplicaSets, Deployments, StatefulSets and DaemonSets",
        keys={"kind", "in", "out"},
        kinds={
            *("daemonset_sync", "deployment_sync", "replicaset_deletion_order"),
            *("replicaset_sync", "statefulset_sync"),
        },
    ),
    "controllers_batch_scaling": Entry(
        "controllers.batch_judge",
        "whole syncs of Jobs, CronJobs and disruption budgets, and how an autoscaler scales",
        keys={"kind", "in", "out"},
        kinds={
            *("cronjob_sync", "hpa_normalize", "hpa_replicas", "job_indexes"),
            *("job_pod_failure_policy", "job_sync", "pdb_sync"),
        },
    ),
    "controllers_machinery": Entry(
        "controllers.machinery_judge",
        "what controllers stand on: queues, expectations, leader election, garbage of pods",
        keys={"kind", "in", "out"},
        kinds={
            *("delta_fifo", "expectations", "leader_election"),
            *("podgc", "rate_limiter", "workqueue"),
        },
    ),
    "controllers_rest": Entry(
        "controllers.rest_judge",
        "endpoint slices, claims and volumes, garbage collection, taints, zones that are down",
        keys={"kind", "in", "out"},
        kinds={
            *("endpointslice_reconcile", "gc_decisions", "pv_match", "pv_sync_claim"),
            *("pv_sync_volume", "taint_eviction", "zone_disruption"),
        },
    ),
    "cri": Entry(
        "runtime.cri_judge",
        "a container runtime (containerd 2.3): each call's answer, all it knows, its events",
        keys={"runtime", "net", "steps"},
        step_keys={"events"},
    ),
    "cri_1_6": Entry(
        "runtime.cri_judge",
        "a container runtime (containerd 1.6): each call's answer, all it knows",
        keys={"runtime", "net", "steps"},
    ),
    "csi": Entry(
        "storage.csi_judge",
        "calls to the CSI host path driver: answers, what it knows, mounts",
        keys={"flags", "steps"},
        step_keys={"call", "code", "state"},
    ),
    "etcd": Entry(
        "etcd",
        "put, range, delete, txn, compaction, leases, watch of the etcd store",
        keys={"startRevision", "ops"},
    ),
    "etcd.history": Entry(
        "history.etcd_history",
        "concurrent histories: linearizability and the guarantees of watches",
    ),
    "eviction": Entry(
        "node.eviction_judge",
        "a kubelet under pressure: conditions, garbage collection, whom it evicts and admits",
        keys={"evictionHard", "pods", "steps"},
    ),
    "gc": Entry(
        "controllers.traced.traced_judge",
        "live scenarios of garbage: who deleted, released and made what, and why",
        keys={"scenario", "params", "controllerWrites"},
        scenarios={"deployment_delete", "namespace_delete", "owner_graph"},
    ),
    "history": Entry(
        "history.histories", "histories of Jepsen, Porcupine and etcd: are they linearizable"
    ),
    "kubelet": Entry(
        "node.watched_pods",
        "watch streams of a cluster: whether each version of a pod follows from the one before",
        keys=WATCHED,
    ),
    "kubelet_admit": Entry(
        "node.pod_admissions",
        "whether a kubelet takes a pod, and why not: the predicates of admission",
        keys={"node", "freshLabels", "otherPods", "pod", "result"},
    ),
    "kubelet_backoff": Entry(
        "node.lifecycle_judges.crash_backoff_judge",
        "how long a kubelet waits before it starts a container again",
        keys={"baseSeconds", "maxSeconds", "steps"},
    ),
    "kubelet_containerd": Entry(
        "node.lifecycle_judges.containerd_judge",
        "traces of a kubelet over containerd: each call and status has a reason, or is rejected",
        keys={"pod", "actions", "calls", "status"},
    ),
    "kubelet_containergc": Entry(
        "node.container_gc_judge",
        "dead containers and sandboxes that a kubelet removes, and those it leaves",
        keys={"leftContainers", "leftSandboxes", "policy"},
    ),
    "kubelet_cpumanager": Entry(
        "node.numa_judges.cpu_judge",
        "CPUs given to containers alone by the static policy, step by step",
        keys={"cpus", "reservedCount", "reservedSet"},
    ),
    "kubelet_imagegc": Entry(
        "node.image_gc_judge",
        "which images a kubelet removes: by age, and when the disk is full",
        keys={"policy", "steps"},
        step_keys={"added", "inUse", "removed", "secondsPass"},
    ),
    "kubelet_imagepull": Entry(
        "node.image_pull_judge",
        "what a kubelet does about the image of a container: pull policy, errors, back-off",
        keys={"case", "steps"},
        step_keys={"image", "policy", "present", "runtimeError"},
    ),
    "kubelet_memorymanager": Entry(
        "node.numa_judges.memory_judge",
        "memory given from NUMA nodes by the static policy, step by step",
        keys={"nodes", "topologyPolicy", "steps"},
    ),
    "kubelet_nodeconditions": Entry(
        "node.conditions_judge",
        "the conditions of a node, heartbeat by heartbeat: Ready and the pressures, events",
        keys={"case", "steps"},
        step_keys={"conditions", "memoryPressure", "diskPressure", "pidPressure"},
    ),
    "kubelet_pleg": Entry(
        "node.lifecycle_judges.lifecycle_judge",
        "pod lifecycle events: what a kubelet notices by listing containers",
        keys={"channelCapacity", "steps"},
    ),
    "kubelet_podstatus": Entry(
        "node.pod_status_judge",
        "the status that a kubelet makes of a pod: phase, conditions, containers, resources",
        keys={"case", "pod", "steps"},
        step_keys={"in", "status"},
    ),
    "kubelet_podworkers": Entry(
        "node.pod_workers_judge",
        "the workers of a kubelet's pods: sync, termination, static pods of one name, orphans",
        keys={"case", "steps"},
        step_keys={"op", "after"},
    ),
    "kubelet_preempt": Entry(
        "node.critical_preemptions",
        "which pods a kubelet kills to make room for a critical pod",
        keys={"pod", "reasons", "running", "killFails"},
    ),
    "kubelet_probes": Entry(
        "node.lifecycle_judges.container_probes_judge",
        "probe workers of a container: results, thresholds, started and ready",
        keys={"case", "container", "kubeletStartedSecondsAgo", "steps"},
        step_keys={"op", "after"},
    ),
    "kubelet_resize": Entry(
        "node.resize_judge",
        "pods resized in place: what a kubelet allocates, defers and calls infeasible",
        keys={"case", "allocatable", "cpuManagerPolicy", "memoryManagerPolicy", "steps"},
        step_keys={"op", "after"},
    ),
    "kubelet_shutdown": Entry(
        "node.shutdown_judge",
        "graceful shutdown of a node: groups of pods, their grace and their status",
        keys={"in", "effective", "periodRequestedSeconds"},
        kinds={None},
    ),
    "kubelet_statusmanager": Entry(
        "node.status_judge",
        "the status manager of a kubelet: what it holds of a pod's status, and what it sends",
        keys={"pod", "static", "mirror", "steps"},
    ),
    "kubelet_sysctl": Entry(
        "node.sysctl_admissions",
        "which kernel parameters a kubelet lets pods set",
        keys={"case", "patterns"},
    ),
    "kubelet_terminationorder": Entry(
        "node.lifecycle_judges.termination_order_judge",
        "pods with sidecars that stop: which container waits for which",
        keys={"case", "containers", "waitsFor", "waves"},
    ),
    "kubelet_topology": Entry(
        "node.numa_judges.topology_judge",
        "hints of NUMA affinity merged, and what each topology policy admits",
        keys={"numaNodes", "providerHints", "merge"},
    ),
    "kubelet_volumes": Entry(
        "node.volumes_judge",
        "volumes of a node: attached, mounted for node and pods, expanded, and back",
        keys={
            *("case", "attachable", "supportsRemount", "controllerAttachDetachEnabled", "steps"),
        },
        step_keys={"op", "after"},
    ),
    "podactions": Entry(
        "node.lifecycle_judges.pod_actions_judge",
        "what a kubelet does next for a pod: sandbox, containers to kill and to start",
        keys={"actions", "containers", "pod", "sandbox"},
    ),
    "primitives": Entry(
        "primitives",
        "quantities, effective requests, QoS, selectors, taints, names",
        keys={"in", "out"},
        kinds={None},
    ),
    "quota": Entry(
        "apiserver.admissions.quota_judge",
        "creations under resource quotas, and what is used after each",
        keys={"quotas", "ops"},
    ),
    "raft": Entry(
        "raft.raft_recordings",
        "an etcd-raft node, through recorded scenarios and traces",
        keys={"config", "steps"},
    ),
    "raft.quorum": Entry(
        "raft.raft_quorum", "majority and joint commit index, vote result, membership changes"
    ),
    "raft.transcripts": Entry(
        "raft.raft_transcripts", "etcd-raft nodes driven by commands, with all that they print"
    ),
    "rbac": Entry(
        "apiserver.rbac_judge",
        "RBAC: decisions and the bindings that decide, aggregated roles",
        keys={"objects", "reviews"},
    ),
    "rbac_escalation": Entry(
        "apiserver.rbac_escalation_judge",
        "who may create a Role: only with rules that they hold",
        keys={"held", "attempts"},
    ),
    "scheduler": Entry(
        "scheduling", "filters, scores and preemption of kube-scheduler", keys={"case", "verdict"}
    ),
    "ssa": Entry(
        "apiserver.applied_objects",
        "server-side apply by several managers mixed with other writes",
        keys={"in", "out"},
        kinds={"ssa"},
    ),
    "volumes_live": Entry(
        "controllers.traced.traced_judge",
        "live scenarios of claims and volumes: bound, released, protected, attached, and why",
        keys={"scenario", "params", "controllerWrites"},
        scenarios={"volumes_attach", "volumes_dynamic", "volumes_freed", "volumes_static"},
    ),
    "watchlist": Entry(
        "apiserver.watchlist_judge",
        "lists and watches by resource version, limit, token, selector; bookmarks, compaction",
        keys={"in", "out"},
        kinds={"watchlist"},
    ),
}
"""NAME of the command line, the stem of the recording where there is one, to its judge."""


FORMERLY = {"scheduling": "scheduler", "validation": "admission"}
"""Names that judges had in earlier releases, still understood."""


def load_judge(name: str) -> Judge:
    """Import and return the judge called `name`; ConfigurationError when there is none."""
    name = FORMERLY.get(name, name)
    if name not in JUDGES:
        known = ", ".join(sorted(JUDGES)) + did_you_mean(name, JUDGES)
        raise ConfigurationError(f"nothing is called {name!r} to conform; known: {known}")
    module = importlib.import_module(f"planespec.reports.judge.{JUDGES[name].module}")
    return cast(Judge, module.judge)


def load_judges(paths: Sequence[Path]) -> tuple[list[str], dict[Path, Judge]]:
    """Recognise each recording, and return the names of the judges and the judge of each path.

    Where the names are several, kinds are counted as `name: kind`. Raises InputError.
    """
    names = {path: recognise(path) for path in paths}
    distinct = sorted(set(names.values()))
    if len(distinct) == 1:
        return distinct, dict.fromkeys(paths, load_judge(distinct[0]))
    return distinct, {path: _name_kinds(name) for path, name in names.items()}


def _name_kinds(name: str) -> Judge:
    judge = load_judge(name)
    return lambda path: (replace(each, kind=f"{name}: {each.kind}") for each in judge(path))


def recognise(path: Path) -> str:
    """Return the name of the judge whose recordings look like the first case of a file.

    A line about the cluster (`{"cluster": ...}`) is no case. Raises InputError where no judge, or
    more than one, has such lines: text forms have to be named, and what is read from a pipe.
    """
    if path.is_fifo() or path.is_char_device():
        raise InputError("can be read once only; give the name: conform NAME FILE", file=path)
    line, record = next(_read_cases(path), (0, {}))
    if not line:
        raise InputError("holds no case to judge", file=path)
    fitting = {
        name: entry
        for name, entry in JUDGES.items()
        if entry.recognises(record) and _has_later(path, entry.later_keys)
    }
    names = [
        name
        for name, entry in fitting.items()
        if not any(entry.says_less_than(other) for other in fitting.values())
    ]
    if len(names) == 1:
        return names[0]
    said = f"looks like {' and '.join(names)}" if names else "is of no recording that is known"
    raise InputError(f"{said}; give the name: conform NAME FILE", file=path, line=line)


def _has_later(path: Path, keys: Set[str]) -> bool:
    """Whether some line has these keys, if there are any."""
    return not keys or any(keys <= record.keys() for _, record in read_records(path))


def _read_cases(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    return ((line, record) for line, record in read_records(path) if record.keys() != {"cluster"})
