"""Reading a running cluster through the official client, which a fake stands in for here."""

import json
import sys
import types
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from snapshots import make_node, make_pod

from planespec.reports.cli.main import run


class RefusalError(Exception):
    status = 403


class Client:
    """Answers lists page by page; of Secrets it says that they may not be listed."""

    def __init__(self, pages: dict[str, list[Any]]) -> None:
        self.pages = pages

    def call_api(self, path: str, method: str, **options: Any) -> tuple[Any, int, Any]:
        if path.endswith("/secrets"):
            raise RefusalError
        query = dict(options["query_params"])
        pages = self.pages.get(path, [[]])
        number = int(query.get("continue", 0))
        follow = {"continue": str(number + 1)} if number + 1 < len(pages) else {}
        kind = "NodeList" if path.endswith("nodes") else "PodList"
        body = {"kind": kind, "apiVersion": "v1", "metadata": follow, "items": pages[number]}
        return types.SimpleNamespace(data=json.dumps(body).encode()), 200, {}


def bare(item: dict[str, Any]) -> dict[str, Any]:
    """An object as a typed list has it: without kind and version."""
    return {name: value for name, value in item.items() if name not in ("kind", "apiVersion")}


def test_a_cluster_is_read_page_by_page(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pods = [[bare(make_pod("a"))], [bare(make_pod("lost", "n9"))]]
    client = Client({"/api/v1/nodes": [[bare(make_node())]], "/api/v1/pods": pods})
    config = types.ModuleType("kubernetes.config")
    config.new_client_from_config = lambda **_: client  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "kubernetes", types.ModuleType("kubernetes"))
    monkeypatch.setitem(sys.modules, "kubernetes.config", config)
    assert run(["audit", "--json", "--kubeconfig", "c", "--context", "x"]) == 12
    document = json.loads(capsys.readouterr().out)
    assert document["read"] == {"Node": 1, "Pod": 2}
    assert [each["requirement"] for each in document["violations"]] == ["SCHED-11"]
    (refused,) = document["malformed"]
    assert (refused["file"], refused["message"]) == (
        "/api/v1/secrets",
        "the API server answers 403",
    )
