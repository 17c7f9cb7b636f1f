"""What is carried out of a request, and where credentials go: the API server as a proxy.

A request is authorized by the attributes read from its path: verb, type, scope. Storage carries
out what the path leads to; a request to a node or an aggregated API server is passed on with a
credential of the API server's own. An upgrade (exec) turns the connection into a stream of that
one request. A backend may answer whatever it likes: an error, or a redirect to somebody else.
Source: staging/src/k8s.io/apimachinery/pkg/util/proxy/upgradeaware.go,
staging/src/k8s.io/kube-aggregator/pkg/apiserver/handler_proxy.go,
staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/customresource_handler.go, and the
advisories that the mutants name. Left out: authentication, and several clients.
"""

from enum import Enum

from planespec.checker.lang import (
    Model,
    action,
    instance,
    mutant,
    no_recording,
    reachable,
    record,
    require,
    table,
)
from planespec.spec.api.authorization.access_requirements import (
    credentials_go_where_the_request_goes,
    what_is_done_was_authorized,
)


class Verb(Enum):
    """What is asked for."""

    GET = "get"
    CREATE = "create"


class Kind(Enum):
    """The type that a path names."""

    WIDGETS = "widgets.example.com"
    SECRETS = "another type of that group"
    EXEC = "pods/exec"


class Scope(Enum):
    """Where a path says that the object is."""

    NAMESPACE = "one namespace"
    CLUSTER = "the cluster"


class Party(Enum):
    """Who may be shown a credential."""

    NODE = "the node that is asked"
    BACKEND = "the aggregated API server that is asked"
    STRANGER = "anybody else"


class Stream(Enum):
    """What the connection of the client is."""

    IDLE = "ready for a request"
    UPGRADED = "the stream of one request"
    LEFT_OPEN = "open to a backend that refused to upgrade"


@record
class Ask:
    """What somebody may do, asks for, or gets done."""

    verb: Verb
    kind: Kind
    scope: Scope


class RequestPaths(Model):
    """One client that may do what a table says, a node, an aggregated API server."""

    held_to = no_recording(
        "the attributes of paths were recorded, and spec/api is held to them; proxies were not"
    )

    allowed: set[Ask] = table(
        [
            {"verb": "GET", "kind": "WIDGETS", "scope": "NAMESPACE"},
            {"verb": "GET", "kind": "EXEC", "scope": "NAMESPACE"},
            {"verb": "CREATE", "kind": "WIDGETS", "scope": "NAMESPACE"},
        ]
    )

    scope_of_path: bool = mutant(
        "An object of the cluster is served under the path of a namespace.",
        issue="kubernetes#80983 (CVE-2019-11247)",
    )
    names_lead_out: bool = mutant(
        "A name with path segments leads to another type of the group.",
        issue="kubernetes#113756 (CVE-2022-3162)",
    )
    verb_of_transport: bool = mutant(
        "An exec over a websocket is authorized as the get that opens it.",
        issue="kubernetes#133515",
    )
    stays_open: bool = mutant(
        "The connection to a backend that refused to upgrade stays open to the client.",
        issue="kubernetes#71411 (CVE-2018-1002105)",
    )
    follows_redirects: bool = mutant(
        "A redirect in a node's answer to an upgrade is followed with the credential.",
        issue="kubernetes#92914 (CVE-2020-8559)",
    )
    relays_redirects: bool = mutant(
        "A redirect of an aggregated API server is passed on to the client.",
        issue="kubernetes#112513 (CVE-2022-3172)",
    )
    trusts_addresses: bool = mutant(
        "A request for a node is passed on to whatever address its Node object has.",
        issue="kubernetes#113757 (CVE-2022-3294)",
    )

    deadlock = False

    stream: Stream = Stream.IDLE
    authorized: set[Ask] = set()
    done: set[Ask] = set()
    shown_to: set[Party] = set()
    meant_for: set[Party] = set()
    is_moved: bool = False
    """Whether the Node object has the address of somebody else."""

    requires = [what_is_done_was_authorized, credentials_go_where_the_request_goes]

    def authorize(self, ask: Ask) -> None:
        """403, or the request goes on."""
        require(ask in self.allowed)
        self.authorized.add(ask)

    @action
    def request(self, verb: Verb, kind: Kind, scope: Scope) -> None:
        """A request for an object is authorized and carried out by storage."""
        require(self.stream == Stream.IDLE and kind != Kind.EXEC)
        self.authorize(Ask(verb, kind, scope))
        self.done.add(Ask(verb, kind, scope))

    @action
    def request_elsewhere(self, verb: Verb, scope: Scope) -> None:
        """A path in a namespace for an object of the cluster: 404."""
        require(self.stream == Stream.IDLE)
        self.authorize(Ask(verb, Kind.WIDGETS, scope))
        if self.scope_of_path:
            self.done.add(Ask(verb, Kind.WIDGETS, Scope.CLUSTER))

    @action
    def request_segments(self, scope: Scope) -> None:
        """A name such as `../secrets/x`: 400."""
        require(self.stream == Stream.IDLE)
        self.authorize(Ask(Verb.GET, Kind.WIDGETS, scope))
        if self.names_lead_out:
            self.done.add(Ask(Verb.GET, Kind.SECRETS, scope))

    @action
    def execute(self, websocket: bool) -> None:
        """An exec is asked for: create, whatever opens the stream; the node upgrades."""
        require(self.stream == Stream.IDLE)
        verb = Verb.GET if websocket and self.verb_of_transport else Verb.CREATE
        self.authorize(Ask(verb, Kind.EXEC, Scope.NAMESPACE))
        self.done.add(Ask(Verb.CREATE, Kind.EXEC, Scope.NAMESPACE))
        self.pass_on()
        self.stream = Stream.UPGRADED

    @action
    def fail_to_upgrade(self) -> None:
        """A request that is allowed asks a backend to upgrade, which answers with an error."""
        require(self.stream == Stream.IDLE)
        self.authorize(Ask(Verb.GET, Kind.WIDGETS, Scope.NAMESPACE))
        self.meant_for.add(Party.BACKEND)
        self.shown_to.add(Party.BACKEND)
        if self.stays_open:
            self.stream = Stream.LEFT_OPEN

    @action
    def write_on(self, verb: Verb, kind: Kind, scope: Scope) -> None:
        """The client writes another request into what it takes for a stream."""
        require(self.stream == Stream.LEFT_OPEN)
        self.done.add(Ask(verb, kind, scope))

    @action
    def redirect_upgrade(self) -> None:
        """The node answers an upgrade with a redirect to somebody else: an error."""
        require(self.stream == Stream.IDLE)
        self.authorize(Ask(Verb.GET, Kind.EXEC, Scope.NAMESPACE))
        self.pass_on()
        if self.follows_redirects:
            self.shown_to.add(Party.STRANGER)

    @action
    def redirect_client(self) -> None:
        """An aggregated API server answers with a redirect: 502, not for the client to follow."""
        require(self.stream == Stream.IDLE)
        self.authorize(Ask(Verb.GET, Kind.WIDGETS, Scope.NAMESPACE))
        self.meant_for.add(Party.BACKEND)
        self.shown_to.add(Party.BACKEND)
        if self.relays_redirects:
            self.shown_to.add(Party.STRANGER)

    @action
    def move(self) -> None:
        """Who may write Node objects gives one the address of somebody else."""
        require(not self.is_moved)
        self.is_moved = True

    def pass_on(self) -> None:
        """A request for a node is passed on, if the one at its address is that node."""
        require(not self.is_moved or self.trusts_addresses)
        self.meant_for.add(Party.NODE)
        self.shown_to.add(Party.STRANGER if self.is_moved else Party.NODE)

    @action
    def close(self) -> None:
        """The client closes the connection and opens another."""
        require(self.stream != Stream.IDLE)
        self.stream = Stream.IDLE

    @reachable
    def a_backend_was_asked(self) -> bool:
        """An aggregated API server and a node were shown the credential meant for them."""
        return self.shown_to == {Party.NODE, Party.BACKEND}

    instances = [
        instance("reader"),
        instance(
            "runner",
            allowed=[
                {"verb": "CREATE", "kind": "EXEC", "scope": "NAMESPACE"},
                {"verb": "GET", "kind": "EXEC", "scope": "NAMESPACE"},
                {"verb": "GET", "kind": "WIDGETS", "scope": "NAMESPACE"},
                {"verb": "GET", "kind": "WIDGETS", "scope": "CLUSTER"},
            ],
        ),
    ]
