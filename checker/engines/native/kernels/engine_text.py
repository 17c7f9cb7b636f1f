"""The text of a whole native module: the kernel, specialised to a model, and the model."""

from collections.abc import Iterable
from enum import IntEnum

from planespec.checker.engines.native.codegen.lower import lower
from planespec.checker.engines.native.host.build import Code, build
from planespec.checker.engines.native.host.context import (
    INDEX_BITS,
    JUDGE_BAD,
    LAG,
    OUTSIDE,
    REACH_ERROR,
    RECENT_STATES,
    RING,
    SAMPLE_MOST,
    SAMPLE_ROOM,
    Mode,
    Row,
    Shared,
    Walker,
    Walks,
    Worker,
)
from planespec.checker.engines.native.host.state_store import chunk_bits
from planespec.checker.engines.native.kernels import (
    flow_kernel,
    search_kernel,
    table_kernel,
    walk_kernel,
)
from planespec.checker.engines.native.kernels.kernel import compile_kernels
from planespec.checker.engines.native.kernels.kernel_expressions import DEFINE_STOP, Signature
from planespec.checker.engines.native.layout.variables import Layout
from planespec.checker.engines.simulation.plan import End
from planespec.checker.front import compile_system
from planespec.checker.instance import JUDGED, Instance
from planespec.checker.ir.system import PropertyKind

MODEL = {
    "model_expand": Signature(("ptr", "ptr"), "void"),
    "model_initial": Signature(("ptr", "ptr"), "void"),
    "model_judge": Signature(("ptr",), "i64"),
    "model_terminal": Signature(("ptr",), "i64"),
    "model_reach": Signature(("ptr", "i64"), "i64"),
    "model_canon": Signature(("ptr",), "i64"),
}
"""What a model's own text must define (`model_canon` only under symmetry)."""

KERNELS = [
    f
    for module in (table_kernel, flow_kernel, search_kernel)
    for f in vars(module).values()
    if callable(f) and getattr(f, "__module__", "") == module.__name__
]
ENTRIES = (
    "kernel_search",
    "kernel_initial",
    "kernel_mark",
    "kernel_mark_bad",
    "kernel_mark_deadlocks",
    "kernel_edges",
    "kernel_classify",
    "kernel_rehash",
    "kernel_lookup",
    "kernel_stop_word",
)
"""Kernels the host program calls."""


def kernel_text(width: int, *, symmetry: bool, constrained: bool, checked: bool) -> str:
    """LLVM text of the kernel for states of `width` words.

    `constrained` says that successors may lie outside a constraint, `checked` that new states are
    judged at all.
    """
    constants = _constants(width, (("W", Worker), ("S", Shared), ("M", Mode))) | {
        "CHUNK_BITS": chunk_bits(width),
        "RING": RING,
        "LAG": LAG,
        "INDEX_BITS": INDEX_BITS,
        "INDEX_MASK": (1 << INDEX_BITS) - 1,
        "SYMMETRY": int(symmetry),
        "CONSTRAINED": int(constrained),
        "CHECKED": int(checked),
    }
    return DEFINE_STOP + compile_kernels(KERNELS, constants, MODEL)


def _constants(width: int, blocks: Iterable[tuple[str, type[IntEnum]]]) -> dict[str, int]:
    """What both kinds of kernels know: a width, what the model answers, places in blocks."""
    places = {f"{prefix}.{m.name}": int(m) for prefix, block in blocks for m in block}
    return places | {
        "WIDTH": width,
        "RECENT_STATES": RECENT_STATES,
        "JUDGE_BAD": JUDGE_BAD,
        "OUTSIDE": OUTSIDE,
        "REACH_ERROR": REACH_ERROR,
    }


# The text of a native module for random walks: the walk kernel and the model.


WALK_KERNELS = [
    table_kernel._hash,
    table_kernel._equal,
    table_kernel._copy,
    table_kernel.kernel_stop_word,
    *(
        f
        for f in vars(walk_kernel).values()
        if callable(f) and getattr(f, "__module__", "") == walk_kernel.__name__
    ),
]


def compile_walks(instance: Instance, requirements: tuple[str, ...] | None) -> tuple[Layout, Code]:
    """Machine code for the walks of an instance, from the cache where it is there.

    Raises InputError for a model outside the language and SystemRefusal for what native code
    cannot do.
    """
    ids = {claim.id for claim in instance.judged(requirements)}
    system = compile_system(instance)
    kinds = (*JUDGED, PropertyKind.REACHABLE)
    judged = tuple(p for p in system.of_kind(*kinds) if p.id in ids)
    constrained = bool(system.of_kind(PropertyKind.CONSTRAINT))
    layout = Layout(system)
    text = _kernel(
        layout.words,
        checked=constrained or any(p.kind in JUDGED for p in judged),
        constrained=constrained,
    )
    return layout, build(
        text + lower(system, layout, judged, False), ("kernel_walks", "kernel_stop_word")
    )


def _kernel(width: int, *, checked: bool, constrained: bool) -> str:
    blocks = (("W", Walker), ("S", Walks), ("R", Row), ("E", End))
    constants = _constants(width, blocks) | {
        "CHECKED": int(checked),
        "CONSTRAINED": int(constrained),
        "SAMPLE_ROOM": SAMPLE_ROOM,
        "SAMPLE_MOST": SAMPLE_MOST,
    }
    return DEFINE_STOP + compile_kernels(WALK_KERNELS, constants, MODEL)
