"""Jobs and CronJobs: defaults, and what an update may do.

Source: `pkg/registry/batch/{job,cronjob}/strategy.go`, `pkg/apis/batch/v1/defaults.go`,
`pkg/apis/batch/validation/validation.go`, v1.36.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace

from planespec.spec.api.changes.internal_types import to_internal
from planespec.spec.api.changes.job_status import validate_job_status
from planespec.spec.api.changes.preparing import (
    counting,
    default_template,
    find_value,
    is_same,
    keep,
    keeping,
    validate_content,
    validate_immutable,
    validate_new,
    validate_whole_meta,
)
from planespec.spec.api.meta_updates import IMMUTABLE, validate_core_meta_change
from planespec.spec.api.strategies import Json, Strategy
from planespec.spec.labels import read_label_selector
from planespec.spec.objects import View
from planespec.spec.validation.field_errors import Errors, invalid, required
from planespec.spec.validation.value_rules import show_selector

_UID_LABELS = ("controller-uid", "batch.kubernetes.io/controller-uid")
_NAME_LABELS = ("job-name", "batch.kubernetes.io/job-name")
_ZONE, _NO_ZONE = "TZ", "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
_MISMATCH = "`selector` does not match template `labels`"


def _default_job_spec(spec: Json) -> None:
    default_template(spec)
    if spec.get("completions") is None and spec.get("parallelism") is None:
        spec["completions"] = spec["parallelism"] = 1
    spec.setdefault("parallelism", 1)
    limited = spec.get("backoffLimitPerIndex") is not None
    spec.setdefault("backoffLimit", 2**31 - 1 if limited else 6)
    spec.setdefault("completionMode", "NonIndexed")
    spec.setdefault("suspend", False)
    spec.setdefault("manualSelector", False)
    policy = spec.get("podFailurePolicy")
    for rule in (policy or {}).get("rules") or ():
        for pattern in rule.get("onPodConditions") or ():
            pattern["status"] = pattern.get("status") or "True"
    other = "Failed" if policy else "TerminatingOrFailed"
    spec.setdefault("podReplacementPolicy", other)


def _default_job(data: Json) -> None:
    spec = data.setdefault("spec", {})
    _default_job_spec(spec)
    labels = spec["template"]["metadata"].get("labels")
    if not data["metadata"].get("labels") and labels:
        data["metadata"]["labels"] = copy.deepcopy(labels)


def _default_cron_job(data: Json) -> None:
    spec = data.setdefault("spec", {})
    spec["concurrencyPolicy"] = spec.get("concurrencyPolicy") or "Allow"
    spec.setdefault("suspend", False)
    spec.setdefault("successfulJobsHistoryLimit", 3)
    spec.setdefault("failedJobsHistoryLimit", 1)
    template = spec.setdefault("jobTemplate", {})
    template.setdefault("metadata", {})
    default_template(template.setdefault("spec", {}))


def _validate_job(data: Json, old: Json) -> Errors:
    """Source: ValidateJob, ValidateJobUpdate."""
    yield from validate_whole_meta(data)
    yield from _validate_generated(data)
    yield from _validate_content(data)
    yield from validate_core_meta_change(data, old)
    yield from _validate_content(data)
    spec = data["spec"]
    yield from _validate_completions(data, old)
    shown = show_selector(View(data).view("spec").view("selector")) if "selector" in spec else None
    yield from validate_immutable(data, old, "spec.selector", shown=shown)
    yield from _validate_template(data, old)
    yield from validate_immutable(data, old, "spec.completionMode")
    policy = to_internal("PodFailurePolicy", spec.get("podFailurePolicy"))
    yield from validate_immutable(data, old, "spec.podFailurePolicy", shown=policy)
    yield from validate_immutable(data, old, "spec.backoffLimitPerIndex")
    yield from validate_immutable(data, old, "spec.managedBy")
    policy = to_internal("SuccessPolicy", spec.get("successPolicy"))
    yield from validate_immutable(data, old, "spec.successPolicy", shown=policy)


def _validate_content(data: Json) -> Errors:
    """Source: ValidateJobSpec, which matches a selector of whatever origin."""
    yield from validate_content(data)
    spec = View(data).view("spec")
    if spec.flag("manualSelector") or not spec.has("selector"):
        return
    labels = View(find_value(data, "spec.template.metadata")).text_map("labels")
    selector = read_label_selector(spec.data["selector"], "spec.selector")
    if not selector.matches(labels):
        shown = dict(sorted(labels.items())) or None
        yield invalid("spec.template.metadata.labels", shown, _MISMATCH)


def _validate_generated(data: Json) -> Errors:
    """The selector and labels that the server made fit the Job. Source: validateGeneratedSelector.

    Where they were made by hand the pods must be selected.
    """
    spec, uid = View(data).view("spec"), str(data["metadata"].get("uid"))
    labels = View(find_value(data, "spec.template.metadata")).text_map("labels")
    if spec.flag("manualSelector"):
        return
    path = "spec.template.metadata.labels"
    wanted = dict.fromkeys(_UID_LABELS, uid) | {
        each: str(data["metadata"]["name"]) for each in _NAME_LABELS
    }
    for label in ("controller-uid", "job-name"):
        for name in (label, f"batch.kubernetes.io/{label}"):
            yield from _validate_label(path, labels, name, wanted[name])
    expected = {"matchLabels": {_UID_LABELS[1]: uid}}
    if not is_same(spec.data.get("selector"), expected):
        shown = show_selector(spec.view("selector"))
        yield invalid("spec.selector", shown, "`selector` not auto-generated")


def _validate_label(path: str, labels: Mapping[str, str], name: str, wanted: str) -> Errors:
    """Source: validateHasLabel."""
    if name not in labels:
        yield required(f"{path}[{name}]", f"must be '{wanted}'")
    elif labels[name] != wanted:
        yield invalid(f"{path}[{name}]", dict(sorted(labels.items())), f"must be '{wanted}'")


def _validate_completions(data: Json, old: Json) -> Errors:
    """Source: validateCompletions."""
    spec = data["spec"]
    if spec.get("completionMode") != "Indexed":
        yield from validate_immutable(data, old, "spec.completions")
        return
    completions = spec.get("completions")
    if completions is None or completions == old["spec"].get("completions"):
        return
    if completions != spec.get("parallelism"):
        words = "can only be modified in tandem with spec.parallelism"
        yield invalid("spec.completions", completions, words)


def _validate_template(data: Json, old: Json) -> Errors:
    """Where a suspended Job may run, and with what, can still change.

    Source: validatePodTemplateUpdate; there only the spec of the pods is compared.
    """
    template, before = data["spec"]["template"], copy.deepcopy(old["spec"]["template"])
    if not _is_at_rest(old):
        if not is_same(template, before):
            shown = to_internal("PodTemplateSpec", template)
            yield invalid("spec.template", shown, IMMUTABLE)
        return
    spec, was = template["spec"], before["spec"]
    _take_node_affinity(spec, was)
    keep(was, spec, ("nodeSelector", "tolerations", "schedulingGates"))
    for kind in ("containers", "initContainers"):
        _take_resources(spec.get(kind) or (), was.get(kind) or ())
    if not is_same(spec, was):
        yield invalid("spec.template.spec", to_internal("PodSpec", spec), IMMUTABLE)


def _is_at_rest(old: Json) -> bool:
    """Say whether a Job has no pods, and will have none. Source: the strategy's options."""
    status = old.get("status") or {}
    if not old["spec"].get("suspend") or status.get("active"):
        return False
    conditions = {each.get("type"): each.get("status") for each in status.get("conditions") or ()}
    return conditions.get("Suspended") == "True" or not status.get("startTime")


def _take_resources(containers: Sequence[Json], were: Sequence[Json]) -> None:
    """Source: validatePodResourceUpdatesOnly."""
    if len(containers) == len(were):
        for container, was in zip(containers, were, strict=True):
            if container.get("name") == was.get("name"):
                keep(was, container, ("resources",))


def _take_node_affinity(spec: Json, was: Json) -> None:
    new, held = spec.get("affinity"), was.get("affinity")
    if new is None and held is not None:
        held.pop("nodeAffinity", None)
        if not held:
            del was["affinity"]
    elif new is not None:
        if "nodeAffinity" in new or held is not None:
            keep(was.setdefault("affinity", {}), new, ("nodeAffinity",))
        elif not new:
            was["affinity"] = {}


def _validate_cron_job(data: Json, old: Json) -> Errors:
    """Source: ValidateCronJobUpdate.

    The length of the name, and a time zone that stays, are not looked at again; a schedule that
    had a time zone in it may have one.
    """
    yield from validate_core_meta_change(data, old)
    spec, before = View(data).view("spec"), View(old).view("spec")
    schedule, may_have_zone = spec.text("schedule"), _ZONE in before.text("schedule")
    for each in validate_content(data):
        is_zone = each.field == "spec.timeZone" and spec.text("timeZone") == before.text(
            "timeZone"
        )
        is_allowed = may_have_zone and each.message.endswith(_NO_ZONE)
        if each.field != "metadata.name" and not is_zone and not is_allowed:
            yield each
    if may_have_zone and _ZONE in schedule and spec.has("timeZone"):
        words = "cannot use both timeZone field and TZ or CRON_TZ in schedule"
        yield invalid("spec.schedule", schedule, words)


JOB = Strategy(
    group="batch",
    version="v1",
    kind="Job",
    plural="jobs",
    default=_default_job,
    validate_create=validate_new,
    prepare_update=counting(),
    validate_update=_validate_job,
)
JOB_STATUS = replace(JOB, prepare_update=keeping("spec"), validate_update=validate_job_status)
CRON_JOB = replace(
    JOB,
    kind="CronJob",
    plural="cronjobs",
    default=_default_cron_job,
    validate_update=_validate_cron_job,
)
CRON_JOB_STATUS = replace(
    CRON_JOB, prepare_update=keeping("spec"), validate_update=lambda _data, _old: iter(())
)
