"""Whether an action can be taken: its body runs upon copies of the state that nobody keeps."""

from planespec.checker.engines.native.codegen.frame import (
    Frame,
    Module,
    Signature,
    clean,
    expression,
)
from planespec.checker.engines.native.codegen.lower_actions import Run, parameters
from planespec.checker.engines.native.codegen.lower_calls import call_text, head_of
from planespec.checker.engines.native.codegen.lower_convert import value_as
from planespec.checker.engines.native.layout.llvm_text import Operand, Text
from planespec.checker.ir.nodes import Expr, Op


@expression(Op.ENABLED)
def _enabled(f: Frame, e: Expr) -> Operand:
    name, given = e.arg
    types = {p.name: p.type for p in f.module.system.asked[name].parameters}
    key = f"enabled {name} {' '.join(given)}"
    if key not in f.module.signatures:
        f.module.signatures[key] = _lower(f.module, name, given)
    values = [value_as(f, a, types[n]) for a, n in zip(e.args, given, strict=True)]
    kinds = [types[n] for n in given]
    return call_text(f, f.module.signatures[key], kinds, values, "null")


def _lower(module: Module, name: str, given: tuple[str, ...]) -> Signature:
    """The function that tries all instances; an instance that goes wrong is its failure."""
    action = module.system.asked[name]
    types = {p.name: p.type for p in action.parameters}
    full = f"@enabled{len(module.signatures)}_{clean(name)}"
    t = Text(head_of(full, [types[n] for n in given]))
    f = Frame(module, t, "%state", before="null", types=dict(action.locals))
    found = t.slot()
    t.store(0, found)
    values: dict[str, Operand] = {n: f"%p{k}" for k, n in enumerate(given)}
    run = Run(f, action, 0, None, False, "%state", found, values)
    parameters(run, action.parameters)
    t.jump("over")
    run.end_failures("fail", "over")
    t.begin("over")
    t.emit(f"ret i64 {t.load(found)}")
    module.texts.append(t.finish())
    return Signature(full, True, False, False)
