"""Impersonation in cases that no recording has: what is remembered, nodes of a token, extras."""

import pytest

from planespec.spec.api.authorization.access_request import (
    AUTHENTICATED,
    Answer,
    Attributes,
    Decision,
    User,
    make_service_account_user,
)
from planespec.spec.api.authorization.impersonation import (
    Headers,
    ImpersonationError,
    Impersonator,
    read_wanted_user,
)

ANN = User("ann", (AUTHENTICATED,))
NODE_KEY = "authentication.kubernetes.io/node-name"


class Checks:
    """An authorizer that allows some verbs and keeps what it was asked."""

    def __init__(self, *verbs: str) -> None:
        self.verbs = verbs
        self.asked: list[Attributes] = []

    def __call__(self, request: Attributes) -> Answer:
        self.asked.append(request)
        allowed = any(request.verb.startswith(verb) for verb in self.verbs)
        return Answer(Decision.ALLOW if allowed else Decision.NO_OPINION)

    def take(self) -> list[tuple[str, str]]:
        """Verbs and names asked for since the last call."""
        found = [(each.verb, each.name) for each in self.asked]
        self.asked.clear()
        return found


def ask(user: User = ANN, verb: str = "get", name: str = "p") -> Attributes:
    return Attributes(user, verb, resource="pods", namespace="a", name=name)


def wants(name: str, **more: list[str]) -> Headers:
    return {"Impersonate-User": [name], **{f"Impersonate-{key}": more[key] for key in more}}


def test_what_was_allowed_is_not_asked_again_and_other_requests_ask_half() -> None:
    checks = Checks("impersonate")
    impersonator = Impersonator(checks)
    assert impersonator.get_user(wants("bob"), ask()).groups == (AUTHENTICATED,)
    first = [("impersonate-on:user-info:get", "p"), ("impersonate:user-info", "bob")]
    assert checks.take() == first
    impersonator.get_user(wants("bob"), ask())
    assert checks.take() == []
    impersonator.get_user(wants("bob"), ask(verb="list", name=""))
    assert checks.take() == [("impersonate-on:user-info:list", "")]
    impersonator.get_user(wants("bob"), ask(User("eve", (AUTHENTICATED,))))
    assert checks.take() == first


def test_the_older_way_is_never_remembered_but_tried_first_once_it_worked() -> None:
    checks = Checks()

    def allow_the_older_way(request: Attributes) -> Answer:
        checks(request)
        return Answer(Decision.ALLOW if request.verb == "impersonate" else Decision.NO_OPINION)

    impersonator = Impersonator(allow_the_older_way)
    impersonator.get_user(wants("bob"), ask())
    assert checks.take() == [("impersonate-on:user-info:get", "p"), ("impersonate", "bob")]
    impersonator.get_user(wants("bob"), ask())
    assert checks.take() == [("impersonate", "bob")]


def test_a_service_account_acts_as_its_own_node_whatever_node_that_is() -> None:
    checks = Checks("impersonate-on:associated-node", "impersonate:associated-node")
    impersonator = Impersonator(checks)
    account = make_service_account_user("a", "agent")

    def on(node: str) -> User:
        return User(account.name, account.groups, extra={NODE_KEY: (node,), "jti": ("x",)})

    found = impersonator.get_user(wants("system:node:n1"), ask(on("n1")))
    assert found == User("system:node:n1", ("system:nodes", AUTHENTICATED))
    keys = [sorted(each.user.extra) for each in checks.asked]
    assert keys == [["authentication.kubernetes.io/associated-node-keys"]] * 2
    assert checks.take() == [
        ("impersonate-on:associated-node:get", "p"),
        ("impersonate:associated-node", "*"),
    ]
    found = impersonator.get_user(wants("system:node:n2"), ask(on("n2")))
    assert found.name == "system:node:n2"
    assert checks.take() == []
    with pytest.raises(ImpersonationError, match="cannot impersonate-on:arbitrary-node:get"):
        impersonator.get_user(wants("system:node:n1"), ask(on("n2")))


def test_many_groups_are_asked_for_at_once_and_one_by_one_where_that_fails() -> None:
    checks = Checks("impersonate")
    groups = ["a", "b", "c", "d"]
    found = Impersonator(checks).get_user(wants("bob", Group=groups), ask())
    assert found.groups == ("a", "b", "c", "d", AUTHENTICATED)
    assert checks.take()[2:] == [("impersonate:user-info", "*")]
    Impersonator(checks).get_user(wants("bob", Group=groups[:3]), ask())
    assert [name for _, name in checks.take()[2:]] == groups[:3]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"Group": [""]}, "groups.authentication.k8s.io is forbidden: .*empty string group"),
        ({"Group": ["system:masters"]}, "system:masters group is not allowed"),
        ({"Extra-": ["x"]}, "empty string key in extra"),
        ({"Extra-scopes": ["x"]}, "invalid key in extra is not allowed: extra.key: Invalid value"),
        ({"Extra-a.b%2Fc": [""]}, "empty string value in extra"),
        ({"Extra-a.b%2F%41": ["x"]}, 'non-lowercase key in extra is not allowed: "a.b/A"'),
    ],
)
def test_what_the_new_modes_never_allow_is_told(more: dict[str, list[str]], message: str) -> None:
    checks = Checks("impersonate-on", "impersonate:")
    with pytest.raises(ImpersonationError, match=message) as error:
        Impersonator(checks).get_user(wants("bob", **more), ask())
    assert error.value.code == 403


def test_headers_are_read_as_they_stand() -> None:
    headers = {
        **wants("bob", Uid=["1"], Group=["g"]),
        "Impersonate-Extra-Acme.com%2fProject": ["x", "y"],
        "Impersonate-Extra-Bad%zz": ["z"],
        "Impersonate-Extra-None": [],
    }
    extra = {"acme.com/project": ("x", "y"), "bad%zz": ("z",)}
    assert read_wanted_user(headers) == User("bob", ("g",), "1", extra)
    assert read_wanted_user({}) is None
    with pytest.raises(ImpersonationError) as error:
        read_wanted_user({"Impersonate-Extra-A": ["b"]})
    assert error.value.code == 400
    assert str(error.value) == (
        'requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string(nil), '
        'Extra:map[string][]string{"a":[]string{"b"}}} without impersonating a user name'
    )


def test_groups_of_accounts_nodes_and_nobody_are_fixed() -> None:
    impersonator = Impersonator(Checks("impersonate"))
    account = "system:serviceaccount:a:sa"
    assert impersonator.get_user(wants(account), ask()).groups == (
        *("system:serviceaccounts", "system:serviceaccounts:a", AUTHENTICATED),
    )
    asked = wants("system:anonymous")
    assert impersonator.get_user(asked, ask()).groups == ("system:unauthenticated",)
    asked = wants("bob", Group=["system:unauthenticated"])
    assert impersonator.get_user(asked, ask()).groups == ("system:unauthenticated",)
