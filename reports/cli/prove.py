"""`planespec prove MODEL`: what holds in every reachable state, however many there are."""

import click

from planespec.checker.engines.symbolic.proving import Proof, Request, prove
from planespec.checker.errors import ExitCode
from planespec.reports.cli.options import (
    MODEL,
    constants_option,
    instance_of,
    json_option,
    model_argument,
    mutant_option,
    requirements_option,
)
from planespec.reports.files import dumps
from planespec.reports.formats.itf_values import encode_plain
from planespec.reports.formats.outcome_json import trace_document, violation_document
from planespec.reports.text.proof_text import (
    exit_code_of_proofs,
    render_proof,
    render_verdict,
)
from planespec.reports.text.wording import Subject, constants_as_json

SCHEMA = "planespec/prove/1"


@click.command(epilog=MODEL)
@model_argument
@constants_option
@requirements_option("Prove only this requirement, lemma or `model-errors`; repeatable.")
@mutant_option
@click.option(
    "--k",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="Try induction over 1, 2, ... N states in a row.",
)
@click.option(
    "--lemma",
    "lemmas",
    multiple=True,
    metavar="ID",
    help="Use only these requirements and lemmas as helpers; all of the model by default.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="S",
    help="Give up after S seconds, for all proofs together.",
)
@json_option
def command(
    model: str,
    constants: tuple[str, ...],
    requirements: tuple[str, ...],
    mutant: str | None,
    k: int,
    lemmas: tuple[str, ...],
    timeout: float | None,
    as_json: bool,
) -> ExitCode:
    """Prove the requirements of MODEL by induction, for behaviours of any length.

    \b
    Exit codes: 0 everything is proved, 12 a requirement is violated, 75 a step goes wrong,
    130 interrupted, 150 the model cannot be understood, 151 an option or constant is wrong,
    152 something is neither proved nor refuted: not inductive, out of time.
    """
    instance = instance_of(model, constants, mutant)
    subject = Subject(model, instance, False)

    def tell(proof: Proof) -> None:
        if not as_json:
            click.echo(render_proof(subject, proof) + "\n")

    request = Request(
        requirements=requirements or None,
        lemmas=lemmas or None,
        k=k,
        seconds=timeout,
        on_proof=tell,
    )
    proofs = prove(instance, request)
    if as_json:
        click.echo(dumps(_document(subject, proofs)))
    else:
        click.echo(render_verdict(subject, proofs))
    return exit_code_of_proofs(proofs)


def _document(subject: Subject, proofs: list[Proof]) -> dict[str, object]:
    constants = subject.instance.constants
    return {
        "schema": SCHEMA,
        "model": subject.target,
        "constants": constants_as_json(constants),
        "mutant": subject.instance.mutant,
        "exit_code": int(exit_code_of_proofs(proofs)),
        "not_applicable": subject.not_applicable,
        "proofs": [_proof_document(subject, proof) for proof in proofs],
        "timing": {"seconds": {proof.goal: round(proof.seconds, 3) for proof in proofs}},
    }


def _proof_document(subject: Subject, proof: Proof) -> dict[str, object]:
    broken = proof.broken
    return {
        "id": proof.goal,
        "verdict": proof.answer.value,
        "k": proof.k,
        "helpers": list(proof.helpers),
        "reason": proof.reason,
        "hints": list(proof.hints),
        "violation": violation_document(subject, proof.violation),
        "counterexample_to_induction": broken
        and {
            "trace": trace_document(subject, broken.trace),
            "action": broken.action,
            "arguments": {name: encode_plain(value) for name, value in broken.arguments},
        },
    }
