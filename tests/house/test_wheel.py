"""What `pip install` puts on a machine, and what a source distribution holds.

Both are built from a copy without the links of `.pypath`: the wheel from the source distribution,
as `python -m build` does.
"""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path

import house
import pytest

WHERE = (
    "import planespec, planespec.checker.run as run; print(run.__file__); "
    "print(planespec.__version__)"
)
"""A program that prints where a module lies, and the version."""


OWN_PAGES = ("raft_pages", "scheduler_page")
"""Modules that write pages of this documentation."""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources alone, without links, so that no build folder stays behind."""
    folder = tmp_path_factory.mktemp("copy") / "source"
    shutil.copytree(house.ROOT, folder, symlinks=True, ignore=house.LEFT_OUT)
    for path in (folder / ".pypath" / "planespec").iterdir():
        if path.is_symlink():
            path.unlink()
    return folder


@pytest.fixture(scope="module")
def built(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that holds the source distribution and the wheel made of it."""
    folder = tmp_path_factory.mktemp("built")
    house.assert_succeeds("build", "--no-isolation", "--outdir", str(folder), str(source))
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (path,) = built.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def unpacked(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution as somebody unpacks it."""
    folder = tmp_path_factory.mktemp("unpacked")
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        archive.extractall(folder, filter="data")
    (root,) = folder.iterdir()
    return root


def test_the_wheel_holds_planespec_with_its_four_packages_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    top = {name.split("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == {"planespec"}
    inside = {name.split("/")[1] for name in names if name.startswith("planespec/")}
    assert inside == {*house.PACKAGES, "__init__.py", "py.typed"}


def test_the_wheel_holds_every_source_file_but_writers_of_our_own_pages(wheel: Path) -> None:
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("planespec/")}
    sources = {"planespec/" + house.name(path) for path in house.python_files(*house.PACKAGES)}
    assert sources - packed == {f"planespec/reports/pages/{name}.py" for name in OWN_PAGES}
    assert {f"planespec/{package}/py.typed" for package in house.PACKAGES} <= packed


def test_the_wheel_holds_the_templates_of_the_pages_but_no_generated_page(wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    templates = list((house.ROOT / "reports/pages/templates").iterdir())
    assert templates
    assert {"planespec/" + house.name(path) for path in templates} <= packed
    assert not [name for name in packed if name.startswith("planespec/reports/generated")]


def test_the_wheel_holds_the_licence(wheel: Path) -> None:
    assert any(name.endswith("licenses/LICENSE") for name in zipfile.ZipFile(wheel).namelist())


def test_check_wheel_contents_agrees(wheel: Path) -> None:
    house.assert_succeeds("check_wheel_contents", "--toplevel", "planespec", str(wheel))


def test_an_unpacked_wheel_runs(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    told = run_python(tmp_path, WHERE, PYTHONPATH=str(tmp_path))
    assert told.splitlines() == [str(tmp_path / "planespec/checker/run.py"), version(wheel)]


def test_the_source_distribution_holds_every_file_but_the_links(unpacked: Path) -> None:
    packed = {
        path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()
    }
    tracked = {house.name(path) for path in house.tracked_files()}
    assert tracked - packed == set()
    assert {"CHANGELOG.md", "docs/language.md", "tests/conftest.py", ".ci/run"} <= packed
    links = [
        name for name in packed for top in house.PACKAGES if f".pypath/planespec/{top}" in name
    ]
    assert links == []


def test_the_tests_run_in_an_unpacked_source_distribution(unpacked: Path) -> None:
    tests = ["-q", "tests/house/test_sizes.py", "tests/spec/test_names.py"]
    code = f"import pytest; raise SystemExit(pytest.main({tests!r}))"
    told = run_python(unpacked, code, PYTHONPATH=str(unpacked / ".pypath"))
    assert re.search(r"^\d+ passed", told.splitlines()[-1]), told


def test_an_editable_install_leads_to_the_files_of_the_checkout(
    source: Path, tmp_path: Path
) -> None:
    build = f"import hatchling.build as b; print(b.build_editable({str(tmp_path)!r}))"
    name = run_python(source, build)
    zipfile.ZipFile(tmp_path / name.strip()).extractall(tmp_path / "site")
    # Before what the environment of these tests has installed, which is this package, too.
    code = f"""import site, sys
known = len(sys.path)
site.addsitedir({str(tmp_path / "site")!r})
sys.path[:] = sys.path[known:] + sys.path[:known]
{WHERE}"""
    assert run_python(tmp_path, code).splitlines()[0] == str(source / "checker/run.py")


def test_one_version_is_said_everywhere(wheel: Path) -> None:
    said = run_python(house.ROOT, WHERE, PYTHONPATH=str(house.ROOT / ".pypath")).splitlines()
    assert said == [str(house.ROOT / "checker/run.py"), version(wheel)]
    changes = (house.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## \[?(\d[\w.]*)", changes, re.MULTILINE)[0] == version(wheel)


def version(wheel: Path) -> str:
    """The version that the metadata of a wheel give."""
    archive = zipfile.ZipFile(wheel)
    (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
    return str(message_from_bytes(archive.read(name))["Version"])


def run_python(folder: Path, code: str, **environment: str) -> str:
    """What Python prints in a folder; the packages of this checkout are out of its reach."""
    free = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    free.pop("PYTHONPATH", None)
    alone = "import sys; sys.meta_path[:] = [f for f in sys.meta_path if 'editable' not in str(f)]"
    result = subprocess.run(
        [sys.executable, "-c", f"{alone}; {code}"],
        cwd=folder,
        env=free | {"PYTHONDONTWRITEBYTECODE": "1"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, f"{code}\n{result.stdout}{result.stderr}"
    return result.stdout
