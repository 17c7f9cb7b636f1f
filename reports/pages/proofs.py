"""The proofs of an instance as an answer, beside those of the searches.

Only what was proved stands in it: that induction does not succeed says nothing about a model.
"""

from typing import Any

from planespec.checker.engines.symbolic.proving import Answer, Proof, Request, prove
from planespec.checker.instance import Instance
from planespec.reports.text.subject import Subject
from planespec.reports.text.wording import constant_as_json, readable_constants

Document = dict[str, Any]
ENGINE = "induction"


def proof_document(target: str, instance: Instance) -> Document:
    """What `planespec prove` answers about an instance, in the form of a search's answer."""
    proofs = prove(instance, Request())
    if any(proof.reason == "interrupted" for proof in proofs):
        raise KeyboardInterrupt
    proved = [proof for proof in proofs if proof.answer is Answer.PROVED]
    claims = {claim.id: claim for claim in instance.requirements}
    within = readable_constants(instance.constants)
    return {
        "model": target,
        "constants": {n: constant_as_json(v) for n, v in instance.constants.items()},
        "mutant": instance.mutant,
        "deadlock_checked": False,
        "verdict": "Proved" if len(proved) == len(proofs) else "Unknown",
        "bound": f"{within}; behaviours of any length" if within else "behaviours of any length",
        "reason": "; ".join(f"{p.goal}: {_reason(p)}" for p in proofs if p not in proved),
        "engine": ENGINE,
        "requirements": [
            {"id": p.goal, "statement": claims[p.goal].statement, "verdict": "Proved"}
            for p in proved
            if p.goal in claims
        ],
        "proofs": [{"id": p.goal, "k": p.k, "helpers": list(p.helpers)} for p in proved],
        "reached": {},
        "not_applicable": Subject(target, instance).not_applicable,
        "violation": None,
        "violations": [],
        "complete": True,
        "statistics": {"distinct": 0, "generated": 0, "depth": 0, "actions": {}},
    }


def _reason(proof: Proof) -> str:
    return proof.reason or proof.answer.value
