"""Symmetry reduction: the representative of a state among all it becomes by renaming individuals.

All symmetric sorts together: the group is the product of their permutations. A key for each
individual that does not depend on names (`symmetry_keys`) orders them, a deeper one where that
leaves ties; only individuals with equal keys are tried in every order, and the least result word
by word is the representative. Since keys move with the individuals, states of one orbit have one
representative, and only they.
"""

from planespec.checker.errors import SystemRefusal
from planespec.checker.ir.types import Sort
from planespec.checker.native.frame import Frame, Module
from planespec.checker.native.kernel import compile_kernels
from planespec.checker.native.places import Place, load, store
from planespec.checker.native.renaming import Renaming, renamed
from planespec.checker.native.symmetry_kernel import KERNELS
from planespec.checker.native.symmetry_keys import lower_key
from planespec.checker.native.text import Text

MOST_INDIVIDUALS = 12
UNUSED_NUMBERS = 16


def lower_canon(module: Module) -> None:
    """Add `model_canon`; raises SystemRefusal for sorts so large that ties could never end."""
    offsets, total = _offsets(module)
    quick = [lower_key(module, sort, deep=False) for sort in offsets]
    deep = [lower_key(module, sort, deep=True) for sort in offsets]
    module.texts.append(compile_kernels(KERNELS, {}, {}))
    _lower_rename(module, Renaming(offsets))
    t = Text("define void @model_canon(ptr %state) nounwind")
    order, blocks, memory = (t.slot(total) for _ in range(3))
    # Empty lanes are renamed too, and what comes out is dropped: they may read past the end.
    maps = t.slot(total + UNUSED_NUMBERS)
    _sort(t, offsets, quick, (memory, order, blocks))
    tied = t.define(f"call i64 @_symmetry_tied(ptr {blocks}, i64 {total})")
    with t.when(t.compare("ne", tied, 0)):
        _sort(t, offsets, deep, (memory, order, blocks))
    _try_all(t, module.layout.words, offsets, (order, blocks, maps), total)
    t.emit("ret void")
    module.texts.append(t.finish())


def _sort(
    t: Text, offsets: dict[Sort, int], keys: list[str], memories: tuple[str, str, str]
) -> None:
    """Order the individuals of every sort by their keys."""
    memory, order, blocks = memories
    for (sort, offset), key in zip(offsets.items(), keys, strict=True):
        with t.counting(0, sort.size) as (k, _, _):
            value = t.define(f"call i64 {key}(ptr %state, i64 {k})")
            t.store(value, t.offset(memory, t.binary("add", k, offset)))
        t.emit(
            f"call void @_symmetry_sort(ptr {memory}, ptr {order}, ptr {blocks}, "
            f"i64 {offset}, i64 {sort.size})"
        )


def _offsets(module: Module) -> tuple[dict[Sort, int], int]:
    """Where the individuals of each symmetric sort start when all are numbered through."""
    offsets, total = {}, 0
    for sort in module.system.symmetric_sorts:
        if sort.size > MOST_INDIVIDUALS:
            raise SystemRefusal(
                f"symmetry over {sort.size} individuals of {sort}: at most {MOST_INDIVIDUALS}"
            )
        offsets[sort] = total
        total += sort.size
    return offsets, total


def _lower_rename(module: Module, renaming: Renaming) -> None:
    """`rename`: write the renamed source state to a target."""
    t = Text("define internal void @rename(ptr %dst, ptr %src, ptr %maps) nounwind")
    f = Frame(module, t, "%src", fail="out")
    t.clear("%dst", module.layout.words)
    for type_, word, shift in module.layout.places.values():
        source = Place(type_, t.offset("%src", word), shift)
        target = Place(type_, t.offset("%dst", word), shift)
        store(t, target, renamed(f, renaming, type_, load(t, source)))
    t.jump("out")
    t.begin("out")
    t.emit("ret void")
    module.texts.append(t.finish())


def _try_all(
    t: Text, words: int, offsets: dict[Sort, int], memory: tuple[str, str, str], total: int
) -> None:
    """Rename by every permutation of ties and keep the least result."""
    order, blocks, maps = memory
    best, tried, first = t.slot(words), t.slot(words), t.slot()
    again, keep, following, over = (t.fresh("b") for _ in range(4))
    t.store(1, first)
    t.jump(again)
    t.begin(again)
    for sort, offset in offsets.items():
        t.emit(
            f"call void @_symmetry_maps(ptr {order}, ptr {maps}, i64 {offset}, i64 {sort.size})"
        )
    t.emit(f"call void @rename(ptr {tried}, ptr %state, ptr {maps})")
    t.leave_if(t.compare("ne", t.load(first), 0), keep)
    _branch_if_less(t, words, tried, best, keep, following)
    t.begin(keep)
    t.store(0, first)
    t.copy(best, tried, words)
    t.jump(following)
    t.begin(following)
    more = t.define(f"call i64 @_symmetry_next(ptr {order}, ptr {blocks}, i64 {total})")
    t.branch(t.compare("ne", more, 0), again, over)
    t.begin(over)
    t.copy("%state", best, words)


def _branch_if_less(t: Text, words: int, a: str, b: str, yes: str, no: str) -> None:
    """End the block: to `yes` where the first state is less, word 0 deciding first."""
    with t.counting(0, words) as (k, _, _):
        x, y = t.load(t.offset(a, k)), t.load(t.offset(b, k))
        t.leave_if(t.compare("ult", x, y), yes)
        t.leave_if(t.compare("ugt", x, y), no)
    t.jump(no)
