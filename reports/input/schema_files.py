"""The OpenAPI definitions of Kubernetes' releases, from the files of kubernetes-validate.

Only its files are read: it checks with a general library and one object at a time, which would
take minutes where a snapshot of a whole cluster takes seconds.
"""

import importlib.util
import re
from functools import cache
from pathlib import Path

import msgspec

from planespec.checker.errors import ConfigurationError
from planespec.spec.schema.merge_types import MergeTypes
from planespec.spec.schema.published_kinds import Definitions, PublishedKinds

_PACKAGE = "kubernetes_validate"
RECORDED = "1.36"
"""The release whose behaviour is described where releases differ."""
_FOLDER = re.compile(r"v(\d+)\.(\d+)\.0-local")


@cache
def load_published_kinds() -> PublishedKinds:
    """Return the kinds of every release whose files are there. Raises ConfigurationError."""
    folders = _find_folders()
    if not folders:
        raise ConfigurationError("kubernetes-validate has no schemas: install it again")

    def load(release: str) -> Definitions:
        data = (folders[release] / "_definitions.json").read_bytes()
        found: Definitions = msgspec.json.decode(data)["$defs"]
        return found

    return PublishedKinds(tuple(folders), load)


@cache
def load_merge_types(release: str = RECORDED) -> MergeTypes:
    """Return how the kinds of a release merge. Raises ConfigurationError."""
    return MergeTypes(load_published_kinds().get_definitions(release))


def _find_folders() -> dict[str, Path]:
    """Return the folder of each release, newest last; found without importing the package."""
    found = importlib.util.find_spec(_PACKAGE)
    places = (found and found.submodule_search_locations) or ()
    folders: dict[tuple[int, int], Path] = {}
    for place in places:
        for path in (Path(place) / "kubernetes-json-schema").glob("v*-local"):
            if name := _FOLDER.fullmatch(path.name):
                folders[int(name[1]), int(name[2])] = path
    return {f"{major}.{minor}": folders[major, minor] for major, minor in sorted(folders)}
