"""How a change is noted and a release is made; what CI runs."""

import importlib.util
from pathlib import Path
from types import ModuleType

import house
import pytest
import yaml

TEXT = """# Changelog

Written for users.

## 0.1.0 (2026-01-31)

- The first.
"""


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script that prepares a release."""
    spec = importlib.util.spec_from_file_location("release", house.ROOT / ".ci/release.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository after its first release, with news of two changes."""
    for name, text in {
        "CHANGELOG.md": TEXT,
        ".pypath/planespec/__init__.py": '"""Text."""\n\n__version__ = "0.1.0"\n',
        "changes/README.md": "# How to\n",
        "changes/second.md": "- The second,\n  on two lines.\n",
        "changes/third.md": "- The third.\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def contents(root: Path) -> dict[str, str]:
    """Every file under a root."""
    files = [path for path in sorted(root.rglob("*")) if path.is_file()]
    return {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in files}


def test_a_release_moves_the_news_into_the_changelog(script: ModuleType, root: Path) -> None:
    script.release(root, "0.2.0", "2026-02-28")
    assert contents(root) == {
        "CHANGELOG.md": TEXT.replace(
            "## 0.1.0",
            "## 0.2.0 (2026-02-28)\n\n- The second,\n  on two lines.\n- The third.\n\n## 0.1.0",
        ),
        ".pypath/planespec/__init__.py": '"""Text."""\n\n__version__ = "0.2.0"\n',
        "changes/README.md": "# How to\n",
    }


def test_what_is_listed_as_unreleased_is_released_with_the_news(
    script: ModuleType, root: Path
) -> None:
    (root / "CHANGELOG.md").write_text(TEXT.replace("2026-01-31", "unreleased"), encoding="utf-8")
    script.release(root, "0.1.0", "2026-02-28")
    assert contents(root)["CHANGELOG.md"] == TEXT.replace("2026-01-31", "2026-02-28").replace(
        "- The first.\n", "- The first.\n- The second,\n  on two lines.\n- The third.\n"
    )


@pytest.mark.parametrize(
    ("version", "news", "reason"),
    [
        ("0.2", "- More.\n", "0.2: expected a version such as 0.2.0"),
        ("0.0.9", "- More.\n", "0.0.9: is older than 0.1.0"),
        ("0.2.0", "More.\n", "changes/more.md:1: expected a bullet"),
        ("0.2.0", "- More.\nAnd more.\n", "changes/more.md:2: expected a bullet"),
        ("0.2.0", "\n", "changes/more.md: is empty"),
    ],
)
def test_a_release_that_cannot_be_made_changes_nothing(
    script: ModuleType, root: Path, version: str, news: str, reason: str
) -> None:
    (root / "changes/more.md").write_text(news, encoding="utf-8")
    before = contents(root)
    with pytest.raises(script.NotReleasedError, match=reason):
        script.release(root, version, "2026-02-28")
    assert contents(root) == before


def test_nothing_is_no_release(script: ModuleType, root: Path) -> None:
    for name in ("second", "third"):
        (root / f"changes/{name}.md").unlink()
    with pytest.raises(script.NotReleasedError, match="nothing to release"):
        script.release(root, "0.2.0", "2026-02-28")


def test_the_news_that_wait_can_be_released(script: ModuleType) -> None:
    for path in script.fragments(house.ROOT):
        assert script.bullets(path)


def test_ci_runs_everything_on_every_version_that_is_promised() -> None:
    flow = yaml.safe_load((house.ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    job = flow["jobs"]["everything"]
    assert {"run": "bash .ci/run"} in job["steps"]
    project = (house.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    versions = job["strategy"]["matrix"]["python"]
    assert versions
    for version in versions:
        assert f'"Programming Language :: Python :: {version}"' in project
    assert project.count('"Programming Language :: Python :: 3.') == len(versions)
