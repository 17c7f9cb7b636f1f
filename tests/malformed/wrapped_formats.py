"""Files in which events and objects stand within others: shipped logs, archives, collections."""

import gzip
import io
import json
import random
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from mutation import damage_json, damage_text, mutate_value


def shipped(events: list[Any]) -> Callable[[random.Random], bytes]:
    """Some events as a shipper writes them; the events are damaged, or what stands around them."""

    def damaged(draw: random.Random) -> bytes:
        some = draw.sample(events, 4)
        if draw.random() < 0.5:
            some[0] = mutate_value(some[0], draw)
        texts = [json.dumps(each) for each in some]
        if draw.random() < 0.3:
            texts[1] = damage_text(texts[1], draw).decode("latin-1")
        stamp = "2026-01-01T00:00:00.1Z stdout"
        lines = [
            json.dumps({"log": texts[0] + "\n", "stream": "stdout"}),
            json.dumps({"log": texts[1][:99], "stream": "stdout"}),
            json.dumps({"log": texts[1][99:] + "\n", "stream": "stdout"}),
            f"{stamp} P {texts[2][:99]}\n{stamp} F {texts[2][99:]}",
            f"[pod/kube-apiserver/x] {texts[3]}",
            json.dumps({"properties": json.dumps({"log": texts[3]})}),
        ]
        draw.shuffle(lines)
        text = "\n".join(lines)
        return damage_text(text, draw) if draw.random() < 0.3 else text.encode()

    return damaged


def archived(objects: list[Any]) -> Callable[[random.Random], bytes]:
    """An archive of some files, one of them damaged, or the archive itself."""

    def damaged(draw: random.Random) -> bytes:
        files = {
            f"d/{n}.json": json.dumps(each).encode()
            for n, each in enumerate(draw.sample(objects, 3))
        }
        files["d/0.json"] = damage_json([json.loads(files["d/0.json"])], draw)
        files["d/audit.log"] = b"{"
        packed = draw.choice((_as_tar, _as_zip))(files)
        if draw.random() < 0.5:
            packed = packed[: draw.randrange(len(packed))] + draw.randbytes(3)
        return gzip.compress(packed) if draw.random() < 0.5 else packed

    return damaged


def _as_tar(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return target.getvalue()


def _as_zip(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target.getvalue()


def collections_of(objects: list[Any], node: Any, pod: Any) -> list[Any]:
    """Objects in lists, tables and members, as other tools keep them."""
    bare = [{k: v for k, v in each.items() if k != "kind"} for each in objects[:4]]
    rows = [{"cells": ["a"], "object": each} for each in objects[:2]]
    return [
        {"pods": [pod], "nodes": [node], "pvcs": None, "schedulerConfig": {"a": 1}},
        {"kind": "PodList", "metadata": {"continue": "x"}, "items": bare},
        {"kind": "Table", "columnDefinitions": [], "rows": rows},
        {"kind": "Status", "status": "Failure", "message": "no", "code": 403},
        {"kind": "Kustomization", "apiVersion": "kustomize.config.k8s.io/v1", "resources": ["a"]},
        [*bare, *objects[:2]],
    ]


CHART = """Warning: old
{{- if .Values.web }}
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}
{{- end }}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: "${APP}", labels: {a: "{{ .Values.x }}"}}
"""
