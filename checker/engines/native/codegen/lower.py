"""From a system to the LLVM text of its model functions.

The functions and what the search kernel offers them: `model_expand`, `model_initial`,
`model_judge`, `model_terminal`, `model_reach`, and with symmetry `model_canon`; they call
`kernel_slot`, `kernel_emit`, `kernel_outside`, `kernel_fail` and `kernel_broken`, which the text
of the kernel defines in the same module. States are `Layout.words` words of 64 bits.
"""

from collections.abc import Sequence

from planespec.checker.engines.native.codegen import (
    lower_actions,
    lower_contents,
    lower_expressions,
    lower_folds,
    lower_statements,
)
from planespec.checker.engines.native.codegen.frame import Frame, Module
from planespec.checker.engines.native.codegen.lower_actions import lower_action
from planespec.checker.engines.native.codegen.lower_calls import (
    lower_judge,
    lower_reach,
    lower_step_constraint,
    lower_step_judge,
    lower_terminal,
)
from planespec.checker.engines.native.layout.llvm_text import Text
from planespec.checker.engines.native.layout.variables import Layout
from planespec.checker.engines.native.symmetry.representatives import lower_canon
from planespec.checker.errors import SystemRefusal
from planespec.checker.ir.system import Property, PropertyKind, System

RULES = (lower_contents, lower_actions, lower_expressions, lower_folds, lower_statements)


def lower(system: System, layout: Layout, requirements: Sequence[Property], symmetry: bool) -> str:
    """LLVM text of a system; `requirements` are the properties judged, or REACHABLE and sought.

    Constraints and terminal predicates always take part.

    Raises SystemRefusal for what native code cannot do. The same arguments give the same text.
    """
    module = Module(system, layout)
    step = lower_step_judge(module, requirements)
    outside = lower_step_constraint(module)
    expand = [
        lower_action(module, action, k, "action", step, outside)
        for k, action in enumerate(system.actions)
    ]
    module.texts.append(_in_turn("model_expand", expand))
    _lower_initial(module)
    lower_judge(module, requirements)
    lower_terminal(module)
    lower_reach(module, [p for p in requirements if p.kind is PropertyKind.REACHABLE])
    if symmetry:
        lower_canon(module)
    return "\n".join(module.texts)


def _in_turn(name: str, functions: list[str]) -> str:
    calls = [f"  call void {f}(ptr %ctx, ptr %src)" for f in functions]
    header = f"define void @{name}(ptr noalias %ctx, ptr noalias %src) nounwind {{"
    return "\n".join([header, "entry:", *calls, "  ret void", "}", ""])


def _lower_initial(module: Module) -> None:
    """Defaults into the scratch state, then every initial action from there."""
    system = module.system
    t = Text("define void @model_initial(ptr %ctx, ptr %src) nounwind")
    f = Frame(module, t, "%src", before="null")
    t.clear("%src", module.layout.words)
    if not f.run(system.defaults):
        raise SystemRefusal("the default values end early")
    names = [_lower_start(module, k) for k in range(len(system.initial))]
    for name in names:
        t.emit(f"call void {name}(ptr %ctx, ptr %src)")
    if not names:
        slot = t.define("call ptr @kernel_slot(ptr %ctx)")
        t.copy(slot, "%src", module.layout.words)
        t.emit("call void @kernel_emit(ptr %ctx, i64 0)")
    t.jump("out")
    if "fail" in f.used:
        t.begin("fail")
        t.emit("call void @kernel_fail(ptr %ctx)")
        t.jump("out")
    t.begin("out")
    t.emit("ret void")
    module.texts.append(t.finish())


def _lower_start(module: Module, k: int) -> str:
    return lower_action(module, module.system.initial[k], 0, f"initial{k}_", None)


__all__ = ["RULES", "lower"]
