"""docs/scheduling.md says what the code does: names, weights, modules and the example."""

import re
from pathlib import Path

import pytest

from planespec.spec.scheduling.profile import (
    FILTER_ORDER,
    PRE_FILTER_ORDER,
    SCORE_ORDER,
    SCORE_WEIGHTS,
)

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "scheduling.md").read_text(encoding="utf-8")
CLASSIC_PREDICATES = [
    "PodFitsResources",
    "PodFitsHostPorts",
    "HostName",
    "MatchNodeSelector",
    "NoDiskConflict",
    "NoVolumeZoneConflict",
    "NoVolumeNodeConflict",
    "PodToleratesNodeTaints",
    "CheckNodeMemoryPressure",
    "CheckNodeDiskPressure",
    "MatchInterPodAffinity",
]
CLASSIC_PRIORITIES = [
    "SelectorSpread",
    "LeastRequested",
    "MostRequested",
    "BalancedResourceAllocation",
    "InterPodAffinityPriority",
    "NodeAffinityPriority",
    "TaintTolerationPriority",
    "ImageLocality",
    "EqualPriority",
    "NodePreferAvoidPods",
]


def section(title: str) -> str:
    """The text under a heading of the second level."""
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def first_cells(text: str) -> list[str]:
    """The first cell of every row of the tables in a text, headings left out."""
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    return [row.split("|")[1].strip() for row in rows]


def test_the_table_of_filters_has_every_filter_in_order() -> None:
    cells = first_cells(section("Filters"))
    assert tuple(cells[1 : 1 + len(FILTER_ORDER)]) == FILTER_ORDER


def test_every_plugin_that_looks_at_the_pod_first_is_named() -> None:
    assert [name for name in PRE_FILTER_ORDER if name not in section("Filters")] == []


def test_the_table_of_scores_has_every_plugin_with_its_weight() -> None:
    rows = dict(re.findall(r"^\| (\w+) \| (\d+) \|", section("Scores"), re.MULTILINE))
    assert rows == {name: str(SCORE_WEIGHTS[name]) for name in SCORE_ORDER}


@pytest.mark.parametrize("name", [*CLASSIC_PREDICATES, *CLASSIC_PRIORITIES])
def test_every_classic_name_has_a_row(name: str) -> None:
    assert name in first_cells(section("The classic names"))


def test_every_module_that_is_named_exists() -> None:
    folder = ROOT / "spec" / "scheduling"
    filters = section("Filters").split("\n\nWhat PreFilter adds")[0]
    cells = [row.split("|")[4] for row in filters.splitlines() if row.startswith("| ")]
    cells += [row.split("|")[5] for row in section("Scores").splitlines() if row.startswith("| ")]
    names = [name for cell in cells for name in re.findall(r"`([a-z_/]+)`", cell)]
    assert len(names) > len(FILTER_ORDER) + len(SCORE_ORDER)
    for name in names:
        file = name if name.endswith("/") else name + ".py"
        assert (folder / "plugins" / file).exists() or (folder / file).exists(), name


def test_the_example_runs() -> None:
    example = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert example is not None
    exec(example.group(1), {})
