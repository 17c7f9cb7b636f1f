"""A requirement is one object: one number, one statement, somebody who judges it."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from planespec.checker.errors import ConfigurationError
from planespec.checker.lang.model import declarations
from planespec.checker.lang.properties import claim_of
from planespec.reports.input.catalogue import catalogue, load_model
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.cluster.snapshot_judge import AUDITED
from planespec.spec.requirement import (
    REQUIREMENTS,
    Judge,
    Level,
    Requirement,
    declare,
    list_judges,
    load_requirements,
    requirement,
)

ROOT = Path(__file__).resolve().parents[2]
ALL = load_requirements()
AREAS = sorted({id_.rpartition("-")[0] for id_ in ALL})
ID = re.compile(rf"\b(?:{'|'.join(AREAS)})-\d+\b")
AUDITING = [judge for level in AUDITED for judge in list_judges(level)]


def sources() -> Iterator[Path]:
    """What is written for readers and for machines, without tests and what is generated."""
    for folder in ("spec", "model", "checker", "reports", "docs"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".md", ".toml") and "generated" not in path.parts:
                yield path
    yield from (ROOT / "README.md", ROOT / "CONTRIBUTING.md")


def declared() -> Iterator[str]:
    """The ids that stand in the calls that declare a requirement."""
    for path in sorted((ROOT / "spec").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                first = node.args[0] if node.args else None
                if node.func.id in ("requirement", "declare") and isinstance(first, ast.Constant):
                    yield str(first.value)


def test_every_requirement_is_declared_in_one_place() -> None:
    counts = Counter(declared())
    assert [id_ for id_, count in counts.items() if count > 1] == []
    assert set(counts) == {id_ for id_ in ALL if not id_.startswith("WATCH-")}


def test_numbers_are_never_left_out_nor_used_again() -> None:
    numbers = {area: [int(i.rpartition("-")[2]) for i in ALL if i.startswith(f"{area}-")]
               for area in AREAS}  # fmt: skip
    assert numbers == {area: list(range(1, len(found) + 1)) for area, found in numbers.items()}


def test_statements_are_different_sentences() -> None:
    statements = [each.statement for each in ALL.values()]
    assert [text for text in statements if not text.endswith(".")] == []
    assert [text for text, count in Counter(statements).items() if count > 1] == []
    assert all(each.source and each.severity in ("error", "warning") for each in ALL.values())


def test_no_number_is_spoken_of_that_nobody_declared() -> None:
    unknown = [
        f"{path.relative_to(ROOT)}: {id_}"
        for path in sources()
        for id_ in ID.findall(path.read_text(encoding="utf-8"))
        if id_ not in REQUIREMENTS and not id_.startswith("INPUT-")
    ]
    assert unknown == []


def test_every_requirement_is_judged_by_an_audit_a_watch_or_a_model() -> None:
    claimed = {
        claim.id
        for entry in catalogue().values()
        for claim in map(claim_of, declarations(load_model(entry.name)).requires)
    }
    others = (*AUDITED, Level.WATCH)
    unjudged = [
        id_
        for id_, each in ALL.items()
        if id_ not in claimed and not any(level in others for level in each.levels)
    ]
    assert unjudged == []


@pytest.mark.parametrize(
    ("statement", "source", "severity", "word"),
    [
        ("Another.", ALL["OBJ-7"].source, "error", "statement"),
        (ALL["OBJ-7"].statement, "elsewhere", "error", "source"),
        (ALL["OBJ-7"].statement, ALL["OBJ-7"].source, "warning", "severity"),
    ],
)
def test_a_second_meaning_of_a_number_is_refused(
    statement: str, source: str, severity: str, word: str
) -> None:
    with pytest.raises(ValueError, match=f"OBJ-7 has the {word}"):
        declare("OBJ-7", statement, source, severity)
    assert REQUIREMENTS["OBJ-7"] is ALL["OBJ-7"]


def test_a_second_predicate_under_a_number_is_refused_and_the_same_one_is_not() -> None:
    known = ALL["RAFT-1"]

    def election_safety(s: object) -> bool:
        return True

    election_safety.__doc__ = "Everything is well."
    with pytest.raises(ValueError, match="RAFT-1 has the statement"):
        requirement("RAFT-1", source=known.source)(election_safety)
    again = requirement("RAFT-1", source=known.source)(known.predicates[0])
    assert again == known


def test_a_promise_is_of_a_known_kind_and_has_no_judge_of_states() -> None:
    with pytest.raises(ValueError, match="SCHED-99 promises 'sometimes'; known: eventually"):
        requirement("SCHED-99", source="nowhere", promise="sometimes")
    promised = ALL["SCHED-9"]
    assert (promised.kind, promised.levels) == ("always eventually", (Level.PROMISE,))
    assert promised.judges == ()


def test_a_false_predicate_is_a_breach_that_has_the_states() -> None:
    shrinks = ALL["ETCD-1"]
    seen = [type("Seen", (), {"revision": number})() for number in (2, 1)]
    (breach,) = shrinks.find_breaches(Level.STEP, *seen)
    assert (breach.requirement, breach.objects) == (shrinks, tuple(seen))
    assert breach.message == "revision_never_falls is false"
    assert list(shrinks.find_breaches(Level.STEP, *reversed(seen))) == []


def test_a_requirement_is_told_what_breaks_it_and_nothing_else() -> None:
    cluster = Cluster()
    cluster.add({"kind": "Node", "metadata": {"name": "n1"}}, None)
    for name, spec, status in (
        ("a", {"nodeName": "n9"}, {}),
        ("b", {}, {"nominatedNodeName": "n8"}),
    ):
        metadata = {"name": name, "namespace": "default"}
        container = {"name": "c", "image": "i"}
        whole = {"kind": "Pod", "metadata": metadata, "status": status}
        cluster.add(whole | {"spec": {"containers": [container], **spec}}, None)
    found = {
        id_: [str(breach.objects[0]) for breach in ALL[id_].find_breaches(Level.SNAPSHOT, cluster)]
        for id_ in ("SCHED-7", "SCHED-11")
    }
    assert found == {"SCHED-7": ["Pod default/b"], "SCHED-11": ["Pod default/a"]}


def test_every_function_that_is_called_a_judge_is_registered() -> None:
    registered = {(judge.find.__module__, judge.find.__name__) for judge in AUDITING}
    called = {
        (name, each.__name__)
        for name, module in list(sys.modules.items())
        if name.startswith("planespec.spec.cluster.")
        for each in vars(module).values()
        if inspect.isgeneratorfunction(each)
        and each.__module__ == name
        and each.__name__.startswith("judge_")
    }
    assert (
        called - registered - {("planespec.spec.cluster.snapshot_judge", "judge_cluster")} == set()
    )


def test_a_model_cannot_require_what_only_an_audit_judges() -> None:
    with pytest.raises(ConfigurationError, match="OBJ-7 has no predicate"):
        claim_of(ALL["OBJ-7"])


SHOW = """
import planespec.reports.cli.audit
from planespec.spec.cluster.snapshot_judge import AUDITED
from planespec.spec.requirement import list_judges
for level in AUDITED:
    for judge in list_judges(level):
        print(level.value, judge.find.__module__, judge.find.__qualname__)
"""


def test_an_audit_imports_every_judge_it_needs() -> None:
    # In a process of its own: here all of `spec` is imported.
    done = subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=ROOT / ".pypath",
        capture_output=True,
        text=True,
        check=True,
    )
    own = [f"{j.level.value} {j.find.__module__} {j.find.__qualname__}" for j in AUDITING]
    assert sorted(done.stdout.splitlines()) == sorted(own)


def functions_of(module: ModuleType) -> dict[str, list[ast.FunctionDef]]:
    """The functions and methods of a module by name."""
    found: dict[str, list[ast.FunctionDef]] = {}
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.FunctionDef):
            found.setdefault(node.name, []).append(node)
    return found


def names_in(node: ast.AST) -> set[str]:
    """Names and attributes that a function reads, its decorators left out."""
    body = node.body if isinstance(node, ast.FunctionDef) else [node]
    inside = [each for statement in body for each in ast.walk(statement)]
    return {each.id for each in inside if isinstance(each, ast.Name)} | {
        each.attr for each in inside if isinstance(each, ast.Attribute)
    }


def reached(module: ModuleType, judge: Judge) -> set[str]:
    """Names that a judge reads, by itself and in helpers of its module that are no judges."""
    functions = functions_of(module)
    others = {each.find.__name__ for each in AUDITING} - {judge.find.__name__}
    todo, seen, names = [judge.find.__name__], set[str](), set[str]()
    while todo:
        name = todo.pop()
        if name in seen or name in others:
            continue
        seen.add(name)
        for node in functions.get(name, ()):
            names |= names_in(node)
            todo += names_in(node) & functions.keys()
    return names


def spoken_of(module: ModuleType, name: str) -> set[str]:
    """The ids behind a global name: a requirement, or a table of them."""
    value = getattr(module, name, None)
    if isinstance(value, Requirement):
        return {value.id}
    is_table = isinstance(value, dict) and value is not REQUIREMENTS
    return (
        {each.id for each in value.values() if isinstance(each, Requirement)}
        if is_table
        else set()
    )  # type: ignore[union-attr]


LOOKED_UP = ("judge_as_read", "judge_status", "_judge_answer")
"""Judges that repeat what reading or another module found, whatever it is; the tests of audits
cover them: test_audit_requirements, test_kubelets_in_logs."""


@pytest.mark.parametrize(
    "judge",
    [judge for judge in AUDITING if judge.find.__name__ not in LOOKED_UP],
    ids=lambda judge: judge.find.__qualname__,
)
def test_a_judge_says_of_itself_what_it_judges(judge: Judge) -> None:
    module = importlib.import_module(judge.find.__module__)
    found = {id_ for name in reached(module, judge) for id_ in spoken_of(module, name)}
    assert found == {each.id for each in judge.requirements}
