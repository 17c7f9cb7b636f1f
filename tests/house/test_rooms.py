"""Rooms: a module name means one thing, and a folder can be taken in at a glance."""

from collections import defaultdict
from pathlib import Path

import house

MOST_FILES = 16
"""Modules a folder may hold, its `__init__` aside."""
LARGE = {
    "model/raft/etcd": 17,  # parts of one model, in reading order
    "reports/cli": 20,  # a module for each command
    "spec/raft/node": 21,  # one node, as its source is divided
}
"""Folders that hold more for a reason, and how many; these only ever become smaller."""
SAME_AREA = {"raft": "raft", "etcd": "etcd", "scheduling": "scheduler"}
"""Area of the spec to the area of the models that move by its rules, under the same names."""

AREAS = {
    *("apiserver", "controllers", "etcd", "history", "kubelet", "network", "node", "raft"),
    *("runtime", "scheduling", "storage"),
}
"""What several packages have a folder or a module about: its rules, its models, its judges."""
TWICE = {
    *("cluster", "core", "expressions", "handlers", "liveness", "model", "parts", "pods"),
    *("reading", "watching"),
}
"""Folders whose name a module has for something else; these only ever become fewer."""


def module_files() -> list[Path]:
    """Every module of the four packages that has a name of its own."""
    files = house.python_files(*house.PACKAGES)
    return [path for path in files if not path.stem.startswith("__")]


def is_pair(one: str, other: str) -> bool:
    """Whether a model and the rules it moves by share the name of what both are about."""
    spec, model = sorted((one.split("/"), other.split("/")), reverse=True)
    return spec[0] == "spec" and model[0] == "model" and SAME_AREA.get(spec[1]) == model[1]


def test_a_module_name_means_one_thing() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in module_files():
        places[path.stem].append(house.name(path))
    shared = [names for names in places.values() if len(names) > 1]
    assert [names for names in shared if len(names) > 2 or not is_pair(*names)] == []


def folders() -> dict[str, list[str]]:
    """The folders that have a name in the four packages, by that name."""
    found: dict[str, list[str]] = defaultdict(list)
    for folder in sorted({path.parent for path in house.python_files(*house.PACKAGES)}):
        found[folder.name].append(house.name(folder))
    return found


def test_a_folder_and_a_module_of_one_name_are_about_one_thing() -> None:
    places: dict[str, set[str]] = defaultdict(set)
    for path in module_files():
        places[path.stem].add(house.name(path.parent))
    shared = {
        name
        for name, found in folders().items()
        # A command is named after the folder that does its work, a folder after its first module.
        if places[name] - {"reports/cli", found[0]}
    }
    assert shared - AREAS - TWICE == set()
    assert TWICE - shared == set(), "it is gone: take it off the list"


def test_a_folder_name_means_one_thing() -> None:
    shared = {name: found for name, found in folders().items() if len(found) > 1}
    assert {name: found for name, found in shared.items() if name not in AREAS} == {}


def test_a_folder_holds_no_more_than_can_be_taken_in() -> None:
    counts: dict[str, int] = defaultdict(int)
    for path in module_files():
        counts[house.name(path.parent)] += 1
    limits = {folder: LARGE.get(folder, MOST_FILES) for folder in counts}
    assert {folder: n for folder, n in counts.items() if n > limits[folder]} == {}
    assert {folder for folder in LARGE if counts[folder] <= MOST_FILES - 2} == set()


def test_a_folder_says_what_it_is_for() -> None:
    silent = [
        house.name(path)
        for path in house.python_files(*house.PACKAGES)
        if path.name == "__init__.py" and not path.read_text(encoding="utf-8").startswith('"""')
    ]
    assert silent == []
    folders = {path.parent for path in module_files()}
    assert [house.name(f) for f in sorted(folders) if not (f / "__init__.py").is_file()] == []
