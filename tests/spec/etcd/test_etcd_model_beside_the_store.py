"""The model `etcd.store` walked beside the rules of `spec.etcd`, which real answers judge."""

from hypothesis import given, settings
from hypothesis import strategies as st

from planespec.checker.instance import Instance
from planespec.checker.stateful.behaviour import Walk
from planespec.model.etcd.store import Store as Model
from planespec.spec.etcd import EtcdError, Store, respond
from planespec.spec.etcd.requests import (
    Compact,
    Compare,
    CompareTarget,
    DeleteRange,
    LeaseGrant,
    LeaseRevoke,
    Put,
    Range,
    Txn,
)
from planespec.spec.etcd.store import get_latest
from planespec.spec.etcd.watch import WatchCreate, can_notify_progress, get_events

FEATURES = {"rewrites": True, "refusals": 2, "restores": True}
INSTANCE = Instance(Model, {"keys": 2, "leases": 2, "revisions": 6} | FEATURES)
EVERYTHING = "\0"


def revision_of(number):
    """The revision of a real store for one of the model, whose empty store is at 0."""
    return number + 1 if number else 0


def lease_of(lease):
    return 0 if lease is None else int(str(lease)[-1]) + 1


def request_of(step, before):
    """The request that a step of the model stands for; None where it asks the store nothing."""
    given_ = dict(step.arguments)
    key, lease = str(given_.get("k", "")), lease_of(given_.get("lease"))

    def swap(operation):
        read = revision_of(dict(zip(before["keys"], before["read_mod"], strict=True))[key])
        return Txn((Compare(key, target=CompareTarget.MOD, operand=read),), (operation,))

    return {
        "grant": lambda: LeaseGrant(600, lease),
        "end_lease": lambda: LeaseRevoke(lease),
        "put": lambda: Put(key, lease=lease),
        "delete": lambda: DeleteRange(key),
        "swap": lambda: swap(Put(key)),
        "swap_to_nothing": lambda: swap(DeleteRange(key)),
        # A range to the end of all keys is not compared with puts, so that this is not refused.
        "rewrite": lambda: Txn((), (DeleteRange(key, EVERYTHING), Put(key))),
        "refuse": lambda: Txn((), (Put(key), Range(key, revision=revision_of(given_["at"])))),
        "compact": lambda: Compact(revision_of(given_["at"])),
    }.get(step.action, lambda: None)()


def view(walk):
    """The variables of the model by name, and the names of its keys."""
    named = dict(zip(INSTANCE.variables, walk.state, strict=True))
    return named | {"keys": [f"key{number}" for number in range(2)]}


def assert_same(named, store):
    """Revision, keys, leases and what compaction left are the same in both."""
    assert store.revision == named["revision"] + 1
    assert {lease.id for lease in store.leases} == {lease_of(each) for each in named["granted"]}
    for place, key in enumerate(named["keys"]):
        kv = get_latest(store, key)
        model = [named[name][place] for name in ("create", "mod", "version")]
        real = [kv.create_revision - 1, kv.mod_revision - 1, kv.version] if kv else [0, 0, 0]
        assert model == real
        assert lease_of(named["lease"][place]) == (kv.lease if kv else 0)
    kept = {kv.mod_revision - 1 for history in store.histories for kv in history}
    assert set(named["kept"]) == kept
    assert_same_watch(named, store)


def assert_same_watch(named, store):
    """The watch was given exactly the events between its start and where it stands."""
    if not named["is_watching"] or revision_of(named["start"]) < store.compact_revision:
        return
    create = WatchCreate(EVERYTHING, EVERYTHING, revision_of(named["start"]))
    events = get_events(store, create, create.start_revision, named["position"])
    assert {r for r in named["seen"] if r < named["position"]} == {
        event.kv.mod_revision - 1 for event in events
    }
    if named["notified"] == named["revision"] > 0:
        assert can_notify_progress(store, create, named["position"])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_every_step_of_the_model_is_one_of_the_store(data):
    walk, store = Walk(INSTANCE, native=False), Store()
    assert walk.begin(0) is None
    for _ in range(data.draw(st.integers(0, 14))):
        actions = [a.name for a in INSTANCE.actions if walk.enabled(a.name)]
        action = data.draw(st.sampled_from(actions))
        step = data.draw(st.sampled_from(list(walk.enabled(action))))
        request = request_of(step, view(walk))
        assert walk.take(step) is None
        if request is not None:
            store, answer = respond(store, request)
            assert isinstance(answer, EtcdError) == (action == "refuse")
            assert getattr(answer, "succeeded", True)
        assert_same(view(walk), store)
