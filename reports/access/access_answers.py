"""Answer who may do what: yes or no with the rule and binding that decide, or what is missing."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from planespec.checker.errors import ExitCode
from planespec.reports.access.access_reading import Asked
from planespec.spec.api.authorization.access_request import (
    MASTERS,
    Attributes,
    User,
    get_node_name,
)
from planespec.spec.api.authorization.kubelets.node_authorizer import authorize_node
from planespec.spec.api.authorization.kubelets.node_graph import NodeGraph
from planespec.spec.api.authorization.rbac_authorizer import find_grant
from planespec.spec.api.authorization.rbac_policy import Grant
from planespec.spec.api.authorization.rbac_rules import write_rule
from planespec.spec.api.authorization.reach.access_cluster import AccessCluster
from planespec.spec.api.authorization.reach.identities import Step
from planespec.spec.api.authorization.reach.reaching import Reach

SCHEMA = "planespec/can/1"
NOT_CONSIDERED = (
    "authorizers other than Node and RBAC: a webhook or ABAC policy may allow or deny more",
    "groups of users that no option names",
)
"""What no object of a cluster tells."""


class AccessVerdict(StrEnum):
    """What an answer comes to."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


CODES = {
    AccessVerdict.YES: ExitCode.HOLDS,
    AccessVerdict.NO: ExitCode.SAFETY,
    AccessVerdict.UNKNOWN: ExitCode.UNKNOWN,
}
"""The exit code of a verdict."""


@dataclass(frozen=True, slots=True)
class MayAnswer:
    """Whether a user may do something."""

    user: User
    asked: Asked
    verdict: AccessVerdict
    reason: str
    """What decided where no grant did; "" otherwise."""
    grant: Grant | None
    missing: tuple[str, ...]

    def write_json(self) -> str:
        """The answer as JSON."""
        document = {
            "schema": SCHEMA,
            "subject": {"name": self.user.name, "groups": list(self.user.groups)},
            "asked": self.asked.describe(),
            "verdict": str(self.verdict),
            "reason": self.reason,
            "grant": None if self.grant is None else _write_grant(self.grant),
            "missing": list(self.missing),
            "not_considered": list(NOT_CONSIDERED),
        }
        return json.dumps(document, indent=2)


def _write_grant(grant: Grant) -> dict[str, object]:
    """A grant as JSON: the binding, its role, the subject in it, the rule."""
    binding, subject = grant.binding, grant.subject
    return {
        "binding": {
            "kind": binding.kind,
            "name": binding.name,
            "namespace": binding.namespace,
        },
        "role": {"kind": binding.role.kind, "name": binding.role.name},
        "subject": {"kind": subject.kind, "name": subject.name, "namespace": subject.namespace},
        "rule": None if grant.rule is None else write_rule(grant.rule),
    }


def answer_may(cluster: AccessCluster, user: User, asked: Asked) -> MayAnswer:
    """Ask the authorizers of the API server, Node and RBAC behind that of system:masters."""
    request = asked.make_request(user)
    if MASTERS in user.groups:
        reason = f"group {MASTERS} may do everything"
        return MayAnswer(user, asked, AccessVerdict.YES, reason, None, ())
    by_node = _ask_node(cluster, request)
    if by_node is not None:
        return MayAnswer(user, asked, AccessVerdict.YES, by_node, None, ())
    grant = find_grant(cluster.policy, request)
    if grant is not None:
        return MayAnswer(user, asked, AccessVerdict.YES, "", grant, ())
    missing = [] if asked.path else cluster.list_gaps(asked.namespace)
    missing = missing or cluster.list_gaps()
    missing += [
        cluster.find_gap(each.binding)
        for each in cluster.policy.visit(user, asked.namespace)
        if each.error
    ]
    known = tuple(dict.fromkeys(filter(None, missing)))
    verdict = AccessVerdict.UNKNOWN if known else AccessVerdict.NO
    return MayAnswer(user, asked, verdict, "no rule allows it", None, known)


def _ask_node(cluster: AccessCluster, request: Attributes) -> str | None:
    """Why the node authorizer allows a request; None where it does not."""
    if get_node_name(request.user) is None:
        return None
    graph = NodeGraph()
    for kind, add in (
        ("Pod", graph.add_pod),
        ("PersistentVolume", graph.add_volume),
        ("VolumeAttachment", graph.add_attachment),
        ("ResourceSlice", graph.add_slice),
    ):
        for each in cluster.get(kind):
            add(each)
    if not authorize_node(graph, request).allows:
        return None
    return "the node authorizer allows it; what is written, NodeRestriction narrows"


@dataclass(frozen=True, slots=True)
class WhoAnswer:
    """Everybody who may do something."""

    asked: Asked
    grants: tuple[Grant, ...]
    missing: tuple[str, ...]

    @property
    def verdict(self) -> AccessVerdict:
        """YES where somebody may and all of them are known."""
        if self.missing:
            return AccessVerdict.UNKNOWN
        return AccessVerdict.YES if self.grants else AccessVerdict.NO

    def write_json(self) -> str:
        """The answer as JSON."""
        document = {
            "schema": SCHEMA,
            "asked": self.asked.describe(),
            "verdict": str(self.verdict),
            "grants": [_write_grant(each) for each in self.grants],
            "missing": list(self.missing),
            "not_considered": list(NOT_CONSIDERED),
        }
        return json.dumps(document, indent=2)


def answer_who(cluster: AccessCluster, asked: Asked) -> WhoAnswer:
    """Find every subject of a binding that allows it, by the first rule that does."""
    request = asked.make_request(User(""))
    policy = cluster.policy
    grants, missing = [], cluster.list_gaps(asked.namespace)
    local = policy.bindings.get(asked.namespace, ()) if asked.namespace else ()
    for binding in (*policy.cluster_bindings, *local):
        rules, _ = policy.get_rules(binding.role, binding.namespace)
        rule = next((each for each in rules if each.allows(request)), None)
        missing.append(cluster.find_gap(binding))
        if rule is not None:
            grants += [Grant(binding, subject, rule) for subject in binding.subjects]
    return WhoAnswer(asked, tuple(grants), tuple(dict.fromkeys(filter(None, missing))))


@dataclass(frozen=True, slots=True)
class ReachAnswer:
    """What a user can come to."""

    user: User
    reach: Reach
    missing: tuple[str, ...]
    unconsidered: tuple[str, ...]

    @property
    def verdict(self) -> AccessVerdict:
        """YES where there is a way to more, NO where there is surely none."""
        if self.reach.last_steps:
            return AccessVerdict.YES
        return AccessVerdict.UNKNOWN if self.missing else AccessVerdict.NO

    @property
    def exit_code(self) -> ExitCode:
        """A way to more is what should not be: 12, as for a violated requirement."""
        codes = {AccessVerdict.YES: ExitCode.SAFETY, AccessVerdict.NO: ExitCode.HOLDS}
        return codes.get(self.verdict, ExitCode.UNKNOWN)

    def write_json(self) -> str:
        """The answer as JSON."""
        document = {
            "schema": SCHEMA,
            "subject": {"name": self.user.name, "groups": list(self.user.groups)},
            "verdict": str(self.verdict),
            "holds_everything": self.reach.holds_everything,
            "ways": [
                {"to": steps[-1].target.name, "steps": [_write_step(each) for each in steps]}
                for steps in self.reach.list_ways()
            ],
            "missing": list(self.missing),
            "not_considered": list(self.unconsidered),
        }
        return json.dumps(document, indent=2)


def _write_step(step: Step) -> dict[str, object]:
    return {
        "as": step.source.name,
        "action": step.action,
        "grants": [_write_grant(each) for each in step.grants],
        "considered": list(step.notes),
    }


_LEFT_OUT = (
    "steps that need the rights of two identities at once",
    "constrained impersonation of nodes (impersonate:arbitrary-node and associated-node)",
    "the level of Pod Security that a server enforces in namespaces without a label",
    "rights on objects of other API groups, and what their controllers do with them",
    "what runs in a pod, and credentials in ConfigMaps, secrets of other types and images",
)
_POD_POLICIES = (
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
    "MutatingAdmissionPolicyBinding",
)


def answer_reach(cluster: AccessCluster, user: User, reach: Reach) -> ReachAnswer:
    """Put what was found beside what is missing and what is not considered."""
    missing = [*cluster.list_gaps("any"), *reach.doubts.found]
    policies = [
        f"{kind} {each.name}, which may refuse or change what a step writes"
        for kind in _POD_POLICIES
        for each in cluster.get(kind)
    ]
    left_out = (*NOT_CONSIDERED, *_LEFT_OUT, *policies)
    return ReachAnswer(user, reach, tuple(missing), left_out)


def list_missing(items: Sequence[str]) -> list[str]:
    """Lines about what is not in the input."""
    return [f"  not known: {each}" for each in items]
