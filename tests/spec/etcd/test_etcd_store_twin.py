"""The store against a twin that keeps a whole copy of the keys for every revision."""

from hypothesis import given
from hypothesis import strategies as st

from planespec.spec.etcd import EtcdError, Store, respond
from planespec.spec.etcd.requests import Compact, DeleteRange, Put, Range, Txn
from planespec.spec.etcd.watch import WatchCreate, watch

KEYS = ["a", "b", "c"]


class Copies:
    """Key to (value, create, mod, version) at every revision; knows put, delete, compaction."""

    def __init__(self):
        self.at = {1: {}}
        self.compacted = -1

    @property
    def revision(self):
        return max(self.at)

    def write(self, changes):
        now, revision = dict(self.at[self.revision]), self.revision + 1
        for key, value in changes:
            if value is None:
                now.pop(key, None)
                continue
            _, create, _, version = now.get(key, (None, revision, None, 0))
            now[key] = (value, create, revision, version + 1)
        if now != self.at[self.revision]:
            self.at[revision] = now

    def read(self, revision):
        if revision > self.revision:
            return EtcdError.FUTURE_REVISION
        if revision < self.compacted:
            return EtcdError.COMPACTED
        return self.at[revision]

    def compact(self, revision):
        if revision > self.compacted and revision <= self.revision:
            self.compacted = revision

    def changes_since(self, revision):
        for now in range(max(revision, 2), self.revision + 1):
            before, after = self.at[now - 1], self.at[now]
            for key in KEYS:
                if before.get(key) != after.get(key):
                    yield now, key, after.get(key, (None,))[0]


def as_tuple(kv):
    return kv.value, kv.create_revision, kv.mod_revision, kv.version


changes = st.lists(
    st.tuples(st.sampled_from(KEYS), st.none() | st.sampled_from("12")),
    unique_by=lambda change: change[0],
    max_size=3,
)
steps = st.lists(changes | st.integers(0, 12), max_size=12)


def apply(store, twin, step):
    if isinstance(step, int):
        twin.compact(step)
        return respond(store, Compact(step))[0]
    twin.write(step)
    ops = tuple(DeleteRange(k) if v is None else Put(k, v) for k, v in step)
    return respond(store, Txn(success=ops))[0]


@given(steps)
def test_every_read_and_watch_agrees_with_the_copies(sequence):
    store, twin = Store(), Copies()
    for step in sequence:
        store = apply(store, twin, step)
    for revision in range(1, twin.revision + 2):
        expected = twin.read(revision)
        _, answer = respond(store, Range("a", "z", revision=revision))
        if isinstance(expected, EtcdError):
            assert answer is expected
        else:
            assert {kv.key: as_tuple(kv) for kv in answer.kvs} == expected
    check_watch(store, twin, max(twin.compacted, 1))


def check_watch(store, twin, start):
    _, *rest = watch(store, WatchCreate("a", "z", start))
    events = rest[0].events if rest else ()
    seen = sorted(
        (e.kv.mod_revision, e.kv.key, None if e.is_delete else e.kv.value) for e in events
    )
    expected = [c for c in twin.changes_since(start) if c[0] > twin.compacted]
    assert [c for c in seen if c[0] > twin.compacted] == expected
