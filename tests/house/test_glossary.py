"""The page of words and the code use the same ones."""

import ast
import re
from collections.abc import Iterator

import house

PAGE = (house.ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
CORE = ("checker/outcome.py", "checker/budget.py", "checker/instance.py", "reports/mutation.py")
"""Where the words of the page are classes, enum members and options."""

NOT_WORDS = {"Options", "Progress", "ActionInfo", "ParameterInfo", "ActionCount", "Statistics"}
"""Classes of CORE that carry numbers rather than name an idea of the field."""


def classes() -> Iterator[str]:
    """Names of the public classes in CORE."""
    for file in CORE:
        for node in ast.parse((house.ROOT / file).read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and node.name not in NOT_WORDS:
                yield node.name


def words() -> list[str]:
    """The first column of the table."""
    return [line.split("|")[1].strip() for line in PAGE.splitlines() if line.startswith("| ")]


def test_every_word_of_the_outcome_is_explained() -> None:
    from planespec.checker.outcome import Verdict

    for verdict in Verdict:
        assert verdict.value in PAGE


def test_every_class_that_names_an_idea_is_on_the_page() -> None:
    text = PAGE.lower()
    ideas = {"Violation": "counterexample", "ViolationKind": "counterexample", "Fate": "killed"}
    ideas |= {"Cell": "survived", "Row": "mutant", "Ended": "killed", "Overdue": "budget"}
    missing = [name for name in classes() if ideas.get(name, name.lower()) not in text]
    assert missing == []


def test_every_property_decorator_is_on_the_page() -> None:
    from planespec.checker import lang

    for name in (
        "action",
        "require",
        "invariant",
        "reachable",
        "constraint",
        "terminal",
        "mutant",
    ):
        assert hasattr(lang, name)
        assert re.search(rf"\b{name}\b", PAGE)


def test_no_word_is_explained_twice() -> None:
    assert len(words()) == len(set(words()))
    assert len(words()) > 20
