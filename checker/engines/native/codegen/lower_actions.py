"""Actions: loops over the parameters, guards read from the source state, then the successor.

The source state is copied no earlier than before the first statement that stores, so that an
instance that is not enabled costs its guards only. Small states are built in temporaries that LLVM
keeps in registers; large ones in the slot itself.
"""

from dataclasses import dataclass, field

from planespec.checker.engines.native.codegen.frame import (
    Frame,
    Module,
    Signature,
    assigned_names,
    carries_over,
    check_choices,
    chooses,
    clean,
    expression,
    most_instances,
    needs_copy,
)
from planespec.checker.engines.native.codegen.lower_calls import (
    FAILED,
    bind_parameter,
    call_text,
    head_of,
)
from planespec.checker.engines.native.codegen.lower_choices import (
    new_odometer,
    next_vector,
    walk_distinct,
)
from planespec.checker.engines.native.codegen.lower_convert import equal, value_as
from planespec.checker.engines.native.codegen.lower_statements import set_local
from planespec.checker.engines.native.codegen.lower_walks import Round
from planespec.checker.engines.native.layout.llvm_text import Operand, Text
from planespec.checker.ir.nodes import Choose, Expr, Op, Parameter, Stmt
from planespec.checker.ir.system import Action

WORDS_IN_REGISTERS = 8
MOST_UNPOLLED = 1 << 12
"""Instances at one state up to which an action is run without looking at the stop word."""


@dataclass(slots=True)
class Run:
    """Lowering one action: its frame, its number, and the helper that judges steps, if any.

    Where it is only asked whether the action is enabled, `found` is the memory for the answer,
    `source` the state in question, and `given` are parameters with their values.
    """

    frame: Frame
    action: Action
    number: int
    judge_step: str | None
    polled: bool
    source: str = "%src"
    found: str | None = None
    given: dict[str, Operand] = field(default_factory=dict)
    outside: str | None = None

    def fail(self) -> None:
        """An instance went wrong."""
        if self.found is None:
            self.frame.text.emit("call void @kernel_fail(ptr %ctx)")
        else:
            self.frame.text.store(FAILED, "%status")

    def end_failures(self, label: str, onward: str) -> None:
        """Where an instance may go wrong: what becomes of it at `label`, and on to the next."""
        if "fail" in self.frame.used:
            self.frame.text.begin(label)
            self.fail()
            self.frame.text.jump(onward)

    def poll(self) -> None:
        """Leave the action where the search has ended, if there may be many instances."""
        if self.polled:
            self.frame.text.leave_if_stopped("out")


def lower_action(
    module: Module,
    action: Action,
    number: int,
    prefix: str,
    step: str | None,
    outside: str | None = None,
) -> str:
    """Add the function of an action to the module; returns its name.

    `step` and `outside` are helpers that judge its steps, and tell those that are not kept.
    """
    name = f"@{prefix}{number}_{clean(action.name)}"
    t = Text(f"define internal void {name}(ptr %ctx, ptr %src) nounwind")
    f = Frame(module, t, "%src", before="null", types=dict(action.locals))
    polled = most_instances(module.system, action) > MOST_UNPOLLED
    run = Run(f, action, number, step, polled, outside=outside)
    parameters(run, action.parameters)
    t.jump("out")
    run.end_failures("fail", "out")
    t.begin("out")
    t.emit("ret void")
    module.texts.append(t.finish())
    return name


def parameters(run: Run, left: tuple[Parameter, ...]) -> None:
    """One loop for each parameter, then the body."""
    if not left:
        _guards(run, run.action.body, "")
        return
    first, rest = left[0], left[1:]
    assert first.domain is not None
    changed, given = assigned_names(run.action.body), run.given.get(first.name)

    def turn(one: Round) -> None:
        run.poll()
        run.frame.state = run.source
        if given is not None:
            differs = run.frame.text.negate(equal(run.frame, one.type, one.value, given))
            run.frame.text.leave_if(differs, one.following)
        bind_parameter(run.frame, first.name, one.value, first.type, changed)
        parameters(run, rest)

    if given is not None and first.domain.op is Op.DOMAIN:
        bind_parameter(run.frame, first.name, given, first.type, changed)
        parameters(run, rest)
    else:
        walk_distinct(run.frame, first.domain, turn)


def _guards(run: Run, body: tuple[Stmt, ...], following: str) -> None:
    """Statements before the first store; a choice among them is one more loop.

    `following` is where an instance that ends early goes; empty for a label of its own.
    """
    f, t = run.frame, run.frame.text
    after = following or t.fresh("next")
    f.refuse, f.fail = after, t.fresh("fail")
    fail, failed_before = f.fail, "fail" in f.used
    f.used.discard("fail")
    if carries_over(f.module.system, body):
        _with_choices(run, body, after)
        ended = True
    else:
        ended = _until_copy(run, body, after)
    if not ended:
        t.jump(after)
    run.end_failures(fail, after)
    f.used.discard("fail")
    if failed_before:
        f.used.add("fail")
    if not following:
        t.begin(after)


def _until_copy(run: Run, body: tuple[Stmt, ...], after: str) -> bool:
    """Lower statements up to the first store, then the rest; true when the block has ended."""
    f, system = run.frame, run.frame.module.system
    for k, statement in enumerate(body):
        if isinstance(statement, Choose):
            _choose_loop(run, statement, body[k + 1 :])
            return False
        if needs_copy(system, statement) or chooses(system, (statement,)):
            _with_choices(run, body[k:], after)
            return True
        if not f.run((statement,)):
            return True
    _with_choices(run, (), after)
    return True


def _choose_loop(run: Run, choice: Choose, rest: tuple[Stmt, ...]) -> None:
    """A choice made before anything is stored: one instance for each element."""
    f = run.frame
    refuse, fail = f.refuse, f.fail

    def turn(one: Round) -> None:
        run.poll()
        f.state = run.source
        set_local(f, choice.name, one.value, one.type)
        _guards(run, rest, one.following)
        f.text.begin(f.text.fresh("b"))

    walk_distinct(f, choice.domain, turn)
    f.refuse, f.fail = refuse, fail


def _with_choices(run: Run, rest: tuple[Stmt, ...], after: str) -> None:
    """Build the successor, once for each vector of the choices still to come; ends the block."""
    f, t, system = run.frame, run.frame.text, run.frame.module.system
    if not chooses(system, rest):
        _successor(run, rest, after)
        return
    f.odometer = new_odometer(f, check_choices(system, f"action {run.action.name}", rest))
    again, advance, outer_fail = t.fresh("again"), t.fresh("advance"), f.fail
    t.jump(again)
    t.begin(again)
    run.poll()
    saved, f.used = f.used, set()
    f.refuse, f.fail = advance, t.fresh("fail")
    _successor(run, rest, advance)
    run.end_failures(f.fail, advance)
    t.begin(advance)
    more = t.define(f"call i1 {next_vector(f.module)}(ptr {f.odometer})")
    t.branch(more, again, after)
    f.used, f.fail, f.refuse, f.odometer, f.state = saved, outer_fail, after, None, run.source


def _successor(run: Run, rest: tuple[Stmt, ...], after: str) -> None:
    """Copy the state, run the rest of the body upon the copy, hand it over; ends the block."""
    f, t, words = run.frame, run.frame.text, run.frame.module.layout.words
    small = words <= WORDS_IN_REGISTERS or run.found is not None
    target = t.slot(words) if small else t.define("call ptr @kernel_slot(ptr %ctx)")
    copy_words(t, target, run.source, words)
    f.state, f.end = target, t.fresh("emit")
    if f.run(rest):
        t.jump(f.end)
    t.begin(f.end)
    if run.found is not None:
        t.store(1, run.found)
        t.jump(after)
        return
    slot = target
    if small:
        slot = t.define("call ptr @kernel_slot(ptr %ctx)")
        copy_words(t, slot, target, words)
    if run.judge_step is not None:
        broken = t.define(f"call i1 {run.judge_step}(ptr {slot}, ptr %src)")
        with t.when(broken):
            t.emit("call void @kernel_broken(ptr %ctx)")
    left_out = ""
    if run.outside is not None:
        left_out = t.fresh("outside")
        answer = t.define(f"call i64 {run.outside}(ptr {slot}, ptr %src)")
        with t.when(t.compare("eq", answer, 2)):
            t.emit("call void @kernel_broken(ptr %ctx)")
        t.leave_if(t.compare("eq", answer, 1), left_out)
    t.emit(f"call void @kernel_emit(ptr %ctx, i64 {run.number})")
    t.jump(after)
    if run.outside is not None:
        t.begin(left_out)
        t.emit(f"call void @kernel_outside(ptr %ctx, i64 {run.number})")
        t.jump(after)


def copy_words(t: Text, target: str, source: str, words: int) -> None:
    """Copy a state, word by word while it is small."""
    if words > WORDS_IN_REGISTERS:
        t.copy(target, source, words)
        return
    values = [t.load(t.offset(source, k)) for k in range(words)]
    for k, value in enumerate(values):
        t.store(value, t.offset(target, k))


# Whether an action can be taken: its body runs upon copies of the state that nobody keeps.


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
