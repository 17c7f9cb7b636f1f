"""The Pod Security Standards: upstream's own pods, and what is said of them."""

import tarfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from planespec.spec.objects import Pod
from planespec.spec.pod_security.standards import CHECKS, LATEST, describe_faults, find_faults

DATA = Path(__file__).resolve().parents[4] / "shared" / "public" / "pod-security-testdata.tar.gz"


def make_pod(annotations: dict[str, str] | None = None, **spec: Any) -> Pod:
    containers = [{"name": "c", "image": "i:1", **spec.pop("container", {})}]
    return Pod(
        {"metadata": {"annotations": annotations}, "spec": {"containers": containers, **spec}}
    )


def test_every_pod_of_upstreams_tests_is_judged_as_it_is_marked() -> None:
    if not DATA.is_file():
        pytest.skip("the public data ../shared/public/pod-security-testdata.tar.gz is not here")
    wrong, judged = [], 0
    with tarfile.open(DATA) as archive:
        for member in archive:
            if not member.name.endswith(".yaml"):
                continue
            _, level, version, verdict, _ = member.name.split("/")[-5:]
            stream = archive.extractfile(member)
            assert stream is not None
            pod = yaml.load(stream, yaml.CSafeLoader)
            said = describe_faults(Pod(pod), level, int(version.removeprefix("v1.")))
            judged += 1
            if (said == "") != (verdict == "pass"):
                wrong.append((member.name, said))
    assert wrong == []
    assert judged == 4241


def test_a_privileged_namespace_takes_in_everything() -> None:
    assert describe_faults(make_pod(hostPID=True), "privileged") == ""


@pytest.mark.parametrize(
    ("pod", "said"),
    [
        (make_pod(hostPID=True, hostIPC=True), "host namespaces (hostPID=true, hostIPC=true)"),
        (
            make_pod(volumes=[{"name": n, "hostPath": {"path": "/"}} for n in "ab"]),
            'hostPath volumes (volumes "a", "b")',
        ),
        (
            make_pod(container={"livenessProbe": {"httpGet": {"host": "h", "port": 1}}}),
            'probe or lifecycle host (container "c" uses probe or lifecycle host "h")',
        ),
        (
            make_pod(container={"securityContext": {"procMount": "Unmasked"}}),
            'procMount (container "c" must not set securityContext.procMount to "Unmasked")',
        ),
        (
            make_pod(securityContext={"seLinuxOptions": {"type": "spc_t", "user": "u"}}),
            'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "spc_t"; '
            "user may not be set)",
        ),
        (
            make_pod(
                securityContext={"seccompProfile": {"type": "Unconfined"}},
                container={"securityContext": {"seccompProfile": {"type": "Unconfined"}}},
            ),
            'seccompProfile (pod and container "c" must not set '
            'securityContext.seccompProfile.type to "Unconfined")',
        ),
        (
            make_pod(securityContext={"windowsOptions": {"hostProcess": True}}),
            "hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)",
        ),
    ],
)
def test_a_fault_is_told_in_upstreams_words(pod: Pod, said: str) -> None:
    assert describe_faults(pod, "baseline") == said


def test_annotations_count_for_seccomp_before_there_was_a_field() -> None:
    key = "seccomp.security.alpha.kubernetes.io/pod"
    said = f'seccompProfile (forbidden annotation {key}="unconfined")'
    pod = make_pod({key: "unconfined"})
    assert describe_faults(pod, "baseline", 18) == said
    assert describe_faults(pod, "baseline", 19) == ""


def test_annotations_for_apparmor_count_in_every_version() -> None:
    pod = make_pod({"container.apparmor.security.beta.kubernetes.io/c": "unconfined"})
    assert [reason for reason, _ in find_faults(pod, "baseline", 0)] == [
        "forbidden AppArmor profile"
    ]


def test_a_version_to_come_has_the_checks_of_the_latest() -> None:
    pod = make_pod(hostUsers=False)
    assert describe_faults(pod, "restricted", 99) == describe_faults(pod, "restricted", LATEST)
    assert len(CHECKS) == 19
