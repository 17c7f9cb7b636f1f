"""The proofs of an instance as an answer, beside those of the searches.

Only what was proved stands in it: that induction does not succeed says nothing about a model.
"""

from msgspec.structs import replace

from planespec.checker.engines.symbolic.proving import Answer, Proof, Request, prove
from planespec.checker.instance import Instance
from planespec.checker.outcome import Outcome, Statistics, Verdict
from planespec.reports.formats.outcome_json import Proved, answer_document
from planespec.reports.pages.dossier import Evidence
from planespec.reports.text.wording import Subject, readable_constants

ENGINE = "induction"


def proof_document(target: str, instance: Instance) -> Evidence:
    """What `planespec prove` answers about an instance, in the form of a search's answer."""
    proofs = prove(instance, Request())
    if any(proof.reason == "interrupted" for proof in proofs):
        raise KeyboardInterrupt
    proved = [proof for proof in proofs if proof.answer is Answer.PROVED]
    claims = {claim.id for claim in instance.requirements}
    within = readable_constants(instance.constants)
    outcome = Outcome(
        verdict=Verdict.PROVED if len(proved) == len(proofs) else Verdict.UNKNOWN,
        engine=ENGINE,
        bound=f"{within}; behaviours of any length" if within else "behaviours of any length",
        statistics=Statistics(),
        requirements=tuple(p.goal for p in proved if p.goal in claims),
        reason="; ".join(f"{p.goal}: {_reason(p)}" for p in proofs if p not in proved),
        complete=True,
    )
    told = tuple(Proved(p.goal, p.k, p.helpers) for p in proved)
    answer: Evidence = answer_document(Subject(target, instance, False), outcome, (), proofs=told)
    # What is proved is, whatever else is not.
    each = (replace(claim, verdict=Verdict.PROVED.value) for claim in answer.requirements)
    return replace(answer, requirements=tuple(each))


def _reason(proof: Proof) -> str:
    return proof.reason or proof.answer.value
