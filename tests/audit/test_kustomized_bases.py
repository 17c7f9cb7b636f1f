"""What overlays of kustomize change or patch in a base is no fault of it."""

from pathlib import Path
from textwrap import indent

import pytest

from planespec.reports.audit.audit_result import Report
from planespec.reports.audit.sources import audit_files


def put(folder: Path, files: dict[str, str]) -> Report:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return audit_files([str(folder)])


def found(report: Report) -> set[str]:
    return {each.requirement.id for each in report.violations}


def said(report: Report) -> str:
    return "\n".join(report.unjudged)


WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: main
        image: web
        imagePullPolicy: Never
        envFrom: [{configMapRef: {name: settings}}]
"""
SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: b}\n"
ELSEWHERE = SETTINGS.replace("settings}", "settings, namespace: shop}")
OTHERS = SETTINGS.replace("settings", "others")
SERVICE = (
    "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
    "spec: {selector: {app: web, env: prod}, ports: [{port: 80}]}\n"
)
BUDGET = (
    "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web}\n"
    "spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}\n"
)
CHANGES = {
    "namespace": ("namespace: shop", WEB, f"{ELSEWHERE}---\n{OTHERS}", "OBJ-6"),
    "prefix": ("namePrefix: dev-", WEB.replace("settings", "dev-settings"), SETTINGS, "OBJ-6"),
    "suffix": ("nameSuffix: -v1", WEB.replace("settings", "settings-v1"), SETTINGS, "OBJ-6"),
    "commonLabels": ("commonLabels: {env: prod}", WEB, SERVICE, "OBJ-13"),
    "labels": (
        "labels: [{pairs: {env: prod}, includeTemplates: true}]",
        WEB,
        SERVICE,
        "OBJ-13",
    ),
    "replicas": ("replicas: [{name: web, count: 3}]", WEB, BUDGET, "OBJ-18"),
    "images": ("images: [{name: web, newName: registry.example/web}]", WEB, SETTINGS, "OBJ-17"),
}
NOTHING_LIKE_IT = {
    "namespace": "commonLabels: {team: a}",
    "prefix": "namePrefix: test-",
    "suffix": "nameSuffix: -v2",
    "commonLabels": "commonLabels: {team: a}",
    "labels": "labels: [{pairs: {env: prod}}]",
    "replicas": "namespace: shop",
    "images": "images: [{name: other, newTag: v1}]",
}


def put_changed(folder: Path, name: str, change: str) -> Report:
    """Put a base and an overlay that names it and changes something."""
    _, first, second, _ = CHANGES[name]
    return put(
        folder,
        {
            "base/kustomization.yaml": "resources: [web.yaml, more.yaml]\n",
            "base/web.yaml": first,
            "base/more.yaml": second,
            "over/kustomization.yaml": f"resources: [../base]\n{change}\n",
        },
    )


@pytest.mark.parametrize("name", CHANGES)
def test_what_an_overlay_changes_is_not_judged_in_the_base(name: str, tmp_path: Path) -> None:
    change, _, _, wanted = CHANGES[name]
    report = put_changed(tmp_path, name, change)
    assert wanted not in found(report)
    assert "what kustomize changes (namespaces, names, labels, replicas, images)" in said(report)


@pytest.mark.parametrize("name", CHANGES)
def test_what_no_change_of_an_overlay_mends_is_told(name: str, tmp_path: Path) -> None:
    report = put_changed(tmp_path, name, NOTHING_LIKE_IT[name])
    assert CHANGES[name][3] in found(report)
    assert "what kustomize changes" not in said(report)


def test_an_overlay_changes_nothing_of_files_that_it_does_not_name(tmp_path: Path) -> None:
    report = put(
        tmp_path,
        {
            "web.yaml": WEB,
            "service.yaml": SERVICE,
            "over/kustomization.yaml": "resources: [x.yaml]\ncommonLabels: {env: prod}\n",
        },
    )
    assert "OBJ-13" in found(report)


PATCHED = (
    "spec: {template: {spec: {containers: [{name: main, envFrom: [{configMapRef: {name: a}}]}]}}}"
)
OTHERWISE = "spec: {template: {spec: {containers: [{name: main, args: [-v]}]}}}"
WHOLE = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
MULTIPLIED = "a0: &a0 [x, x]\n" + "".join(
    f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40)
)
"""Each line doubles the one before it: 2 to the power of 40 values."""
POINTER = "/spec/template/spec/containers/0/envFrom/0"


def patch(target: str, **files: str) -> dict[str, str]:
    """A base without the ConfigMap of its Deployment, and an overlay that patches it."""
    over = f"resources: [../base]\n{target}\n"
    return {
        "base/kustomization.yaml": "resources: [web.yaml, more.yaml]\n",
        "base/web.yaml": WEB,
        "base/more.yaml": OTHERS,
        "over/kustomization.yaml": over,
        **{f"over/{name}.yaml": text for name, text in files.items()},
    }


@pytest.mark.parametrize(
    ("files", "is_open"),
    [
        (patch("patches: [{path: p.yaml}]", p=WHOLE + PATCHED), True),
        (patch("patches: [{path: p.yaml}]", p=WHOLE + OTHERWISE), False),
        (patch("patches: [{path: p.yaml}]", p=WHOLE.replace("web", "db") + PATCHED), False),
        (
            patch(
                "patches: [{path: p.yaml, target: {kind: Deployment}}]",
                p=f"- {{op: remove, path: {POINTER}}}\n",
            ),
            True,
        ),
        (
            patch(
                "patchesJson6902: [{path: p.yaml, target: {kind: Deployment, name: 'w.*'}}]",
                p=f'[{{"op": "remove", "path": "{POINTER}"}}]',
            ),
            True,
        ),
        (
            patch(
                "patches: [{path: p.yaml, target: {kind: Job}}]",
                p=f"- {{op: remove, path: {POINTER}}}\n",
            ),
            False,
        ),
        (
            patch("patchesStrategicMerge:\n- |-\n  " + (WHOLE + PATCHED).replace("\n", "\n  ")),
            True,
        ),
        (
            patch(
                "patches:\n- target: {kind: Deployment, name: web}\n  patch: |-\n"
                f"    - op: remove\n      path: {POINTER}\n"
            ),
            True,
        ),
        (patch("patches:\n- patch: |-\n    a: [\n    b"), False),
        (
            patch(
                "patches:\n- patch: |-\n" + indent(f"{MULTIPLIED}---\n{WHOLE}{PATCHED}", "    ")
            ),
            True,
        ),
    ],
)
def test_a_field_that_a_patch_changes_is_not_judged(
    files: dict[str, str], is_open: bool, tmp_path: Path
) -> None:
    report = put(tmp_path, files)
    assert ("OBJ-6" not in found(report)) is is_open
    assert ("what patches of kustomize change" in said(report)) is is_open


def test_a_patch_says_nothing_of_the_name_by_which_it_finds_its_object(tmp_path: Path) -> None:
    files = patch("patches: [{path: p.yaml}]", p=WHOLE.replace("web", "Web") + OTHERWISE)
    files["base/web.yaml"] = WEB.replace("{name: web}", "{name: Web}")
    report = put(tmp_path, files)
    assert "OBJ-2" in found(report)
