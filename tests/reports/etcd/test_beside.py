"""The store beside a member that answers rightly, wrongly, or not at all."""

import pytest

from planespec.checker.stateful.adapter import Adapter
from planespec.reports.live.etcd.actions import LOST, Ask, AskAndKill, Kill, MemberAdapter
from planespec.reports.live.etcd.beside import Beside, DisagreementError
from planespec.spec.etcd import Store, respond
from planespec.spec.etcd.requests import Compact, Put, Range
from planespec.spec.etcd.wire import write_answer


class ObedientMember:
    """Answers as the store does; loses the answer, and maybe the request, when killed."""

    def __init__(self, keeps=True):
        self.store = respond(Store(), Put("old"))[0]
        self.keeps = keeps
        self.gateway = self

    def require(self, operation, body):
        return {"header": {"revision": str(self.store.revision)}}

    def apply(self, action):
        if isinstance(action, Kill):
            return LOST
        after, answer = respond(self.store, action.request)
        if isinstance(action, AskAndKill):
            self.store = after if self.keeps else self.store
            return LOST
        self.store = after
        return write_answer(answer)


def begin(member, compacted=frozenset([-1])):
    return Beside(member, 1, compacted)


def test_right_answers_are_accepted_under_keys_and_revisions_of_the_sequence():
    member = ObedientMember()
    beside = begin(member)
    for action in (Ask(Put("a", "1")), Kill(), Ask(Range("a", revision=2)), Ask(Compact(2))):
        beside.do(action)
    assert member.store.histories[0][0].key == "000001/a"
    assert beside.compacted == {3}


@pytest.mark.parametrize("keeps", [True, False])
def test_a_lost_request_may_have_taken_effect_until_an_answer_tells(keeps):
    beside = begin(ObedientMember(keeps))
    beside.do(AskAndKill(Put("a", "1"), 10))
    assert len(beside.stores) == 2
    beside.do(Ask(Range("a")))
    assert {store.revision for store in beside.stores} == {3 if keeps else 2}


def test_a_wrong_answer_is_shown_beside_the_right_one():
    member = ObedientMember()
    beside = begin(member)
    beside.do(Ask(Put("a", "1")))
    member.store = Store(revision=member.store.revision)
    with pytest.raises(DisagreementError, match=r"(?s)was answered.*but the store answers"):
        beside.do(Ask(Range("a")))


def test_what_earlier_sequences_compacted_may_be_uncertain():
    member = ObedientMember()
    member.store, _ = respond(member.store, Compact(1))
    beside = begin(member, frozenset([-1, 1]))
    beside.do(Ask(Put("a")))
    assert beside.compacted == {-1, 1}


def test_the_adapter_of_a_member_follows_the_protocol():
    def drive(adapter: Adapter[object, object]) -> object:
        return adapter.apply

    assert drive(MemberAdapter.__new__(MemberAdapter))
