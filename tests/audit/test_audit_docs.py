"""The page names every requirement that is evaluated, with its statement and source."""

from pathlib import Path

from planespec.spec.cluster.cluster_requirements import AUDITED

PAGE = Path(__file__).resolve().parents[2] / "docs" / "audit.md"


def test_the_page_lists_the_requirements_in_order() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if " | " in line]
    expected = [
        f"| {each.id} | {each.level} | {each.statement} | {each.source} |"
        for each in AUDITED.values()
    ]
    assert [row for row in rows if row.split(" | ")[0][2:] in AUDITED] == expected
