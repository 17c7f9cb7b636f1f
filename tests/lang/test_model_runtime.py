"""Models run under CPython: what actions do, what is refused at the store, with which words."""

from enum import Enum
from typing import Annotated

import pytest

from planespec.checker.lang import (
    Array,
    Bag,
    Domain,
    Model,
    ModelError,
    NotEnabled,
    Range,
    Size,
    Sort,
    action,
    among,
    choose,
    choosing,
    constant,
    each,
    mutant,
    record,
    replace,
    require,
    sort,
)
from planespec.checker.lang.model import load, save


class Server(Sort):
    pass


class Role(Enum):
    FOLLOWER = "follower"
    LEADER = "leader"


Term = Annotated[int, Range(0, "terms")]


@record
class Vote:
    term: Term
    source: Server
    ready: frozenset[Server] = frozenset()


class Everything(Model):
    """One variable of each kind."""

    servers: Domain[Server] = sort(2, at_most=5)
    terms: int = constant(3)
    wrong: bool = mutant("Nothing works.")

    role: Array[Server, Role] = each(Role.FOLLOWER)
    term: Array[Server, Term] = each(0)
    voted: Array[Server, Server | None] = each(None)
    votes: Array[Server, set[Server]] = each(set())
    next: Array[Server, Array[Server, Term]] = each(each(1))
    messages: Annotated[set[Vote], Size(2)] = set()
    log: Annotated[list[Term], Size(2)] = []
    bag: Annotated[Bag[Term], Size("terms")] = Bag()

    @action
    def timeout(self, s: Server) -> None:
        require(self.role[s] != Role.LEADER)
        self.term[s] += 1

    @action
    def receive(self, m: Vote = among("messages")) -> None:
        self.messages.remove(m)

    @action
    def pick(self) -> None:
        term = choose(range(1, 3))
        self.log.append(term)


@pytest.fixture
def model() -> Everything:
    return Everything()


S0, S1 = Server(0), Server(1)


def test_an_action_changes_the_state(model: Everything) -> None:
    model.timeout(S0)
    assert model.term == {S0: 1, S1: 0}
    assert list(model.term) == [1, 0]


def test_a_false_guard_raises_not_enabled(model: Everything) -> None:
    model.role[S0] = Role.LEADER
    with pytest.raises(NotEnabled):
        model.timeout(S0)


def test_sort_elements_print_as_their_sort_and_number(model: Everything) -> None:
    assert repr(S1) == "server1"
    assert list(model.servers) == [S0, S1]
    assert len(model.servers) == 2
    assert Server(2) not in model.servers


def test_choose_outside_an_engine_asks_for_choosing(model: Everything) -> None:
    with pytest.raises(ModelError, match=r"choose\(\) was called outside an engine"):
        model.pick()
    with choosing(1):
        model.pick()
    assert model.log == [2]


def store(text: str) -> str:
    """What storing says, for one statement about a model `m`."""
    m = Everything()
    m.messages = {Vote(1, S0), Vote(2, S0)}
    m.log = [1, 2]
    m.bag = Bag([1, 1, 2])
    names = {"m": m, "S0": S0, "S1": S1, "Vote": Vote, "Server": Server, "Bag": Bag, "Role": Role}
    with pytest.raises(ModelError) as error:
        exec(text, names)
    return str(error.value)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("m.term[S0] = 4", "term[server0] = 4 leaves 0..3"),
        ("m.term[S1] -= 1", "term[server1] = -1 leaves 0..3"),
        ("m.term[S0] = None", "term[server0] = None is not an int"),
        ("m.term[S0] = True", "term[server0] = True is not an int"),
        ("m.role[S0] = 1", "role[server0] = 1 is not a Role"),
        (
            "m.voted[S0] = Server(7)",
            "voted[server0] = server7 is none of the 2 elements of Server",
        ),
        ("m.voted[S0] = 1", "voted[server0] = 1 is not a Server"),
        ("m.next[S0][S1] = 9", "next[server0][server1] = 9 leaves 0..3"),
        ("m.next[S0] = {S0: 1}", "next[server0] = {server0: 1} has not one value for each key"),
        (
            "m.votes[S1].add(Server(4))",
            "votes[server1]: member = server4 is none of the 2 elements of Server",
        ),
        ("m.votes[S1].remove(S0)", "votes[server1] has no member server0 to remove"),
        ("m.messages.add(Vote(3, S1))", "messages has 3 members, its size is 2"),
        ("m.messages = {Vote(9, S1)}", "messages: member.term = 9 leaves 0..3"),
        ("m.messages |= {Vote(3, S1)}", "messages has 3 members, its size is 2"),
        ("m.log.append(1)", "log has 3 elements, its size is 2"),
        ("m.log[0] = 8", "log[0] = 8 leaves 0..3"),
        ("m.log = [1, 2, 3]", "log has 3 elements, its size is 2"),
        ("m.bag.add(1)", "bag has 4 members, its size is 3"),
        ("m.bag.remove(3)", "bag has no member 3 to remove"),
        ("m.bag = {1}", "bag = {1} is not a Bag"),
        ("m.term = 3", "term = 3 is not a value for each Server"),
        ("m.unknown = 3", "Everything has no state variable 'unknown' to store in"),
        ("m.terms = 3", "Everything has no state variable 'terms' to store in"),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_its_place(statement: str, message: str) -> None:
    assert store(statement) == message


def test_adding_a_present_member_to_a_full_set_is_no_error(model: Everything) -> None:
    model.messages = {Vote(1, S0), Vote(2, S0)}
    model.messages.add(Vote(1, S0))
    assert len(model.messages) == 2


def test_storing_a_container_copies_it(model: Everything) -> None:
    model.votes[S0] = {S0}
    model.votes[S1] = model.votes[S0]
    model.votes[S1].add(S1)
    assert model.votes[S0] == {S0}
    model.next[S0] = model.next[S1]
    model.next[S0][S0] = 3
    assert model.next[S1][S0] == 1


def test_augmented_assignment_changes_in_place_and_is_noticed(model: Everything) -> None:
    model.votes[S0] |= {S0, S1}
    model.votes[S0] -= {S1}
    model.messages ^= {Vote(1, S0)}
    model.log += [1, 2]
    del model.log[0]
    assert save(model)[model._binding.index["votes"]] == (frozenset({S0}), frozenset())
    assert model.log == [2]
    assert model.messages == {Vote(1, S0)}


def test_a_saved_state_loads_into_another_object(model: Everything) -> None:
    model.timeout(S1)
    model.voted[S0] = S1
    model.messages.add(Vote(1, S0, frozenset({S1})))
    model.bag = Bag([2, 1, 2])
    state, other = save(model), Everything()
    load(other, state)
    assert save(other) == state
    assert repr(other) == repr(model)
    assert state[-1] == (1, 2, 2)


def test_records_are_immutable_and_replace_makes_another() -> None:
    vote = Vote(1, S0)
    assert replace(vote, term=2) == Vote(2, S0)
    with pytest.raises(AttributeError):
        vote.term = 2  # type: ignore[misc]


def test_arrays_have_a_value_for_each_key_and_no_membership(model: Everything) -> None:
    with pytest.raises(TypeError, match="one value for each key"):
        del model.term[S0]
    with pytest.raises(TypeError, match="says nothing about an Array"):
        _ = 1 in model.term
    with pytest.raises(KeyError):
        _ = model.term[Server(5)]


def test_an_unknown_attribute_names_itself(model: Everything) -> None:
    with pytest.raises(AttributeError, match="Everything has no variable or constant 'nothing'"):
        _ = model.nothing  # type: ignore[attr-defined]


def test_a_mutant_is_off_unless_it_is_asked_for() -> None:
    assert Everything().wrong is False
    assert Everything(wrong=True).wrong is True
