"""The text of a whole native module: the kernel, specialised to a model, and the model."""

from planespec.checker.engines.native.host.context import (
    INDEX_BITS,
    JUDGE_BAD,
    JUDGE_OUTSIDE,
    LAG,
    REACH_ERROR,
    RECENT_STATES,
    RING,
    Mode,
    Shared,
    Worker,
)
from planespec.checker.engines.native.host.state_store import chunk_bits
from planespec.checker.engines.native.kernels import (
    flow_kernel,
    search_kernel,
    table_kernel,
)
from planespec.checker.engines.native.kernels.kernel import compile_kernels
from planespec.checker.engines.native.kernels.kernel_expressions import DEFINE_STOP, Signature

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
    constants = {
        "WIDTH": width,
        "CHUNK_BITS": chunk_bits(width),
        "RING": RING,
        "LAG": LAG,
        "RECENT_STATES": RECENT_STATES,
        "INDEX_BITS": INDEX_BITS,
        "INDEX_MASK": (1 << INDEX_BITS) - 1,
        "SYMMETRY": int(symmetry),
        "CONSTRAINED": int(constrained),
        "CHECKED": int(checked),
        "JUDGE_BAD": JUDGE_BAD,
        "JUDGE_OUTSIDE": JUDGE_OUTSIDE,
        "REACH_ERROR": REACH_ERROR,
    }
    for prefix, block in (("W", Worker), ("S", Shared), ("M", Mode)):
        constants |= {f"{prefix}.{m.name}": int(m) for m in block}
    return DEFINE_STOP + compile_kernels(KERNELS, constants, MODEL)
