"""The proofs of an instance as an answer, beside those of the searches.

What was proved stands in it, and what a real behaviour breaks; that induction does not succeed
says nothing about a model.
"""

from collections.abc import Callable

from planespec.checker.engines.symbolic.proving import INTERRUPTED, Answer, Proof, Request, prove
from planespec.checker.instance import Instance
from planespec.checker.outcome import Outcome, Statistics, Verdict, Violation
from planespec.reports.formats.outcome_json import Proved, answer_document
from planespec.reports.pages.dossier import INDUCTION, Evidence, Shown
from planespec.reports.text.proof_text import verdict_of_proofs
from planespec.reports.text.verdicts import PROVED
from planespec.reports.text.wording import Subject, readable_constants


def proof_document(
    target: str, instance: Instance, shown: Callable[[Subject, Violation], Shown]
) -> Evidence:
    """What `planespec prove` answers about an instance, in the form of a search's answer."""
    subject, proofs = Subject(target, instance, False), prove(instance, Request())
    if any(proof.reason == INTERRUPTED for proof in proofs):
        raise KeyboardInterrupt
    outcome = _outcome(instance, proofs)
    told = tuple(Proved(p.goal, p.k, p.helpers) for p in proofs if p.answer is Answer.PROVED)
    broken = tuple(shown(subject, violation) for violation in outcome.violations)
    answer: Evidence = answer_document(subject, outcome, broken, proofs=told)
    # What is proved is, whatever else is not.
    proved = {one.id for one in told}
    each = (c.having(verdict=PROVED) if c.id in proved else c for c in answer.requirements)
    return answer.having(requirements=tuple(each))


def _outcome(instance: Instance, proofs: list[Proof]) -> Outcome:
    claims = {claim.id for claim in instance.requirements}
    settled = [p for p in proofs if p.answer in (Answer.PROVED, Answer.VIOLATED)]
    violations = [p.violation for p in proofs if p.violation is not None]
    within = readable_constants(instance.constants)
    verdict = verdict_of_proofs(proofs)
    return Outcome(
        verdict=verdict,
        engine=INDUCTION,
        bound=f"{within}; behaviours of any length" if within else "behaviours of any length",
        statistics=Statistics(),
        requirements=tuple(p.goal for p in settled if p.goal in claims),
        violation=violations[0] if violations else None,
        reason="; ".join(f"{p.goal}: {_reason(p)}" for p in proofs if p not in settled),
        complete=verdict is Verdict.PROVED,
        others=tuple(violations[1:]),
    )


def _reason(proof: Proof) -> str:
    return proof.reason or proof.answer.value
