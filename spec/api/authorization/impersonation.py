"""Acting as another user: constrained impersonation, and the older kind behind it.

Source: `apiserver/pkg/endpoints/filters/impersonation/{constrained_impersonation,mode,cache}.go`,
v1.36 (KEP-5284). Modes are tried in order, first the one that worked last for the requester; any
success wins, and if all fail the first refusal is told. A mode but the last asks twice: for
`impersonate-on:MODE:VERB` on what is requested, and for `impersonate:MODE` on the user. What was
allowed is kept for 10 s; an Impersonator is meant to live no longer, and knows no time.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from planespec.spec.api.authorization.access_request import (
    ANONYMOUS,
    AUTHENTICATED,
    MASTERS,
    NODE_PREFIX,
    NODES,
    UNAUTHENTICATED,
    Attributes,
    User,
    make_service_account_groups,
    split_service_account,
)
from planespec.spec.api.authorization.authorizer_union import Authorizer
from planespec.spec.api.authorization.forbidden_text import describe_refusal
from planespec.spec.labels.selector import join_errors
from planespec.spec.names import get_dns1123_subdomain_errors
from planespec.spec.quantity.amount import quote
from planespec.spec.validation.value_rules import validate_domain_prefixed_path

_USER, _UID, _GROUP = "Impersonate-User", "Impersonate-Uid", "Impersonate-Group"
_EXTRA = "Impersonate-Extra-"
_AUTHENTICATION = "authentication.k8s.io"
_NODE_KEY = "authentication.kubernetes.io/node-name"
_MANY = 4
"""From so many groups or extra values on, the right to all of them is asked for first."""

Headers = Mapping[str, Sequence[str]]
"""Headers by their canonical name."""


class ImpersonationError(ValueError):
    """The headers are refused; `code` is 400 or 403 and the message upstream's."""

    def __init__(self, code: int, message: str, asked: Attributes | None = None) -> None:
        """Keep the code beside the message, and what was asked for in vain (403)."""
        super().__init__(message)
        self.code = code
        self.asked = asked


@dataclass(frozen=True, slots=True)
class _Mode:
    """A way to impersonate; without a name it is the older one."""

    name: str
    applies: Callable[[User, User], bool]
    """Whether it is for this wanted user and this requester."""

    @property
    def verb(self) -> str:
        """The verb that the requester must have on the user."""
        return f"impersonate:{self.name}" if self.name else "impersonate"


@dataclass(slots=True)
class Impersonator:
    """The filter of one API server: asks an authorizer, and remembers what it allowed."""

    authorizer: Authorizer
    _last: dict[str, _Mode] = field(default_factory=dict)
    _requests: dict[tuple[str, User, Attributes], User] = field(default_factory=dict)
    _users: dict[tuple[str, User, User], User] = field(default_factory=dict)

    def get_user(self, headers: Headers, request: Attributes) -> User:
        """The user that the request goes on as; raises ImpersonationError."""
        wanted = read_wanted_user(headers)
        if wanted is None:
            return request.user
        last = self._last.get(request.user.name)
        ordered = ([last] if last else []) + [mode for mode in _MODES if mode is not last]
        refusal: ImpersonationError | None = None
        for mode in ordered:
            if not mode.applies(wanted, request.user):
                continue
            try:
                user = self._try(mode, wanted, request)
            except ImpersonationError as error:
                refusal = refusal or error
                continue
            self._last[request.user.name] = mode
            return user
        # The last mode applies to everybody, so there is a refusal.
        assert refusal is not None
        raise refusal

    def get_constraint(self, requester: User) -> str:
        """The verb by which the requester acted as another last; "" for the older kind."""
        last = self._last.get(requester.name)
        return last.verb if last is not None and last.name else ""

    def _try(self, mode: _Mode, wanted: User, request: Attributes) -> User:
        if not mode.name:
            return self._check_user(mode, wanted, request)
        if mode is _ASSOCIATED:
            # Kept for all nodes at once, so nothing of the node may count.
            keys = tuple(sorted(request.user.extra))
            asker = replace(
                request.user, extra={"authentication.kubernetes.io/associated-node-keys": keys}
            )
            request = replace(request, user=asker)
        key = (mode.name, _key(mode, wanted), request)
        if key not in self._requests:
            self._ask(replace(request, verb=f"impersonate-on:{mode.name}:{request.verb}"))
            self._requests[key] = self._check_user_once(mode, wanted, request)
        found = self._requests[key]
        return replace(found, name=wanted.name) if mode is _ASSOCIATED else found

    def _check_user_once(self, mode: _Mode, wanted: User, request: Attributes) -> User:
        key = (mode.name, _key(mode, wanted), request.user)
        if key not in self._users:
            self._users[key] = self._check_user(mode, wanted, request)
        return self._users[key]

    def _check_user(self, mode: _Mode, wanted: User, request: Attributes) -> User:
        """Ask for everything that the wanted user is made of, and fill in its groups."""
        asked = Attributes(request.user, mode.verb, _AUTHENTICATION, "v1")
        groups = self._check_name(mode, wanted, asked)
        if wanted.uid:
            self._ask(replace(asked, resource="uids", name=wanted.uid))
        self._check_groups(mode, wanted, asked)
        self._check_extra(mode, wanted, asked)
        if wanted.name == ANONYMOUS:
            groups = _with_group(groups, UNAUTHENTICATED)
        elif UNAUTHENTICATED not in groups:
            groups = _with_group(groups, AUTHENTICATED)
        return replace(wanted, groups=groups)

    def _check_name(self, mode: _Mode, wanted: User, asked: Attributes) -> tuple[str, ...]:
        """Ask for the name; returns the groups, which accounts and nodes have fixed ones of."""
        groups = wanted.groups
        group = _AUTHENTICATION if mode.name else ""
        named = replace(asked, group=group, resource="users", name=wanted.name)
        node = _get_node_name(wanted.name)
        if mode.name and node is not None:
            named = replace(named, resource="nodes", name="*" if mode is _ASSOCIATED else node)
            groups = (NODES,)
        account = split_service_account(wanted.name)
        if account is not None:
            namespace, name = account
            named = replace(named, resource="serviceaccounts", namespace=namespace, name=name)
            groups = groups or make_service_account_groups(namespace)
        self._ask(named)
        return groups

    def _check_groups(self, mode: _Mode, wanted: User, asked: Attributes) -> None:
        group = _AUTHENTICATION if mode.name else ""
        asked = replace(asked, group=group, resource="groups")
        if mode.name and "" in wanted.groups:
            raise _refuse(asked, "impersonating the empty string group is not allowed")
        if mode.name and MASTERS in wanted.groups:
            why = f"impersonating the {MASTERS} group is not allowed"
            raise _refuse(replace(asked, name=MASTERS), why)
        many = mode.name and len(wanted.groups) >= _MANY
        if many and self.authorizer(replace(asked, name="*")).allows:
            return
        for name in wanted.groups:
            self._ask(replace(asked, name=name))

    def _check_extra(self, mode: _Mode, wanted: User, asked: Attributes) -> None:
        """Ask for each value; upstream takes the keys in any order, here they are sorted."""
        asked = replace(asked, resource="userextras")
        if not wanted.extra:
            return
        problem = _find_bad_extra(wanted) if mode.name else ""
        if problem:
            raise _refuse(asked, problem)
        count = sum(map(len, wanted.extra.values()))
        many = mode.name and max(len(wanted.extra), count) >= _MANY
        if many and self.authorizer(replace(asked, subresource="*", name="*")).allows:
            return
        for key, values in sorted(wanted.extra.items()):
            for value in values:
                self._ask(replace(asked, subresource=key, name=value))

    def _ask(self, asked: Attributes) -> None:
        answer = self.authorizer(asked)
        if not answer.allows:
            told = ": ".join(each for each in (answer.error, answer.reason) if each)
            raise _refuse(asked, told)


def _refuse(asked: Attributes, reason: str) -> ImpersonationError:
    return ImpersonationError(403, describe_refusal(asked, reason), asked)


def _with_group(groups: tuple[str, ...], group: str) -> tuple[str, ...]:
    return groups if group in groups else (*groups, group)


def _key(mode: _Mode, wanted: User) -> User:
    return User("system:node:*") if mode is _ASSOCIATED else wanted


def read_wanted_user(headers: Headers) -> User | None:
    """The user that headers ask for, as they stand; None where they ask for none.

    Raises ImpersonationError where they ask for groups, uid or extra, and for no user.
    """
    name, uid = (next(iter(headers.get(each, ())), "") for each in (_USER, _UID))
    groups = tuple(headers.get(_GROUP, ()))
    extra: dict[str, tuple[str, ...]] = {}
    for header, values in headers.items():
        if header.startswith(_EXTRA) and values:
            key = _unescape(header[len(_EXTRA) :].lower())
            extra[key] = extra.get(key, ()) + tuple(values)
    wanted = User(name, groups, uid, extra)
    if name:
        return wanted
    if uid or groups or any(header.startswith(_EXTRA) for header in headers):
        message = f"requested {_show(wanted)} without impersonating a user name"
        raise ImpersonationError(400, message)
    return None


def _unescape(key: str) -> str:
    """Percent-decoded; as it is where it is malformed."""
    digits = "0123456789abcdefABCDEF"
    pieces = key.split("%")[1:]
    well_formed = all(len(piece) > 1 and set(piece[:2]) <= set(digits) for piece in pieces)
    return unquote(key) if well_formed else key


def _show(user: User) -> str:
    """As Go prints a `*user.DefaultInfo` with `%#v`."""
    groups = _show_list(user.groups) if user.groups else "[]string(nil)"
    pairs = [f"{quote(key)}:{_show_list(values)}" for key, values in sorted(user.extra.items())]
    kind = "map[string][]string"
    extra = f"{kind}{{{', '.join(pairs)}}}" if pairs else f"{kind}(nil)"
    named = f"Name:{quote(user.name)}, UID:{quote(user.uid)}"
    return f"&user.DefaultInfo{{{named}, Groups:{groups}, Extra:{extra}}}"


def _show_list(values: Sequence[str]) -> str:
    return f"[]string{{{', '.join(quote(value) for value in values)}}}"


def _find_bad_extra(wanted: User) -> str:
    for key, values in sorted(wanted.extra.items()):
        if not key:
            return "impersonating the empty string key in extra is not allowed"
        errors = [str(error) for error in validate_domain_prefixed_path("extra.key", key)]
        if errors:
            why = "impersonating an invalid key in extra is not allowed"
            return f"{why}: {join_errors(errors)}"
        if key != key.lower():
            return f"impersonating a non-lowercase key in extra is not allowed: {quote(key)}"
        if "" in values:
            return "impersonating the empty string value in extra is not allowed"
    return ""


def _get_node_name(user_name: str) -> str | None:
    """The name of the node that a user name stands for, groups or not."""
    if not user_name.startswith(NODE_PREFIX):
        return None
    name = user_name[len(NODE_PREFIX) :]
    return None if get_dns1123_subdomain_errors(name) else name


def _only_named(wanted: User) -> bool:
    return not (wanted.uid or wanted.groups or wanted.extra)


def _is_own_node(wanted: User, requester: User) -> bool:
    """Whether a service account asks for the node that its token names."""
    node = _get_node_name(wanted.name)
    return (
        node is not None
        and _only_named(wanted)
        and split_service_account(requester.name) is not None
        and tuple(requester.extra.get(_NODE_KEY, ())) == (node,)
    )


def _is_node(wanted: User, _: User) -> bool:
    return _only_named(wanted) and _get_node_name(wanted.name) is not None


def _is_account(wanted: User, _: User) -> bool:
    return _only_named(wanted) and split_service_account(wanted.name) is not None


def _is_other(wanted: User, _: User) -> bool:
    return _get_node_name(wanted.name) is None and split_service_account(wanted.name) is None


_ASSOCIATED = _Mode("associated-node", _is_own_node)
_MODES = (
    _ASSOCIATED,
    _Mode("arbitrary-node", _is_node),
    _Mode("serviceaccount", _is_account),
    _Mode("user-info", _is_other),
    _Mode("", lambda *_: True),
)
"""In the order in which they are tried."""
