"""Examples of rules that stand on the pages run as they are."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```python\n(from planespec\.spec\..*?)^```", re.DOTALL | re.MULTILINE)
PAGES = {
    page.name: examples
    for page in sorted(DOCS.glob("*.md"))
    if (examples := BLOCK.findall(page.read_text("utf-8")))
}


def test_the_page_of_judges_shows_how_rules_are_called() -> None:
    assert len(PAGES["conform.md"]) > 5
    assert all("assert " in example or "print(" in example for example in PAGES["conform.md"])


@pytest.mark.parametrize("page", PAGES)
def test_every_example_of_a_rule_runs(page: str, tmp_path: Path) -> None:
    """Each with names of its own, all in one process."""
    lines = ["import pathlib", f"page = {str(DOCS / page)!r}"]
    lines += [f"exec(compile({example!r}, page, 'exec'), {{}})" for example in PAGES[page]]
    script = tmp_path / "examples.py"
    script.write_text("\n".join(lines), "utf-8")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
