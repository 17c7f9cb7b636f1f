"""Generated code of a small model, and what `lower` promises beside the behaviour of actions."""

from collections.abc import Callable
from typing import Annotated, Self

import pytest

from planespec.checker.engines.native.codegen.lower import lower
from planespec.checker.engines.native.host.build import Probe
from planespec.checker.engines.native.layout.packing import shape_of
from planespec.checker.engines.native.layout.variables import Layout
from planespec.checker.errors import SystemRefusal
from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.ir.system import PropertyKind, System
from planespec.checker.ir.types import Int, Option, Set
from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Range,
    Sort,
    action,
    each,
    invariant,
    reachable,
    require,
    sort,
    step_invariant,
)


class Lamp(Sort):
    """A lamp."""


Level = Annotated[int, Range(0, 3)]


class Dimmer(Model):
    """Lamps are turned up one level at a time, and off at once."""

    lamps: Domain[Lamp] = sort(2, symmetric=True)
    level: Array[Lamp, Level] = each(0)
    last: Lamp | None = None

    @action
    def brighten(self, lamp: Lamp) -> None:
        """One level up."""
        require(self.level[lamp] < 3)
        self.level[lamp] += 1
        self.last = lamp

    @action
    def turn_off(self, lamp: Lamp) -> None:
        """Off."""
        self.level[lamp] = 0

    @invariant
    def some_light_is_off(self) -> bool:
        """Not all lamps are at their highest level."""
        return any(self.level[lamp] < 3 for lamp in self.lamps)

    @step_invariant
    def levels_never_fall(self, before: Self) -> bool:
        """No lamp gets darker."""
        return all(self.level[lamp] >= before.level[lamp] for lamp in self.lamps)

    @reachable
    def one_is_bright(self) -> bool:
        """Some lamp reaches its highest level."""
        return any(self.level[lamp] == 3 for lamp in self.lamps)


@pytest.fixture(scope="module")
def system() -> System:
    return compile_system(Instance(Dimmer))


def test_generated_text_is_as_reviewed(system: System, golden: Callable[[str, str], None]) -> None:
    golden("dimmer.ll", lower(system, Layout(system), system.properties, symmetry=True))


def test_the_same_system_gives_the_same_text(system: System) -> None:
    again = compile_system(Instance(Dimmer))
    texts = {lower(s, Layout(s), s.properties, symmetry=True) for s in (system, again)}
    assert len(texts) == 1


def test_a_step_that_breaks_a_requirement_is_told(system: System) -> None:
    probe = Probe(system, system.of_kind(PropertyKind.STEP))
    probe.successors(((0, 0), None))
    assert not probe.broken
    probe.successors(((1, 0), None))
    assert probe.broken


def test_judgements_are_bits(system: System) -> None:
    probe = Probe(system, system.properties)
    assert probe.judge(((3, 3), None)) == 1
    assert probe.judge(((3, 0), None)) == 0
    assert [probe.reach((levels, None)) for levels in ((3, 0), (0, 0))] == [1, 0]


def test_small_values_take_as_few_bits_as_they_can(system: System) -> None:
    layout = Layout(system)
    assert (layout.words, layout.bits) == (1, 2 * 2 + 2)
    masks = dict(layout.variable_masks)
    assert masks["level"][0] & masks["last"][0] == 0
    assert (masks["level"][0].bit_count(), masks["last"][0].bit_count()) == (4, 2)


def test_what_cannot_be_packed_is_refused() -> None:
    with pytest.raises(SystemRefusal, match="both ends"):
        shape_of(Option(Int(0, None)))
    with pytest.raises(SystemRefusal, match="give it a Size"):
        shape_of(Set(Int(0, 1 << 40)))
