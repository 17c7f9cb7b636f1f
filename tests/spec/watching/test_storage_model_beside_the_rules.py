"""The model `apiserver.storage` beside the rules of lists and watches, which recordings judge."""

from hypothesis import given, settings
from hypothesis import strategies as st

from planespec.checker.instance import Instance
from planespec.checker.stateful.behaviour import Walk
from planespec.model.apiserver.stored.storage_clients import Storage as Model
from planespec.spec.api.watching.list_options import read_list_options
from planespec.spec.api.watching.list_serving import StorageView, serve_list
from planespec.spec.api.watching.object_history import ObjectHistory, Stored
from planespec.spec.api.watching.watch_serving import WatchType, serve_watch

OFTEN = ("answer", "deliver", "feed", "fill_anew", "remove", "watch")
"""Actions that are chosen more often, since few walks come to them."""
INSTANCE = Instance(Model, {"servers": 2, "names": 2, "writes": 6})


def real(revision):
    """The revision of a real etcd for one of the model: an empty store is at 1, and 0 is any."""
    return revision + 1


def history_of(named):
    """What was stored, as the rules have it."""
    history = ObjectHistory()
    for r in range(1, named["revision"] + 1):
        for name, version in enumerate(named["stored"][r]):
            if version == r:
                history.write(Stored(str(name), real(r)))
            elif version != named["stored"][r - 1][name]:
                history.delete(str(name), real(r))
    return history


def view_of(named, server, storage=None):
    """What a server of the model has before it."""
    return StorageView(
        history_of(named),
        storage_revision=real(named["revision"] if storage is None else storage),
        cache_revision=real(named["claimed"][server]),
        oldest_snapshot=real(named["oldest"][server] - 1),
        oldest_event=real(named["oldest"][server]),
    )


def index(element):
    return int(str(element)[-1])


def seen(named):
    """The objects that the client has seen, in the form of a page."""
    return [(str(n), real(v)) for n, v in enumerate(named["view"][0]) if v]


def page_of(named, query, server, storage=None):
    page = serve_list(read_list_options(query), view_of(named, server, storage))
    return page.revision, [(each.name, each.revision) for each in page.items]


class Beside:
    """The client of the model, and what the rules say that it must see."""

    def __init__(self):
        self.walk = Walk(INSTANCE, native=False)
        assert self.walk.begin(0) is None
        self.query, self.start, self.delivered = {}, None, []

    @property
    def named(self):
        return dict(zip(INSTANCE.variables, self.walk.state, strict=True))

    def take(self, step):
        before, given_ = self.named, dict(step.arguments)
        assert self.walk.take(step) is None
        server = index(given_["s"]) if "s" in given_ else None
        getattr(self, f"after_{step.action}", lambda *_: None)(before, given_, server)

    def after_list_any(self, *_):
        self.query = {"resourceVersion": "0"}

    def after_list_not_older(self, before, given_, _):
        version = str(real(given_["r"]))
        self.query = {"resourceVersion": version, "resourceVersionMatch": "NotOlderThan"}

    def after_list_latest(self, *_):
        self.query = {}

    def after_answer(self, before, given_, server):
        """A list is the page that the rules answer, of that revision."""
        now = self.named
        page = page_of(before, self.query, server, before["floor"][0])
        assert page == (real(now["known"][0]), seen(now))

    def after_list_exactly(self, before, given_, server):
        version = str(real(before["known"][0]))
        query = {"resourceVersion": version, "resourceVersionMatch": "Exact"}
        assert page_of(before, query, server) == (int(version), seen(self.named))

    def after_watch(self, before, given_, server):
        self.start, self.delivered = before["known"][0], []

    def after_deliver(self, *_):
        """The changes that were delivered are those that the rules deliver from that start."""
        now = self.named
        self.delivered.append(real(now["known"][0]))
        events = self.events(now, index(now["at"][0]), now["known"][0])
        assert [event.revision for event in events] == self.delivered

    def events(self, named, server, until):
        query = {"watch": "1", "resourceVersion": str(real(self.start))}
        fresh = StorageView(history_of(named), real(named["revision"]), real(until))
        return serve_watch(read_list_options(query), fresh, real(until))

    def check_refusals(self):
        """A server watches from what the client knows, or answers 410, as the rules say."""
        now = self.named
        if not now["is_complete"][0] or now["at"][0] is not None or now["is_asking"][0]:
            return
        enabled = {index(dict(step.arguments)["s"]) for step in self.walk.enabled("watch")}
        query = {"watch": "1", "resourceVersion": str(real(now["known"][0]))}
        for server in range(2):
            events = serve_watch(read_list_options(query), view_of(now, server), 0)
            refused = any(event.type is WatchType.ERROR for event in events)
            assert refused == (server not in enabled)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_clients_of_the_model_see_what_the_rules_answer(data):
    beside = Beside()
    for _ in range(data.draw(st.integers(10, 40))):
        actions = [a.name for a in INSTANCE.actions if beside.walk.enabled(a.name)]
        actions += [name for name in OFTEN if name in actions] * 3
        action = data.draw(st.sampled_from(actions))
        step = data.draw(st.sampled_from(list(beside.walk.enabled(action))))
        beside.take(step)
        beside.check_refusals()
