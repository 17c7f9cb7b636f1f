"""What `pip install` puts on a machine: the four packages under `planespec`, nothing else."""

import shutil
import zipfile
from importlib.metadata import version
from pathlib import Path

import house
import pytest


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy of the sources, so that no build folder stays behind."""
    if int(version("setuptools").split(".")[0]) < 77:
        pytest.skip("setuptools 77 or newer is needed to build; `pip install .[test]` brings it")
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    shutil.copytree(house.ROOT, source, symlinks=True, ignore=house.LEFT_OUT)
    house.assert_succeeds(
        "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(source)
    )
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_exactly_the_four_packages(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    top = {name.split("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == {"planespec"}
    inside = {name.split("/")[1] for name in names if name.startswith("planespec/")}
    assert inside == set(house.PACKAGES)


def test_the_wheel_holds_every_source_file(wheel: Path) -> None:
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("planespec/")}
    sources = {"planespec/" + house.name(path) for path in house.python_files(*house.PACKAGES)}
    assert sources <= packed
    assert {f"planespec/{package}/py.typed" for package in house.PACKAGES} <= packed


def test_the_wheel_holds_the_templates_of_the_pages_but_no_generated_page(wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    templates = (house.ROOT / "reports/pages/templates").iterdir()
    assert {"planespec/" + house.name(path) for path in templates} <= packed
    assert not [name for name in packed if name.startswith("planespec/reports/generated")]


def test_the_wheel_holds_the_licence(wheel: Path) -> None:
    assert any(name.endswith("licenses/LICENSE") for name in zipfile.ZipFile(wheel).namelist())


def test_check_wheel_contents_agrees(wheel: Path) -> None:
    house.assert_succeeds("check_wheel_contents", "--toplevel", "planespec", str(wheel))
