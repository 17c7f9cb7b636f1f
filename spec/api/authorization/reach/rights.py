"""Everything one subject may do, found once and asked often."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from planespec.spec.api.authorization.access_request import MASTERS, Attributes, User
from planespec.spec.api.authorization.bootstrap_policy import BOOTSTRAP_BINDINGS
from planespec.spec.api.authorization.escalation import FULL_AUTHORITY, find_uncovered
from planespec.spec.api.authorization.rbac_policy import Binding, Grant, RbacPolicy
from planespec.spec.api.authorization.rbac_rules import PolicyRule

_EVERYBODY = frozenset(each.name for each in BOOTSTRAP_BINDINGS) - {"cluster-admin"}
"""Default bindings that give next to nothing to very many; they are not counted as rights."""


@dataclass(slots=True)
class Rights:
    """Grants of a user: those in all of the cluster, and those in single namespaces."""

    user: User
    wide: list[Grant] = field(default_factory=list)
    local: dict[str, list[Grant]] = field(default_factory=dict)
    bindings: list[Binding] = field(default_factory=list)
    """The bindings that name the user, those that give nothing by now among them."""
    dangling: list[Binding] = field(default_factory=list)
    """Those of which the role is not there."""
    _asked: dict[tuple[str, str, str, str], list[Grant]] = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        """Whether the user may do anything with any object."""
        if MASTERS in self.user.groups:
            return True
        return not find_uncovered(list_rules(self.wide), FULL_AUTHORITY[:1])

    @property
    def is_empty(self) -> bool:
        """Whether nothing is granted but what everybody has."""
        return not (self.wide or self.local or MASTERS in self.user.groups)

    def find(
        self, verb: str, resource: str, group: str = "", namespace: str = "", name: str = ""
    ) -> Grant | None:
        """What allows a request; `resource` may have a subresource behind a slash."""
        for grant in self.list_allowing(verb, resource, group, namespace):
            names = grant.rule.names if grant.rule is not None else ()
            if not names or name in names:
                return grant
        return None

    def list_allowing(
        self, verb: str, resource: str, group: str = "", namespace: str = ""
    ) -> list[Grant]:
        """All that allows this with objects of some name; the grants of the cluster first."""
        home = namespace if namespace in self.local else ""
        key = verb, resource, group, home
        found = self._asked.get(key)
        if found is None:
            main, _, subresource = resource.partition("/")
            asked = Attributes(self.user, verb, group, "", main, subresource, home)
            grants = [*self.wide, *self.local[home]] if home else self.wide
            found = self._asked[key] = [
                each
                for each in grants
                if each.rule is not None and replace(each.rule, names=()).allows(asked)
            ]
        return found

    def find_any(
        self,
        verbs: Iterable[str],
        resource: str,
        group: str = "",
        namespace: str = "",
        name: str = "",
    ) -> Grant | None:
        """What allows one of several verbs, the first that is allowed."""
        found = (self.find(verb, resource, group, namespace, name) for verb in verbs)
        return next(filter(None, found), None)

    def adds_to(self, other: "Rights") -> bool:
        """Say whether the user may do anything that the other may not."""
        if other.is_full:
            return False
        if MASTERS in self.user.groups:
            return True
        held = list_rules(other.wide)
        if find_uncovered(held, list_rules(self.wide)):
            return True
        return any(
            find_uncovered(
                [*held, *list_rules(other.local.get(namespace, ()))], list_rules(grants)
            )
            for namespace, grants in self.local.items()
        )


def list_rules(grants: Iterable[Grant]) -> list[PolicyRule]:
    """The rules of grants, each once."""
    return list(dict.fromkeys(each.rule for each in grants if each.rule is not None))


class RightsIndex:
    """The rights of any user of a policy; bindings are found by whom they name."""

    def __init__(self, policy: RbacPolicy) -> None:
        """Sort the bindings of a policy by subject."""
        self._policy = policy
        self._known: dict[User, Rights] = {}
        self._bindings: dict[tuple[str, str], list[Binding]] = {}
        local = (each for found in policy.bindings.values() for each in found)
        for binding in (*policy.cluster_bindings, *local):
            if binding.namespace or binding.name not in _EVERYBODY:
                for key in dict.fromkeys(_list_keys(binding)):
                    self._bindings.setdefault(key, []).append(binding)

    def list_subjects(self, kind: str) -> list[str]:
        """The users or groups that some binding names."""
        return sorted(name for found, name in self._bindings if found == kind)

    def find(self, user: User) -> Rights:
        """Return the rights of a user."""
        found = self._known.get(user)
        if found is None:
            found = self._known[user] = self._make(user)
        return found

    def _make(self, user: User) -> Rights:
        rights = Rights(user)
        keys = [("User", user.name), *(("Group", group) for group in user.groups)]
        bindings = dict.fromkeys(each for key in keys for each in self._bindings.get(key, ()))
        for binding in bindings:
            subject = binding.find_subject(user)
            if subject is None:
                continue
            rules, error = self._policy.get_rules(binding.role, binding.namespace)
            grants = [Grant(binding, subject, rule) for rule in rules]
            rights.bindings.append(binding)
            rights.dangling += [binding] if error else []
            if grants and binding.namespace:
                rights.local.setdefault(binding.namespace, []).extend(grants)
            else:
                rights.wide.extend(grants)
        return rights


def _list_keys(binding: Binding) -> Iterator[tuple[str, str]]:
    """Under which names a user is looked up whom the binding names."""
    for subject in binding.subjects:
        home = subject.namespace or binding.namespace
        if subject.kind in ("User", "Group"):
            yield subject.kind, subject.name
        elif subject.kind == "ServiceAccount" and home:
            yield "User", f"system:serviceaccount:{home}:{subject.name}"
