"""Sets of up to some hundreds of possible values are bits of several words in machine code."""

from pathlib import Path

import pytest

from planespec.checker.budget import Budget, Options
from planespec.checker.engines.native.layout.packing import MaskShape, shape_of
from planespec.checker.engines.native.layout.variables import Layout
from planespec.checker.errors import PlanespecError
from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.ir import execute
from planespec.checker.load import load_model
from planespec.checker.run import check

TOY = Path(__file__).parent / "toys" / "many_values.py"
HEADER = '''"""A set of numbers."""

from typing import Annotated

from planespec.checker.lang import Model, Range, action


class Numbers(Model):
    """Numbers come in."""

    deadlock = False
    found: set[Annotated[int, Range(1, {most})]] = set()

    @action
    def add(self, n: Annotated[int, Range(1, {most})]) -> None:
        """One more."""
        self.found.add(n)
'''


def messages() -> Instance:
    return Instance(load_model(f"{TOY}:Messages"))


@pytest.mark.parametrize("symmetry", [False, True])
def test_engines_count_the_same_states(symmetry: bool) -> None:
    options = Options(budget=Budget(depth=3), symmetry=symmetry)
    native = check(messages(), "native", options)
    python = check(messages(), "python", options)
    assert native.verdict is python.verdict
    assert native.statistics.distinct == python.statistics.distinct > 100
    assert native.statistics.generated == python.statistics.generated


def test_a_set_takes_a_bit_for_each_value_not_for_each_encoding() -> None:
    system = compile_system(messages())
    type_ = next(v.type for v in system.variables if v.name == "msgs")
    shape = shape_of(type_)
    assert isinstance(shape, MaskShape)
    assert (shape.universe, shape.words) == (97, 2)


def test_states_are_read_back_as_they_were_written() -> None:
    system = compile_system(messages())
    layout = Layout(system)
    seen = {x.state for x in execute.initial_states(system)}
    for state in list(seen):
        seen |= {x.state for x in execute.successors(system, state) if x.state is not None}
    assert len(seen) > 10
    assert all(layout.decode(layout.encode(state)) == state for state in seen)
    assert len({layout.encode(state) for state in seen}) == len(seen)


@pytest.mark.parametrize(("most", "distinct"), [(65, 66), (512, 513)])
def test_no_size_is_needed_up_to_512_values(tmp_path: Path, most: int, distinct: int) -> None:
    path = tmp_path / "numbers.py"
    path.write_text(HEADER.format(most=most))
    options = Options(budget=Budget(depth=1))
    found = check(Instance(load_model(f"{path}:Numbers")), "native", options)
    assert found.statistics.distinct == distinct


def test_beyond_512_values_the_message_says_how_many_and_what_to_write(tmp_path: Path) -> None:
    path = tmp_path / "numbers.py"
    path.write_text(HEADER.format(most=513))
    with pytest.raises(PlanespecError) as caught:
        compile_system(Instance(load_model(f"{path}:Numbers")))
    for part in ("513 values", "512", "Annotated[set[", "Size(n)"):
        assert part in str(caught.value)
