"""The pod template of an object, wherever its kind has it."""

import pytest

from planespec.spec.cluster.inventory import Cluster
from planespec.spec.objects import ObjectError
from planespec.spec.objects.object_store import GROUPS
from planespec.spec.objects.workload_views import (
    WORKLOADS,
    PodTemplateSpec,
    WorkloadView,
    get_template_field,
)

TEMPLATE = {
    "metadata": {"labels": {"app": "web"}},
    "spec": {"hostPID": True, "containers": [{"name": "c", "image": "i"}]},
}


def holding(kind: str, template: object) -> dict[str, object]:
    """An object of a kind with a template where its kind has it."""
    value: object = template
    for name in reversed(get_template_field(kind).split(".")[:-1]):
        value = {name: value}
    assert isinstance(value, dict)
    return {"kind": kind, "metadata": {"name": "w", "namespace": "n"}, **value}


@pytest.mark.parametrize("kind", [*WORKLOADS, "PodTemplate"])
def test_the_template_is_found_and_nothing_of_it_is_left_out(kind: str) -> None:
    workload = WorkloadView(kind, holding(kind, TEMPLATE))
    assert workload.meta.name == "w"
    assert workload.template.meta.labels == {"app": "web"}
    assert [each.image for each in workload.template.pod.containers] == ["i"]
    assert workload.template.pod.spec.flag("hostPID")
    assert f"{workload.template.field}." == get_template_field(kind)
    assert workload.holder.has("template")
    assert kind in GROUPS


def test_a_cron_job_has_it_in_its_jobs_and_a_pod_has_none() -> None:
    assert get_template_field("CronJob") == "spec.jobTemplate.spec.template."
    assert get_template_field("Deployment") == "spec.template."
    assert get_template_field("PodTemplate") == "template."
    assert get_template_field("Pod") == get_template_field("ConfigMap") == ""
    with pytest.raises(KeyError):
        WorkloadView("Pod", {})


@pytest.mark.parametrize("kind", WORKLOADS)
def test_an_error_in_a_template_names_its_field(kind: str) -> None:
    workload = WorkloadView(kind, holding(kind, {"metadata": {"labels": {"app": 1}}}))
    with pytest.raises(ObjectError) as error:
        workload.template.meta.labels  # noqa: B018
    assert error.value.field == f"{get_template_field(kind)}metadata.labels.app"
    assert WorkloadView(kind, {}).template.data == PodTemplateSpec(None).data == {}


@pytest.mark.parametrize("kind", WORKLOADS)
def test_an_audit_reads_the_template_of_every_kind(kind: str) -> None:
    cluster = Cluster()
    group = GROUPS[kind]
    version = f"{group}/v1" if group else "v1"
    cluster.add({"apiVersion": version, **holding(kind, TEMPLATE)}, None)
    (record,) = cluster.workloads.values()
    assert record.labels == {"app": "web"}
    assert record.template.pod.spec.flag("hostPID")
