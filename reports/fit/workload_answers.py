"""Place the pods in question one after the other, and explain the one that decides."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from planespec.reports.audit.sources import without_collection
from planespec.reports.fit.device_selectors import evaluate_on_device
from planespec.reports.fit.node_answers import Explanation, Placement, describe
from planespec.reports.fit.reading import Question, find_unreadable
from planespec.spec.controllers.pod_making import Workload, make_claims, make_pods
from planespec.spec.objects import ObjectError
from planespec.spec.scheduling.attempts.attempt import FitVerdict, try_pod
from planespec.spec.scheduling.attempts.known_cluster import KnownCluster
from planespec.spec.scheduling.attempts.placing import place

Object = Mapping[str, Any]
UNWANTED = frozenset(("NodeUnschedulable", "NodeName", "TaintToleration", "NodeAffinity"))
"""Where one of these rejects a node, a DaemonSet wants no pod there."""


def explain(question: Question, replicas: int | None = None) -> Explanation:
    """Place `replicas` pods, or as many as are wanted. Raises InputError for malformed objects."""
    try:
        with without_collection():
            return _explain(question, replicas)
    except ObjectError as error:
        raise find_unreadable(question, error) from error


def _explain(question: Question, replicas: int | None) -> Explanation:
    cluster = KnownCluster(
        question.objects, evaluate_on_device, [*question.pods], recounts=question.recounts
    )
    workload = question.workload
    if workload is not None and workload.is_daemon and replicas is None:
        return _explain_daemon(question, cluster, workload)
    wanted = replicas
    if wanted is None:
        wanted = 1 if workload is None else max(1, workload.replicas)
    verdict, told = FitVerdict.FITS, None
    placements: list[Placement] = []
    snapshot = cluster.snapshot
    for pod, claims in _list_pods(question, wanted):
        attempt = try_pod(
            cluster,
            pod,
            is_new=question.is_new,
            claims=claims,
            snapshot=snapshot,
            owner_labels={} if workload is None else workload.labels,
        )
        told = told or attempt
        node = attempt.best_node
        placements.append(Placement(attempt.pod.key, None if node is None else node.name))
        if attempt.verdict is not FitVerdict.FITS:
            told, verdict = attempt, attempt.verdict
        if node is None or verdict is FitVerdict.UNKNOWN:
            break
        if len(placements) < wanted:
            snapshot = place(attempt.snapshot, attempt.pod, node)
            cluster.charge(attempt.pod.pod, attempt.pod.namespace)
    if told is None:
        raise ValueError("no pod was asked about")
    return describe(question, told, verdict, wanted, placements)


def _list_pods(question: Question, wanted: int) -> Iterator[tuple[Object, list[Object]]]:
    workload = question.workload
    if workload is None:
        pod = question.pod or {}
        yield pod, []
        for number in range(1, wanted):
            meta = {k: v for k, v in pod["metadata"].items() if k != "uid"}
            yield {**pod, "metadata": {**meta, "name": f"{meta.get('name')}-{number}"}}, []
        return
    for _, pod in zip(range(wanted), make_pods(workload), strict=False):
        yield pod, [*make_claims(workload, pod["metadata"]["name"])]


def _explain_daemon(question: Question, cluster: KnownCluster, workload: Workload) -> Explanation:
    """Judge a DaemonSet: it wants a pod on each node that its pods tolerate and select."""
    attempt = try_pod(
        cluster, next(make_pods(workload)), is_new=True, owner_labels=workload.labels
    )
    rejected = attempt.feasibility.rejected
    short = [name for name, each in rejected.items() if each.plugin not in UNWANTED]
    placements = [Placement(attempt.pod.key, node.name) for node in attempt.feasibility.feasible]
    verdict = attempt.verdict
    if verdict is FitVerdict.FITS and short:
        verdict = FitVerdict.DOES_NOT_FIT
    wanted = len(placements) + len(short)
    for number in range(1, wanted):
        cluster.charge(attempt.pod.pod, attempt.pod.namespace)
        refusal = cluster.refuse_more(attempt.pod.pod, attempt.pod.namespace)
        if refusal is not None:
            attempt = replace(attempt, refusals=[*attempt.refusals, refusal])
            placements = placements[:number]
            return describe(question, attempt, attempt.verdict, wanted, placements)
    return describe(question, attempt, verdict, wanted, placements)
