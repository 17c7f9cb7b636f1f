"""Symmetry reduction: the representative of a state among all it becomes by renaming individuals.

All symmetric sorts together: the group is the product of their permutations. A key for each
individual that does not depend on names (`symmetry_keys`) orders them, a deeper one where that
leaves ties. Where few permutations of ties are left, all are tried, and the least result word by
word is the representative. Where many are, ties that make no difference are given up first, which
takes two renamings for each; what is left goes to a search (`symmetry_search`). Since keys move
with the individuals, states of one orbit have one representative, and only they.
"""

from dataclasses import dataclass

from planespec.checker.engines.native.codegen.frame import Frame, Module
from planespec.checker.engines.native.kernels.kernel import compile_kernels
from planespec.checker.engines.native.kernels.kernel_expressions import Signature
from planespec.checker.engines.native.layout.llvm_text import Text
from planespec.checker.engines.native.layout.parts import Place, load, store
from planespec.checker.engines.native.symmetry import symmetry_kernel, symmetry_search
from planespec.checker.engines.native.symmetry.renaming import Renaming, mentions, relates, renamed
from planespec.checker.engines.native.symmetry.symmetry_keys import Depth, lower_key
from planespec.checker.errors import SystemRefusal
from planespec.checker.ir.types import Sort

MOST_INDIVIDUALS = 1 << 10
"""Of all symmetric sorts together; the room for a search grows with their square."""

FEW_WAYS = 6
"""Permutations that are tried before it is asked whether ties make a difference."""

MOST_WAYS = 24
"""Permutations that are tried one after another; more are searched."""

MOST_LEAVES = 5_000
"""Permutations that a search tries for one state."""

UNUSED_NUMBERS = 16

TOO_ALIKE = f"more than {MOST_LEAVES:,} ways to tell related individuals of one state apart"
"""Why a search ends where `model_canon` gives up."""


@dataclass(frozen=True, slots=True)
class _Memories:
    """Pointers to arrays of a word for each individual; `image` is one state."""

    memory: str
    order: str
    blocks: str
    maps: str
    own: str
    bases: str
    image: str


def lower_canon(module: Module) -> None:
    """Add `model_canon`; raises SystemRefusal for more individuals than a search has room for."""
    offsets, total = _offsets(module)
    depths = {depth: [lower_key(module, offsets, s, depth) for s in offsets] for depth in Depth}
    _lower_colour_keys(module, offsets, depths[Depth.COLOURED])
    module.texts.append(_kernels(module.layout.words, total))
    _lower_rename(module, Renaming(offsets))
    t = Text("define i64 @model_canon(ptr %state) nounwind")
    m = _memories(t, module.layout.words, total)
    _sort(t, offsets, depths[Depth.QUICK], m)
    related = _related(module, offsets)
    if any(related):
        chosen = zip(related, depths[Depth.DEEP], depths[Depth.QUICK], strict=True)
        with t.when(t.compare("ne", _ways(t, m), 1)):
            _sort(t, offsets, [deep if r else quick for r, deep, quick in chosen], m)
    with t.when(t.compare("ugt", _ways(t, m), FEW_WAYS)):
        _give_up_ties(t, offsets, m)
    many = t.fresh("many")
    t.leave_if(t.compare("ugt", _ways(t, m), MOST_WAYS), many)
    _try_all(t, module.layout.words, offsets, m)
    t.emit("ret i64 0")
    t.begin(many)
    t.emit(f"ret i64 {_searched(t, module.layout.words, total, m)}")
    module.texts.append(t.finish())


def _related(module: Module, sorts: dict[Sort, int]) -> list[bool]:
    """For each sort whether its individuals may be related, so that a deeper key sees more."""
    places = [type_ for type_, _, _ in module.layout.places.values()]
    return [any(mentions(t, {s}) and relates(t, sorts) for t in places) for s in sorts]


def _kernels(words: int, total: int) -> str:
    head, frame = _room(words, total)
    constants = {
        "WIDTH": words,
        "TOTAL": total,
        "MOST_WAYS": MOST_WAYS,
        "MOST_LEAVES": MOST_LEAVES,
        "HEAD": head,
        "FRAME": frame,
    }
    pointers = Signature(("ptr", "ptr", "ptr"), "void")
    externals = {"rename": pointers, "symmetry_keys": pointers}
    kernels = (*symmetry_kernel.KERNELS, *symmetry_search.KERNELS)
    declared = "declare ptr @malloc(i64)\ndeclare void @free(ptr)\n"
    return declared + compile_kernels(kernels, constants, externals)


def _room(words: int, total: int) -> tuple[int, int]:
    """Words of a search: those before its frames, and those of a frame."""
    return 1 + 3 * total + UNUSED_NUMBERS + 2 * words, 4 * total + 4 + words


def _memories(t: Text, words: int, total: int) -> _Memories:
    memory, order, blocks = (t.slot(total) for _ in range(3))
    # Empty lanes are renamed too, and what comes out is dropped: they may read past the end.
    maps = t.slot(total + UNUSED_NUMBERS)
    return _Memories(memory, order, blocks, maps, t.slot(total), t.slot(total), t.slot(words))


def _ways(t: Text, m: _Memories) -> str:
    return t.define(f"call i64 @_symmetry_ways(ptr {m.blocks})")


def _lower_colour_keys(module: Module, offsets: dict[Sort, int], keys: list[str]) -> None:
    """`symmetry_keys`: the coloured keys of all individuals."""
    head = "define internal void @symmetry_keys(ptr %state, ptr %colours, ptr %keys) nounwind"
    t = Text(head)
    for (sort, offset), key in zip(offsets.items(), keys, strict=True):
        with t.counting(0, sort.size) as (k, _, _):
            value = t.define(f"call i64 {key}(ptr %state, i64 {k}, ptr %colours)")
            t.store(value, t.offset("%keys", t.binary("add", k, offset)))
    t.emit("ret void")
    module.texts.append(t.finish())


def _sort(t: Text, offsets: dict[Sort, int], keys: list[str], m: _Memories) -> None:
    """Order the individuals of every sort by their keys."""
    for (sort, offset), key in zip(offsets.items(), keys, strict=True):
        with t.counting(0, sort.size) as (k, _, _):
            value = t.define(f"call i64 {key}(ptr %state, i64 {k}, ptr null)")
            t.store(value, t.offset(m.memory, t.binary("add", k, offset)))
        t.emit(
            f"call void @_symmetry_sort(ptr {m.memory}, ptr {m.order}, ptr {m.blocks}, "
            f"i64 {offset}, i64 {sort.size})"
        )


def _give_up_ties(t: Text, offsets: dict[Sort, int], m: _Memories) -> None:
    for sort, offset in offsets.items():
        with t.counting(0, sort.size) as (k, _, _):
            place = t.binary("add", k, offset)
            t.store(k, t.offset(m.own, place))
            t.store(offset, t.offset(m.bases, place))
    t.emit(
        f"call void @symmetry_settle(ptr %state, ptr {m.order}, ptr {m.blocks}, ptr {m.own}, "
        f"ptr {m.maps}, ptr {m.image})"
    )


def _searched(t: Text, words: int, total: int, m: _Memories) -> str:
    """The answer of a search, in room that is taken for it."""
    head, frame = _room(words, total)
    room = t.define(f"call ptr @malloc(i64 {8 * (head + (total + 1) * frame)})")
    answer = t.define(
        f"call i64 @symmetry_search(ptr %state, ptr {room}, ptr {m.order}, ptr {m.blocks}, "
        f"ptr {m.own}, ptr {m.bases})"
    )
    t.emit(f"call void @free(ptr {room})")
    return answer


def _offsets(module: Module) -> tuple[dict[Sort, int], int]:
    """Where the individuals of each symmetric sort start when all are numbered through."""
    offsets, total = {}, 0
    for sort in module.system.symmetric_sorts:
        offsets[sort] = total
        total += sort.size
    if total > MOST_INDIVIDUALS:
        raise SystemRefusal(f"symmetry over {total} individuals: at most {MOST_INDIVIDUALS}")
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


def _try_all(t: Text, words: int, offsets: dict[Sort, int], m: _Memories) -> None:
    """Rename by every permutation of ties and keep the least result."""
    best, tried, first = t.slot(words), m.image, t.slot()
    again, keep, following, over = (t.fresh("b") for _ in range(4))
    t.store(1, first)
    t.jump(again)
    t.begin(again)
    for sort, offset in offsets.items():
        t.emit(
            f"call void @_symmetry_maps(ptr {m.order}, ptr {m.maps}, i64 {offset}, "
            f"i64 {sort.size})"
        )
    t.emit(f"call void @rename(ptr {tried}, ptr %state, ptr {m.maps})")
    t.leave_if(t.compare("ne", t.load(first), 0), keep)
    less = t.define(f"call i64 @_symmetry_less(ptr {tried}, ptr {best})")
    t.branch(t.compare("ne", less, 0), keep, following)
    t.begin(keep)
    t.store(0, first)
    t.copy(best, tried, words)
    t.jump(following)
    t.begin(following)
    more = t.define(f"call i64 @_symmetry_next(ptr {m.order}, ptr {m.blocks})")
    t.branch(t.compare("ne", more, 0), again, over)
    t.begin(over)
    t.copy("%state", best, words)
