"""The answers of `prove` as text: a line for each obligation, and what stands in the way."""

from collections.abc import Iterator

from planespec.checker.engines.symbolic.induction import ERRORS
from planespec.checker.engines.symbolic.proving import INTERRUPTED, Answer, Proof
from planespec.checker.errors import ExitCode
from planespec.checker.outcome import Verdict
from planespec.reports.text.outcome_text import not_applicable, violation_lines
from planespec.reports.text.trace_text import render_trace, show_call
from planespec.reports.text.verdicts import exit_code_of_violation
from planespec.reports.text.wording import Subject, readable_constants


def render_proof(subject: Subject, proof: Proof) -> str:
    """One obligation: how it was proved, or the behaviour that stands in the way."""
    return "\n".join(_lines(subject, proof))


def verdict_of_proofs(proofs: list[Proof]) -> Verdict:
    """Proved only when there is something to prove and all of it is proved."""
    answers = {proof.answer for proof in proofs}
    if Answer.VIOLATED in answers:
        return Verdict.VIOLATED
    return Verdict.PROVED if answers == {Answer.PROVED} else Verdict.UNKNOWN


def exit_code_of_proofs(proofs: list[Proof]) -> ExitCode:
    """0 only for Proved; 130 where an interruption ended the work and nothing is violated."""
    for proof in proofs:
        if proof.violation is not None:
            return exit_code_of_violation(proof.violation)
    if any(proof.reason == INTERRUPTED for proof in proofs):
        return ExitCode.INTERRUPTED
    proved = verdict_of_proofs(proofs) is Verdict.PROVED
    return ExitCode.HOLDS if proved else ExitCode.UNKNOWN


def render_verdict(subject: Subject, proofs: list[Proof]) -> str:
    """The verdict over all obligations, in one line."""
    mutant = f" with mutant {subject.instance.mutant}" if subject.instance.mutant else ""
    bound = readable_constants(subject.instance.constants)
    within = f" for {bound}" if bound else ""
    open_ = [p.goal for p in proofs if p.answer is not Answer.PROVED]
    broken = [p.goal for p in proofs if p.answer is Answer.VIOLATED]
    answer = verdict_of_proofs(proofs).value
    if broken:
        answer += f" {', '.join(broken)}"
    elif open_:
        answer += f", not proved: {', '.join(open_)}"
    line = f"{subject.target}{mutant}: {answer}{within}"
    lines = [line]
    if not broken and all(subject.claim(proof.goal) is None for proof in proofs):
        lines.append("  no property was judged, only that no step goes wrong")
    return "\n".join([*lines, *not_applicable(subject)])


def _lines(subject: Subject, proof: Proof) -> Iterator[str]:
    statement = _statement(subject, proof.goal)
    took = f"  [{proof.seconds:.1f} s]"
    match proof.answer:
        case Answer.PROVED:
            yield f"{proof.goal}: Proved by {_induction(proof.k)}{_with(proof)}{took}"
            yield f"  {statement}"
        case Answer.UNDECIDED:
            yield f"{proof.goal}: Unknown ({proof.reason}){took}"
        case Answer.VIOLATED:
            assert proof.violation is not None
            yield render_trace(subject, proof.violation.trace)
            yield f"{proof.goal}: Violated ({statement}){took}"
            yield from violation_lines(subject, proof.violation)
        case Answer.NOT_INDUCTIVE:
            yield from _not_inductive(subject, proof, statement, took)


def _not_inductive(subject: Subject, proof: Proof, statement: str, took: str) -> Iterator[str]:
    assert proof.broken is not None
    yield f"{proof.goal}: Unknown, not inductive for k = {proof.k}{took}"
    yield f"  {statement}"
    yield "  These states agree with everything proved so far; the first may be unreachable:"
    for line in render_trace(subject, proof.broken.trace).splitlines():
        yield "    " + line.replace("State 0: initial", "State 0: any, perhaps not reachable")
    if proof.broken.action:
        yield f"  {show_call(proof.broken.action, proof.broken.arguments)} then goes wrong"
    if proof.hints:
        yield f"  hint: proving {' or '.join(proof.hints)} would rule this out"
    else:
        yield "  hint: a @lemma that is false in state 0 would rule this out, if it can be proved"


def _induction(k: int) -> str:
    return "induction" if k == 1 else f"{k}-induction"


def _with(proof: Proof) -> str:
    return f" with {', '.join(proof.helpers)}" if proof.helpers else ""


def _statement(subject: Subject, goal: str) -> str:
    if goal == ERRORS:
        return "No step goes wrong: every value stays in its range, every index exists."
    return subject.statement(goal)
