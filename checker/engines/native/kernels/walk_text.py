"""The text of a native module for random walks: the walk kernel and the model."""

from planespec.checker.engines.native.codegen.lower import lower
from planespec.checker.engines.native.host.build import Code, build
from planespec.checker.engines.native.host.context import (
    JUDGE_BAD,
    JUDGE_OUTSIDE,
    REACH_ERROR,
    RECENT_STATES,
)
from planespec.checker.engines.native.host.walk_context import (
    SAMPLE_MOST,
    SAMPLE_ROOM,
    Row,
    Walker,
    Walks,
)
from planespec.checker.engines.native.kernels import (
    table_kernel,
    walk_kernel,
)
from planespec.checker.engines.native.kernels.engine_text import MODEL
from planespec.checker.engines.native.kernels.kernel import compile_kernels
from planespec.checker.engines.native.kernels.kernel_expressions import DEFINE_STOP
from planespec.checker.engines.native.layout.variables import Layout
from planespec.checker.engines.simulation.plan import End
from planespec.checker.front import compile_system
from planespec.checker.instance import JUDGED, Instance
from planespec.checker.ir.system import PropertyKind

KERNELS = [
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
    constants = {
        "WIDTH": width,
        "CHECKED": int(checked),
        "CONSTRAINED": int(constrained),
        "JUDGE_BAD": JUDGE_BAD,
        "JUDGE_OUTSIDE": JUDGE_OUTSIDE,
        "REACH_ERROR": REACH_ERROR,
        "RECENT_STATES": RECENT_STATES,
        "SAMPLE_ROOM": SAMPLE_ROOM,
        "SAMPLE_MOST": SAMPLE_MOST,
    }
    for prefix, block in (("W", Walker), ("S", Walks), ("R", Row), ("E", End)):
        constants |= {f"{prefix}.{m.name}": int(m) for m in block}
    return DEFINE_STOP + compile_kernels(KERNELS, constants, MODEL)
