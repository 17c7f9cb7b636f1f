"""Every answer of the API server about pods that rules of ours decide is ours too."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from planespec.checker.errors import ExitCode
from planespec.reports.judge import accepted_pods
from planespec.reports.judge.runner import run

RECORDING = Path(__file__).parent.parent / "recorded" / "admission.jsonl.gz"


def write(folder: Path, *cases: dict[str, Any], **line: Any) -> Path:
    """A recording of one line."""
    path = folder / "one.jsonl"
    path.write_text(json.dumps({"cases": cases, **line}) + "\n")
    return path


def make_case(code: int, message: str = "", **spec: Any) -> dict[str, Any]:
    containers = [{"name": "c", "image": "i:1"}]
    pod = {"metadata": {"name": "p"}, "spec": {"containers": containers, **spec}}
    return {"pod": pod, "code": code, "message": message}


def test_all_recorded_answers_agree() -> None:
    tally = run(accepted_pods.judge, [RECORDING])
    counts = {kind: (count.agree, count.cases) for kind, count in tally.kinds.items()}
    assert counts == {"podSecurity": (353, 353), "validation": (811, 811)}
    assert tally.exit_code == ExitCode.HOLDS


def test_every_other_answer_is_one_of_another_plugin() -> None:
    left = []
    with gzip.open(RECORDING, "rt") as lines:
        for record in map(json.loads, lines):
            left += [each for each in record.get("cases", []) if each["code"] not in (201, 422)]
    ours = [each for each in left if " violates PodSecurity " in each["message"]]
    assert (len(left), len(ours)) == (553, 277)


@pytest.mark.parametrize(
    "case",
    [
        make_case(201, restartPolicy="Sometimes"),
        make_case(422, 'Pod "p" is invalid: spec.hostname: Required value'),
        make_case(403, 'pods "p" is forbidden: violates PodSecurity "baseline:latest": no'),
    ],
)
def test_an_answer_that_differs_is_told(case: dict[str, Any], tmp_path: Path) -> None:
    tally = run(accepted_pods.judge, [write(tmp_path, case)])
    assert tally.exit_code == ExitCode.SAFETY


def test_a_pod_that_baseline_refuses_is_refused_there(tmp_path: Path) -> None:
    said = 'pods "p" is forbidden: violates PodSecurity "baseline:latest": '
    case = make_case(403, f"{said}host namespaces (hostPID=true)", hostPID=True)
    labels = {"pod-security.kubernetes.io/enforce": "baseline"}
    path = write(tmp_path, case, namespace={"name": "n", "labels": labels})
    assert run(accepted_pods.judge, [path]).exit_code == ExitCode.HOLDS
