"""What StatefulSets and DaemonSets promise of their pods: CTRL-20 to CTRL-31.

Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/ (called
"StatefulSets"), https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/ (called
"DaemonSets"), and the issues of kubernetes/kubernetes that are named.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from planespec.spec.requirement import requirement


class Identities(Protocol):
    """A StatefulSet, whose pods have a name each that is fixed."""

    @property
    def names(self) -> Iterable[Any]:
        """Ordinals, from 0 on."""

    @property
    def replicas(self) -> int:
        """How many pods are wanted."""

    @property
    def partition(self) -> int:
        """How many of the first pods keep the old template."""

    @property
    def is_ordered(self) -> bool:
        """Whether one pod waits for the other."""

    @property
    def uid(self) -> Mapping[Any, int]:
        """Which pod has a name; 0 for none."""

    @property
    def is_new(self) -> Mapping[Any, bool]:
        """Whether a pod is of the new template."""

    @property
    def is_rolled(self) -> bool:
        """Whether the set asks for the new template."""

    @property
    def is_well(self) -> Mapping[Any, bool]:
        """Whether there is a pod of a name that is ready and not marked."""

    @property
    def has_been_well(self) -> Mapping[Any, bool]:
        """Whether there was one at any time."""

    @property
    def left_running(self) -> Mapping[Any, bool]:
        """Whether a node still runs a pod whose object is gone."""

    @property
    def is_calm(self) -> bool:
        """Whether, since all were well, nothing has happened but a change of the template."""

    @property
    def was_unseen_deleted(self) -> bool:
        """Whether the controller deleted another pod than the one that it saw."""

    @property
    def was_out_of_turn(self) -> bool:
        """Whether a pod that is too many was deleted before one behind it."""

    @property
    def claim_owner(self) -> Mapping[Any, int]:
        """The uid of the pod with which the claim of a name goes; 0 where it stays."""


@requirement("CTRL-20", source="StatefulSets, Limitations; #61832, #54368")
def identity_runs_once(s: Identities) -> bool:
    """Of each name of a StatefulSet at most one pod runs."""
    return not any(s.is_well[n] and s.left_running[n] for n in s.names)


@requirement("CTRL-21", source="StatefulSets; #67250, #118310", promise="always eventually")
def set_settles(s: Identities) -> bool:
    """At last a set has the pods that it wants, ready and of the template that they should be."""
    return all(
        s.is_well[n] and s.is_new[n] == (s.is_rolled and n >= s.partition)
        if n < s.replicas
        else s.uid[n] == 0
        for n in s.names
    )


@requirement("CTRL-22", source="StatefulSets, Deployment and scaling guarantees")
def later_pods_wait(before: Identities, after: Identities) -> bool:
    """An ordered set makes a pod only once each before it has been ready."""
    return not before.is_ordered or all(
        before.uid[n] != 0
        or after.uid[n] == 0
        or all(before.has_been_well[m] for m in after.names if m < n)
        for n in after.names
    )


@requirement("CTRL-23", source="StatefulSets, Rolling updates; #96218")
def rollout_takes_one_at_a_time(s: Identities) -> bool:
    """While nothing happens but rollouts, at most one pod of an ordered set is not ready."""
    return not (s.is_ordered and s.is_calm) or sum(1 for n in s.names if not s.is_well[n]) <= 1


@requirement("CTRL-24", source="StatefulSets, Partitioned rolling updates; #119685")
def kept_pods_are_of_the_old_template(s: Identities) -> bool:
    """A pod below the partition is of the old template, also when it is made again."""
    return not any(s.is_new[n] and n < s.partition for n in s.names)


@requirement("CTRL-25", source="pkg/controller/statefulset, DeletePod; #64923")
def only_seen_pods_are_deleted(s: Identities) -> bool:
    """The controller deletes the pod that it saw, not another of that name."""
    return not s.was_unseen_deleted


@requirement("CTRL-26", source="StatefulSets, Deployment and scaling guarantees")
def condemned_pods_go_from_the_last(s: Identities) -> bool:
    """Of the pods that are too many the last is deleted first, once those behind it are gone."""
    return not s.was_out_of_turn


@requirement("CTRL-27", source="StatefulSets, PersistentVolumeClaim retention; PR #99728")
def claims_stay_under_pods(s: Identities) -> bool:
    """No pod has a claim that goes with an earlier pod of its name."""
    return all(s.uid[n] == 0 or s.claim_owner[n] in (0, s.uid[n]) for n in s.names)


class Daemons(Protocol):
    """A DaemonSet, with nodes that come and go."""

    @property
    def nodes(self) -> Iterable[Any]:
        """All nodes that there ever are."""

    @property
    def may_run(self) -> Mapping[Any, bool]:
        """Whether a node is there, and no taint keeps pods of the set away."""

    @property
    def may_stay(self) -> Mapping[Any, bool]:
        """Whether a node is there, and no taint drives pods of the set away."""

    @property
    def daemons(self) -> Mapping[Any, int]:
        """How many pods of a node have neither ended nor are marked for deletion."""

    @property
    def serving(self) -> Mapping[Any, bool]:
        """Whether a node has a pod that is ready and not marked."""

    @property
    def updated(self) -> Mapping[Any, bool]:
        """Whether a node has such a pod of the template that is asked for."""

    @property
    def is_calm(self) -> bool:
        """Whether, since all nodes were served, only the template has changed."""

    @property
    def max_unavailable(self) -> int:
        """How many nodes may be without a pod in a rollout."""

    @property
    def max_surge(self) -> int:
        """How many nodes may have a second pod in a rollout."""


@requirement("CTRL-28", source="DaemonSets; #54096")
def nodes_have_one_daemon(s: Daemons) -> bool:
    """A node has at most one pod of a DaemonSet, and one more in a rollout with surge."""
    most = 1 if s.max_surge == 0 else 2
    return all(s.daemons[n] <= most for n in s.nodes)


@requirement("CTRL-29", source="DaemonSets; #117018, #118823", promise="always eventually")
def daemons_settle(s: Daemons) -> bool:
    """At last each node that may has one pod, ready and up to date, and no other node has."""
    return all(
        (s.daemons[n] == 1 and s.updated[n])
        if s.may_run[n]
        else (s.may_stay[n] or s.daemons[n] == 0)
        for n in s.nodes
    )


@requirement("CTRL-30", source="DaemonSets, RollingUpdate: maxUnavailable; #123232")
def rollouts_keep_daemons(s: Daemons) -> bool:
    """While nothing happens but rollouts, at most `maxUnavailable` nodes have no ready pod."""
    missing = sum(1 for n in s.nodes if s.may_run[n] and not s.serving[n])
    return not s.is_calm or missing <= s.max_unavailable


@requirement("CTRL-31", source="DaemonSets, RollingUpdate: maxSurge")
def rollouts_add_few_daemons(s: Daemons) -> bool:
    """While nothing happens but rollouts, at most `maxSurge` nodes have a second pod."""
    return not s.is_calm or sum(1 for n in s.nodes if s.daemons[n] > 1) <= s.max_surge
