"""Who may come to which permission: roles, bindings, aggregation, and acting as another.

Subjects begin with what a table gives them, write roles and bindings, and act as others through
pods, tokens and impersonation. The API server lets a subject write into a role only what it holds
itself, unless it has the verb escalate, and lets it bind only a role whose rules it all holds,
unless it has the verb bind; a label by which a role is aggregated counts as writing all its rules.
Source: pkg/registry/rbac/{role,rolebinding,clusterrole}/policybased/storage.go,
pkg/registry/rbac/escalation_check.go, pkg/controller/clusterroleaggregation.
Left out: namespaces, resource names, non-resource URLs, and that rules cover others by wildcards:
the rules of spec/api/authorization have those. In 1.36 the check reads the role before the binding
is written, and not in one transaction with it: `checks_before` lets the role change between.
"""

from enum import Enum
from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Range,
    Sort,
    action,
    constant,
    each,
    instance,
    mutant,
    no_recording,
    only,
    reachable,
    require,
    sort,
    table,
)
from planespec.spec.api.authorization.access_requirements import (
    nobody_poses_without_permission,
    permissions_are_given_by_holders,
)


class Permission(Enum):
    """What a rule lets its holders do."""

    ROLES = "write roles"
    BINDINGS = "write bindings"
    ESCALATE = "escalate"
    BIND = "bind"
    PODS = "create pods"
    IMPERSONATE = "impersonate"
    SECRETS = "read secrets"


class Subject(Enum):
    """Who holds permissions."""

    TENANT = "a user who manages roles and bindings"
    OWNER = "a user who also reads secrets"
    DEVELOPER = "a user who runs pods"
    ROBOT = "the service account of a controller"


class Role(Sort):
    """A role; the one of the highest number is aggregated from those with its label."""


Writes = Annotated[int, Range(0, "writes")]


class AccessGrants(Model):
    """`roles` roles and as many as `writes` writes to roles and bindings."""

    held_to = no_recording(
        "decisions and escalation checks were recorded one by one, and spec/api is held to them"
    )

    roles: Domain[Role] = sort(2, at_least=2, at_most=3)
    writes: int = constant(5, at_least=1, at_most=12)
    first: Array[Subject, set[Permission]] = table(
        {
            "TENANT": ["ROLES", "BINDINGS"],
            "OWNER": ["ROLES", "BINDINGS", "SECRETS", "IMPERSONATE"],
            "DEVELOPER": ["PODS"],
            "ROBOT": ["SECRETS"],
        }
    )
    """What a subject holds before anybody writes."""

    rules_unchecked: bool = mutant("Any rule is written by who may write roles.")
    bindings_unchecked: bool = mutant("Any role is bound by who may write bindings.")
    labels_unchecked: bool = mutant("A label by which a role is aggregated is written by anybody.")
    checks_before: bool = mutant(
        "A role may change between the check and the writing of a binding."
    )
    poses_freely: bool = mutant("Who may write roles may impersonate, too.")

    deadlock = False

    rules: Array[Role, set[Permission]] = each(set())
    collected: set[Permission] = set()
    """The rules of the aggregated role."""
    labelled: set[Role] = set()
    bound: set[tuple[Subject, Role]] = set()
    written: Writes = 0
    checked: Array[Subject, Role | None] = only(each(None), when="checks_before")
    """The role that a subject was found to hold, and is about to bind."""

    held: Array[Subject, set[Permission]] = first
    given: Array[Subject, set[Permission]] = first
    poses: set[tuple[Subject, Subject]] = set()
    may_pose: set[tuple[Subject, Subject]] = set()

    requires = [permissions_are_given_by_holders, nobody_poses_without_permission]

    @action
    def write_rule(self, s: Subject, r: Role, p: Permission) -> None:
        """A subject adds a rule to a role."""
        require(not self.is_aggregated(r) and p not in self.rules[r])
        require(Permission.ROLES in self.held[s])
        gives = self.may_give(s, p)
        require(gives or self.rules_unchecked)
        self.count_write()
        self.rules[r].add(p)
        if gives:
            for t in Subject:
                if (t, r) in self.bound or (r in self.labelled and self.has_aggregated(t)):
                    self.given[t].add(p)
        self.refresh()

    @action
    def remove_rule(self, s: Subject, r: Role, p: Permission) -> None:
        """A subject takes a rule out of a role."""
        require(Permission.ROLES in self.held[s] and p in self.rules[r])
        self.count_write()
        self.rules[r].remove(p)
        self.refresh()

    @action
    def label(self, s: Subject, r: Role) -> None:
        """A subject gives a role the label of aggregated ones: all its rules are checked."""
        require(not self.is_aggregated(r) and r not in self.labelled)
        require(Permission.ROLES in self.held[s])
        gives = all(self.may_give(s, p) for p in self.rules[r])
        require(gives or self.labels_unchecked)
        self.count_write()
        self.labelled.add(r)
        if gives:
            for t in Subject:
                if self.has_aggregated(t):
                    self.given[t] |= self.rules[r]

    @action
    def aggregate(self) -> None:
        """The controller writes the rules of all roles with the label into the aggregated one."""
        found = {p for r in self.labelled for p in self.rules[r]}
        require(found != self.collected)
        self.collected = found
        self.refresh()

    @action
    def bind(self, s: Subject, t: Subject, r: Role) -> None:
        """A subject binds a role whose rules it holds, or that it may bind, to any subject."""
        require(Permission.BINDINGS in self.held[s] and (t, r) not in self.bound)
        gives = self.holds_all(s, r)
        earlier = self.checks_before and self.checked[s] == r
        require(gives or earlier or self.bindings_unchecked)
        self.count_write()
        self.bound.add((t, r))
        if gives:
            self.given[t] |= self.rules_of(r)
            if self.is_aggregated(r):
                # A label gives to whoever has the role when the controller gets to it.
                self.given[t] |= {p for k in self.labelled for p in self.rules[k]}
        self.refresh()

    @action(when="checks_before")
    def check(self, s: Subject, r: Role) -> None:
        """The API server finds that a subject holds a role, and goes on to write."""
        require(Permission.BINDINGS in self.held[s] and self.holds_all(s, r))
        self.checked[s] = r

    @action
    def unbind(self, s: Subject, t: Subject, r: Role) -> None:
        """A subject deletes a binding: that is no escalation, whatever the role has."""
        require(Permission.BINDINGS in self.held[s] and (t, r) in self.bound)
        self.count_write()
        self.bound.remove((t, r))
        self.refresh()

    @action
    def run_pod(self, s: Subject) -> None:
        """A subject runs a pod under the service account, and so acts as it."""
        require(Permission.PODS in self.held[s] and s != Subject.ROBOT)
        self.may_pose.add((s, Subject.ROBOT))
        self.poses.add((s, Subject.ROBOT))

    @action
    def impersonate(self, s: Subject, t: Subject) -> None:
        """A subject acts as another by the headers of its requests."""
        require(s != t)
        may = Permission.IMPERSONATE in self.held[s]
        require(may or (self.poses_freely and Permission.ROLES in self.held[s]))
        if may:
            self.may_pose.add((s, t))
        self.poses.add((s, t))

    def count_write(self) -> None:
        """One write to roles and bindings more."""
        require(self.written < self.writes)
        self.written += 1

    def may_give(self, s: Subject, p: Permission) -> bool:
        """Whether a subject holds what it gives, or may give what it has not."""
        return p in self.held[s] or Permission.ESCALATE in self.held[s]

    def holds_all(self, s: Subject, r: Role) -> bool:
        """Whether a subject holds all rules of a role, or may bind what it has not."""
        return Permission.BIND in self.held[s] or self.rules_of(r) <= self.held[s]

    def is_aggregated(self, r: Role) -> bool:
        """Whether a role is the one that the controller fills."""
        return r == len(self.roles) - 1

    def has_aggregated(self, t: Subject) -> bool:
        """Whether the aggregated role is bound to a subject."""
        return any((t, r) in self.bound for r in self.roles if self.is_aggregated(r))

    def rules_of(self, r: Role) -> set[Permission]:
        """The rules of a role as they are in force."""
        return self.collected if self.is_aggregated(r) else self.rules[r]

    def refresh(self) -> None:
        """What everybody holds by the roles as they are now."""
        for t in Subject:
            self.held[t] = self.first[t] | {
                p for r in self.roles if (t, r) in self.bound for p in self.rules_of(r)
            }

    @reachable
    def a_developer_reads_secrets(self) -> bool:
        """Who may only run pods reads secrets, as the service account of a pod."""
        return (Subject.DEVELOPER, Subject.ROBOT) in self.poses

    @reachable
    def a_tenant_is_given_secrets(self) -> bool:
        """A tenant reads secrets, since the owner gave it that."""
        return Permission.SECRETS in self.held[Subject.TENANT]

    @reachable
    def an_aggregated_role_gives(self) -> bool:
        """Somebody holds a permission through the aggregated role."""
        return Permission.SECRETS in self.collected and self.has_aggregated(Subject.TENANT)

    instances = [
        instance("small", writes=3),
        instance("defaults"),
        instance(
            "delegates",
            writes=4,
            first={
                "TENANT": ["ROLES", "ESCALATE"],
                "OWNER": ["BINDINGS", "BIND"],
                "DEVELOPER": [],
                "ROBOT": ["SECRETS"],
            },
        ),
    ]
