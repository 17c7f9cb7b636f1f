"""Conditions (`when`) as the runtime and the declarations see them, without any engine."""

from enum import Enum
from typing import Annotated

import pytest

from planespec.checker.errors import LanguageError
from planespec.checker.instance import Instance
from planespec.checker.lang import (
    Array,
    Domain,
    Fairness,
    Model,
    ModelError,
    Range,
    Sort,
    action,
    compose,
    constant,
    each,
    initial,
    invariant,
    mutant,
    only,
    record,
    require,
    sort,
)
from planespec.checker.lang.data.order import show


class Node(Sort):
    pass


class Mode(Enum):
    PLAIN = "plain"
    FULL = "full"


@record
class Note:
    at: Node
    loud: bool = only(False, when="mode.name == 'FULL'")


class Base(Model):
    """Nodes that may have a lease."""

    nodes: Domain[Node] = sort(2)
    ticks: int = constant(0, at_least=0, at_most=5)
    mode: Mode = constant(Mode.PLAIN)
    start: int = constant(1, at_least=0, at_most=3)
    rush: bool = mutant("It rushes.")
    deadlock = False

    lease: Array[Node, Annotated[int, Range(0, "ticks")]] = only(each(0), when="ticks > 0")
    begun: Annotated[int, Range(0, 3)] = only(start, when="nodes > 2 and ticks > 0")
    last: Note | None = None

    @initial(when="ticks > 0")
    def with_leases(self, n: Node) -> None:
        """One has a lease."""
        self.lease[n] = self.ticks

    @action(fair=Fairness.WEAK, when="rush")
    def hurry(self, n: Node) -> None:
        """Exists only under a mutant."""
        require(self.rush)
        self.last = Note(n)

    @invariant
    def fine(self) -> bool:
        """Fine."""
        return self.last is None


class Same(Model):
    """A part with the same variable under the same condition."""

    nodes: Domain[Node] = sort(2)
    ticks: int = constant(0, at_least=0, at_most=5)
    deadlock = False
    lease: Array[Node, Annotated[int, Range(0, "ticks")]] = only(each(0), when="ticks > 0")


class Other(Model):
    """A part that has it under another one."""

    nodes: Domain[Node] = sort(2)
    ticks: int = constant(0, at_least=0, at_most=5)
    deadlock = False
    lease: Array[Node, Annotated[int, Range(0, "ticks")]] = only(each(0), when="ticks > 1")


class Read(Base):
    """Two mutants are read where there are leases, one of them elsewhere as well."""

    there: bool = mutant("Read only where there are leases.")
    everywhere: bool = mutant("Read elsewhere, too.")

    @action(when="ticks > 0")
    def renew(self, n: Node) -> None:
        """A lease is renewed."""
        require(not self.there and not self.everywhere)
        self.lease[n] = self.ticks

    @action
    def note(self, n: Node) -> None:
        """Something is noted."""
        require(self.everywhere)
        self.last = Note(n)


def test_a_mutant_that_only_absent_methods_read_is_idle() -> None:
    assert {n: a.when for n, a in Instance(Read).idle_mutants.items()} == {"there": "ticks > 0"}
    assert not Instance(Read, {"ticks": 1}).idle_mutants


def test_what_is_off_is_no_attribute_of_the_model() -> None:
    state = Base()
    with pytest.raises(ModelError, match="lease exists only when ticks > 0"):
        state.lease[Node(0)] = 1
    with pytest.raises(ModelError, match="begun exists only when nodes > 2 and ticks > 0"):
        state.begun = 1
    assert "lease" not in repr(state)


def test_what_is_on_begins_with_its_value() -> None:
    state = Base(ticks=2, nodes=3, start=2)
    assert list(state.lease) == [0, 0, 0]
    assert state.begun == 2


def test_an_initial_action_that_is_off_is_none() -> None:
    assert [s.action for s in Instance(Base).initial_states()] == [""]
    assert [s.action for s in Instance(Base, {"ticks": 1}).initial_states()] == ["with_leases"] * 2


def test_a_condition_may_name_a_mutant() -> None:
    plain, rushed = Instance(Base), Instance(Base, mutant="rush")
    assert [a.name for a in plain.actions] == []
    assert [a.name for a in rushed.actions] == ["hurry"]
    assert not plain.idle_mutants


def test_a_record_keeps_the_default_of_a_field_that_is_off() -> None:
    off, on = Instance(Base).binding, Instance(Base, {"mode": Mode.FULL}).binding
    assert off.fault_of_record(Note(Node(0))) is None
    assert on.fault_of_record(Note(Node(0), loud=True)) is None
    fault = off.fault_of_record(Note(Node(0), loud=True))
    assert fault == ".loud = True, and it exists only when mode.name == 'FULL'"
    (_, last), *_ = [(n, t) for n, t in Instance(Base).types.items() if n == "last"]
    assert [n for n, _ in last.inner.fields] == ["at"]  # type: ignore[attr-defined]


def test_the_text_of_a_record_leaves_the_default_of_such_a_field_out() -> None:
    assert show(Note(Node(1))) == "Note(at=node1)"
    assert show(Note(Node(1), loud=True)) == "Note(at=node1, loud=True)"


def test_parts_agree_on_conditions() -> None:
    both = compose("Both", Base, Same)
    assert "lease" in Instance(both, {"ticks": 1}).variables
    with pytest.raises(LanguageError, match="define lease, with another type or value"):
        Instance(compose("Torn", Base, Other))


def test_fairness_may_be_stated_of_an_action_that_is_off() -> None:
    class Fair(Base):
        """States more."""

        fairness = {"hurry": Fairness.STRONG}

    assert Instance(Fair).actions == ()
    assert Instance(Fair, mutant="rush").actions[0].fairness is Fairness.STRONG


def holds(model: Base) -> bool:
    """Holds."""
    return model.last is None


@pytest.mark.parametrize(("ticks", "claimed"), [(0, True), (3, True), (1, False)])
def test_a_requirement_with_several_conditions_is_claimed_under_each(
    ticks: int, claimed: bool
) -> None:
    class Claims(Base):
        """Claims one thing twice."""

        requires = [only(holds, when="ticks == 0"), only(holds, when="ticks > 2")]

    instance = Instance(Claims, {"ticks": ticks})
    assert ("holds" in [c.id for c in instance.requirements]) is claimed
    assert ("holds" in instance.not_applicable) is not claimed
