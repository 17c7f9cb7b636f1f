"""Rules for Jobs and CronJobs.

Source: `pkg/apis/batch/validation/validation.go`, v1.36, with the defaults of
`pkg/apis/batch/v1/defaults.go`. The selector and the labels that the API server makes for a Job
are not asked for: a manifest has none.
"""

from planespec.spec.labels import SelectorError, read_label_selector
from planespec.spec.names import get_dns1123_label_errors
from planespec.spec.objects import ObjectMeta, View
from planespec.spec.quantity.amount import parse_int64, quote
from planespec.spec.schema.enumerations import ENUMERATIONS
from planespec.spec.validation.field_errors import (
    Errors,
    FieldError,
    duplicate,
    each_invalid,
    invalid,
    not_supported,
    positive_or_zero,
    required,
    too_long,
    too_many,
)
from planespec.spec.validation.kinds.cron_lines import get_schedule_errors, get_time_zone_errors
from planespec.spec.validation.pod.pod_rules import validate_template_frame
from planespec.spec.validation.value_rules import (
    show_selector,
    validate_domain_prefixed_path,
    validate_label_key,
    validate_selector,
)

_COUNTS = (
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
)
_MOST, _MANY, _MOST_WHEN_MANY = 100_000, 100_000, 10_000
_ACTIONS = ENUMERATIONS["batch.PodFailurePolicyRule"]["action"]
_OPERATORS = ENUMERATIONS["batch.PodFailurePolicyOnExitCodesRequirement"]["operator"]
_STATUSES = ("False", "True", "Unknown")
_REPLACEMENT = ENUMERATIONS["batch.JobSpec"]["podReplacementPolicy"]
_MODES = ENUMERATIONS["batch.JobSpec"]["completionMode"]
_CONCURRENCY = ENUMERATIONS["batch.CronJobSpec"]["concurrencyPolicy"]
_MISMATCH = "`selector` does not match template `labels`"


def validate_job(view: View) -> Errors:
    """Source: ValidateJob."""
    spec, name = view.view("spec"), view.view("metadata").text("name")
    yield from _validate_job_spec(spec)
    if spec.has("selector"):
        yield from validate_selector(spec.view("selector"))
        yield from _match_selector(spec)
    completions = spec.integer("completions") or 0
    if spec.text("completionMode") == "Indexed" and completions > 0 and name:
        host = f"{name}-{completions - 1}"
        if get_dns1123_label_errors(host):
            words = f"will not able to create pod with invalid DNS label: {host}"
            yield invalid("metadata.name", name, words)


def _match_selector(spec: View) -> Errors:
    """A selector that is stated selects the pods, unless the API server adds to their labels."""
    if not spec.flag("manualSelector"):
        return
    template = spec.view("template")
    meta = ObjectMeta(template.data.get("metadata"), template.path("metadata"))
    try:
        selector = read_label_selector(spec.data["selector"], spec.path("selector"))
    except SelectorError:
        return
    if not selector.matches(meta.labels):
        shown = dict(sorted(meta.labels.items())) if meta.labels else None
        yield invalid(meta.path("labels"), shown, _MISMATCH)


def validate_cron_job(view: View) -> Errors:
    """Source: ValidateCronJobCreate."""
    spec, name = view.view("spec"), view.view("metadata").text("name")
    schedule = spec.text("schedule")
    if not schedule:
        yield required(spec.path("schedule"))
    else:
        yield from each_invalid(spec.path("schedule"), schedule, get_schedule_errors(schedule))
    if spec.has("timeZone"):
        zone = spec.text("timeZone")
        yield from each_invalid(spec.path("timeZone"), zone, get_time_zone_errors(zone))
    policy = spec.text("concurrencyPolicy") or "Allow"
    if policy not in _CONCURRENCY:
        yield not_supported(spec.path("concurrencyPolicy"), policy, _CONCURRENCY)
    job = spec.view("jobTemplate").view("spec")
    yield from _validate_job_spec(job)
    if job.has("selector"):
        shown = show_selector(job.view("selector"))
        yield invalid(job.path("selector"), shown, "`selector` will be auto-generated")
    if job.flag("manualSelector"):
        yield _refuse_manual(job.path("manualSelector"))
    limits = ("startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit")
    for limit in limits:
        yield from positive_or_zero(spec.path(limit), spec.integer(limit))
    if len(name.encode()) > 52:
        yield invalid("metadata.name", name, "must be no more than 52 characters")


def _refuse_manual(field: str) -> FieldError:
    return FieldError(field, 'Unsupported value: true: supported values: "nil", "false"')


def _validate_job_spec(spec: View) -> Errors:
    """Source: validateJobSpec."""
    for name in _COUNTS:
        yield from positive_or_zero(spec.path(name), spec.integer(name))
    if spec.has("maxFailedIndexes") and not spec.has("backoffLimitPerIndex"):
        yield required(spec.path("backoffLimitPerIndex"), "when maxFailedIndexes is specified")
    if spec.has("managedBy"):
        field, manager = spec.path("managedBy"), spec.text("managedBy")
        yield from validate_domain_prefixed_path(field, manager)
        if len(manager.encode()) > 63:
            yield too_long(field, 63)
    mode = spec.text("completionMode") or "NonIndexed"
    if mode not in _MODES:
        yield not_supported(spec.path("completionMode"), mode, _MODES)
    elif mode == "Indexed":
        yield from _validate_indexed(spec)
    else:
        for name in ("backoffLimitPerIndex", "maxFailedIndexes"):
            if spec.has(name):
                yield invalid(spec.path(name), spec.data[name], "requires indexed completion mode")
    yield from _validate_policies(spec, mode)
    yield from validate_template_frame(spec.view("template"))
    yield from _validate_restarts(spec)


def _validate_indexed(spec: View) -> Errors:
    """Limits of a Job whose pods are numbered."""
    completions, parallelism = spec.integer("completions"), spec.integer("parallelism")
    most = spec.integer("maxFailedIndexes")
    field = spec.path("maxFailedIndexes")
    if completions is None:
        yield required(spec.path("completions"), "when completion mode is Indexed")
    parallelism = 1 if parallelism is None else parallelism
    if parallelism > _MOST:
        words = f"must be less than or equal to {_MOST} when completion mode is Indexed"
        yield invalid(spec.path("parallelism"), parallelism, words)
    if completions is not None and most is not None and most > completions:
        yield invalid(field, most, "must be less than or equal to completions")
    if most is not None and most > _MOST:
        yield invalid(field, most, f"must be less than or equal to {_MOST}")
    if completions is None or completions <= _MANY or not spec.has("backoffLimitPerIndex"):
        return
    when = f"completions are above {_MANY} and used with backoff limit per index"
    words = f"must be less than or equal to {_MOST_WHEN_MANY} when {when}"
    if most is None:
        yield required(field, f"must be specified when completions is above {_MANY}")
    elif most > _MOST_WHEN_MANY:
        yield invalid(field, most, words)
    if parallelism > _MOST_WHEN_MANY:
        yield invalid(spec.path("parallelism"), parallelism, words)


def _validate_restarts(spec: View) -> Errors:
    pod = spec.view("template").view("spec")
    field, policy = pod.path("restartPolicy"), pod.text("restartPolicy")
    if policy in ("", "Always"):
        yield required(field, 'valid values: "OnFailure", "Never"')
    elif policy not in ("OnFailure", "Never"):
        yield not_supported(field, policy, ("Never", "OnFailure"))
    elif spec.has("podFailurePolicy") and policy != "Never":
        words = 'only "Never" is supported when podFailurePolicy is specified'
        yield invalid(field, policy, words)


# Policies on failure, success and replacement.


def _validate_policies(spec: View, mode: str) -> Errors:
    if spec.has("podFailurePolicy"):
        yield from _validate_failure_policy(spec)
    if spec.has("successPolicy"):
        policy = spec.view("successPolicy")
        if mode == "Indexed":
            yield from _validate_success_policy(policy, spec.integer("completions") or 0)
        else:
            shown = {"Rules": policy.items("rules") or None}
            yield invalid(policy.field, shown, "requires indexed completion mode")
    field, value = spec.path("podReplacementPolicy"), spec.text("podReplacementPolicy")
    if value:
        allowed = ("Failed",) if spec.has("podFailurePolicy") else _REPLACEMENT
        if value not in allowed:
            yield not_supported(field, value, allowed)


def _validate_failure_policy(spec: View) -> Errors:
    """Source: validatePodFailurePolicy."""
    policy, pod = spec.view("podFailurePolicy"), spec.view("template").view("spec")
    containers = (*pod.views("containers"), *pod.views("initContainers"))
    names = [each.text("name") for each in containers]
    rules = policy.views("rules")
    if len(rules) > 20:
        yield too_many(policy.path("rules"), len(rules), 20)
    for rule in rules:
        action = rule.text("action")
        yield from _one_of_sorted(rule, "action", _ACTIONS)
        if action == "FailIndex" and not spec.has("backoffLimitPerIndex"):
            words = "requires the backoffLimitPerIndex to be set"
            yield invalid(rule.path("action"), action, words)
        conditions = rule.views("onPodConditions")
        if rule.has("onExitCodes"):
            yield from _validate_exit_codes(rule.view("onExitCodes"), names)
        yield from _validate_conditions(rule, conditions)
        if rule.has("onExitCodes") == bool(conditions):
            both = "specifying both OnExitCodes and OnPodConditions is not supported"
            neither = "specifying one of OnExitCodes and OnPodConditions is required"
            yield FieldError(rule.field, f"Invalid value: {both if conditions else neither}")


def _one_of_sorted(view: View, name: str, allowed: tuple[str, ...]) -> Errors:
    value = view.text(name)
    if not value:
        listed = " ".join(quote(each) for each in allowed)
        yield required(view.path(name), f"valid values: [{listed}]")
    elif value not in allowed:
        yield not_supported(view.path(name), value, allowed)


def _validate_conditions(rule: View, conditions: list[View]) -> Errors:
    if len(conditions) > 20:
        yield too_many(rule.path("onPodConditions"), len(conditions), 20)
    for pattern in conditions:
        yield from validate_label_key(pattern.path("type"), pattern.text("type"))
        if pattern.has("status"):  # absent is "True"
            yield from _one_of_sorted(pattern, "status", _STATUSES)


def _validate_exit_codes(view: View, names: list[str]) -> Errors:
    """Source: validatePodFailurePolicyRuleOnExitCodes."""
    yield from _one_of_sorted(view, "operator", _OPERATORS)
    if view.has("containerName") and view.text("containerName") not in names:
        words = "must be one of the container or initContainer names in the pod template"
        yield invalid(view.path("containerName"), view.text("containerName"), words)
    field, values = view.path("values"), view.items("values")
    if not values:
        yield invalid(field, view.data.get("values"), "at least one value is required")
    elif len(values) > 255:
        yield too_many(field, len(values), 255)
    for index, value in enumerate(values):
        if value == 0 and view.text("operator") == "In":
            yield invalid(f"{field}[{index}]", value, "must not be 0 for the In operator")
        if value in values[:index]:
            yield duplicate(f"{field}[{index}]", value)
    numbers = [value for value in values if isinstance(value, int)]
    if numbers != sorted(numbers):
        yield invalid(field, values, "must be ordered")


def _validate_success_policy(policy: View, completions: int) -> Errors:
    """Source: validateSuccessPolicy."""
    field, rules = policy.path("rules"), policy.views("rules")
    if not rules:
        words = "at least one rules must be specified when the successPolicy is specified"
        yield required(field, words)
    if len(rules) > 20:
        yield too_many(field, len(rules), 20)
    for rule in rules:
        yield from _validate_success_rule(rule, completions)


def _validate_success_rule(rule: View, completions: int) -> Errors:
    names, total = ("succeededCount", "succeededIndexes"), 0
    if not any(rule.has(name) for name in names):
        words = "at least one of succeededCount or succeededIndexes must be specified"
        yield required(rule.field, words)
    indexes, field = rule.text("succeededIndexes"), rule.path("succeededIndexes")
    if len(indexes.encode()) > 64 << 10:
        yield too_long(field, 64 << 10)
    try:
        total = count_indexes(indexes, completions)
    except ValueError as error:
        yield invalid(field, indexes, f"error parsing succeededIndexes: {error}")
    count, field = rule.integer("succeededCount"), rule.path("succeededCount")
    if count is None:
        return
    yield from positive_or_zero(field, count)
    limits = [(completions, "specified completions")]
    if rule.has("succeededIndexes"):
        limits.append((total, "indexes in the specified succeededIndexes field"))
    for limit, what in limits:
        if count > limit:
            words = f"must be less than or equal to {limit} (the number of {what})"
            yield invalid(field, count, words)


def count_indexes(text: str, completions: int) -> int:
    """Count the indexes of a list such as 1,3-5; raises ValueError."""
    total, last = 0, None
    for interval in text.split(",") if text else ():
        start, end = _read_interval(interval, completions)
        if last is not None and last >= start:
            raise ValueError(f"non-increasing order, previous: {last}, current: {start}")
        total, last = total + end - start + 1, end
    return total


def _read_interval(text: str, completions: int) -> tuple[int, int]:
    parts = text.split("-")
    if len(parts) > 2:
        words = "violates the requirement that an index interval can have at most two parts"
        raise ValueError(f"the fragment {quote(text)} {words} separated by '-'")
    numbers = []
    for part in parts:
        number = parse_int64(part)
        if number is None:
            raise ValueError(f"cannot convert string to integer for index: {quote(part)}")
        if number >= completions:
            raise ValueError(f"too large index: {quote(part)}")
        numbers.append(number)
    if len(numbers) > 1 and numbers[0] >= numbers[1]:
        words = f"previous: {numbers[0]}, current: {numbers[1]}"
        raise ValueError(f"non-increasing order, {words}")
    return numbers[0], numbers[-1]
