"""Rules for webhooks of admission. Expressions in CEL are not compiled.

Source: `pkg/apis/admissionregistration/validation/validation.go` and
`apiserver/pkg/util/webhook/validation.go`, v1.36, with the defaults of
`pkg/apis/admissionregistration/v1/defaults.go`.
"""

from urllib.parse import urlsplit

from planespec.spec.names import get_dns1035_label_errors, get_dns1123_subdomain_errors
from planespec.spec.objects import View
from planespec.spec.schema.enumerations import ENUMERATIONS
from planespec.spec.validation.field_errors import (
    Errors,
    checked,
    duplicate,
    each_invalid,
    invalid,
    not_supported,
    required,
    too_many,
)
from planespec.spec.validation.value_rules import (
    get_port_errors,
    validate_label_key,
    validate_selector,
)

FAILURE_POLICIES = ENUMERATIONS["admissionregistration.MutatingWebhook"]["failurePolicy"]
MATCH_POLICIES = ENUMERATIONS["admissionregistration.MutatingWebhook"]["matchPolicy"]
_NO_EFFECTS = ENUMERATIONS["admissionregistration.MutatingWebhook"]["sideEffects"]
_REINVOCATION = ENUMERATIONS["admissionregistration.MutatingWebhook"]["reinvocationPolicy"]
_OPERATIONS = ENUMERATIONS["admissionregistration.RuleWithOperations"]["operations"]
_SCOPES = ENUMERATIONS["admissionregistration.RuleWithOperations"]["scope"]
_REVIEWS = ("v1", "v1beta1")
_NEEDED = f"must specify one of {', '.join(_REVIEWS)}"
_FORM = "; desired format: https://host[/path]"


def validate_webhooks(view: View) -> Errors:
    """Source: ValidateValidatingWebhookConfiguration, ValidateMutatingWebhookConfiguration."""
    names: set[str] = set()
    for hook in view.views("webhooks"):
        name = hook.text("name")
        yield from _validate_hook(hook)
        yield from validate_reviews(hook, "admissionReviewVersions", _NEEDED)
        if name and name in names:
            yield duplicate(hook.path("name"), name)
        names.add(name)


def _validate_hook(hook: View) -> Errors:
    """Source: validateMutatingWebhook; a validating one cannot be invoked again."""
    yield from _validate_hook_name(hook.path("name"), hook.text("name"))
    for rule in hook.views("rules"):
        yield from validate_operations(rule)
    for name, allowed in (
        ("failurePolicy", FAILURE_POLICIES),
        ("matchPolicy", MATCH_POLICIES),
        ("reinvocationPolicy", _REINVOCATION),
    ):
        yield from validate_choice(hook, name, allowed)
    effects, field = hook.text("sideEffects"), hook.path("sideEffects")
    if not hook.has("sideEffects"):
        yield required(field, f"must specify one of {', '.join(_NO_EFFECTS)}")
    elif effects not in _NO_EFFECTS:
        yield not_supported(field, effects, _NO_EFFECTS)
    seconds = hook.integer("timeoutSeconds")
    if seconds is not None and not 1 <= seconds <= 30:
        words = "the timeout value must be between 1 and 30 seconds"
        yield invalid(hook.path("timeoutSeconds"), seconds, words)
    for name in ("namespaceSelector", "objectSelector"):
        yield from validate_selector(hook.view(name))
    yield from validate_client(hook.view("clientConfig"))
    yield from validate_conditions(hook)


def validate_choice(view: View, name: str, allowed: tuple[str, ...]) -> Errors:
    """A value that is there is one of those allowed."""
    value = view.text(name)
    if view.has(name) and value not in allowed:
        yield not_supported(view.path(name), value, allowed)


def _validate_hook_name(field: str, name: str) -> Errors:
    """Source: IsFullyQualifiedName."""
    errors = get_dns1123_subdomain_errors(name)
    if not name:
        yield required(field)
    elif errors:
        yield invalid(field, name, ",".join(errors))
    elif name.count(".") < 2:
        words = "should be a domain with at least three segments separated by dots"
        yield invalid(field, name, words)


def validate_reviews(hook: View, name: str, needed: str) -> Errors:
    """Check the versions of reviews that a webhook reads; `needed` is said where there are none.

    Source: validateAdmissionReviewVersions, validateConversionReviewVersions.
    """
    field, versions = hook.path(name), hook.texts(name)
    if not versions:
        yield required(field, needed)
        return
    for index, version in enumerate(versions):
        if version in versions[:index]:
            yield invalid(f"{field}[{index}]", version, "duplicate version")
        else:
            yield from checked(f"{field}[{index}]", version, get_dns1035_label_errors)
    if not any(version in _REVIEWS for version in versions):
        yield invalid(field, versions, f"must include at least one of {', '.join(_REVIEWS)}")


# How a webhook is reached.


def validate_client(client: View) -> Errors:
    """Either a URL or a Service; source: ValidateWebhookURL, ValidateWebhookService."""
    if client.has("url") == client.has("service"):
        yield required(client.field, "exactly one of url or service is required")
    elif client.has("url"):
        yield from _validate_url(client.path("url"), client.text("url"))
    else:
        yield from _validate_service(client.view("service"))


def _validate_url(field: str, text: str) -> Errors:
    """Source: ValidateWebhookURL."""
    try:
        url = urlsplit(text)
    except ValueError as error:
        yield required(field, f"url must be a valid URL: {error}{_FORM}")
        return
    user, at, host = url.netloc.rpartition("@")
    if url.scheme != "https":
        yield invalid(field, url.scheme, f"'https' is the only allowed URL scheme{_FORM}")
    if not host:
        yield invalid(field, "", f"host must be specified{_FORM}")
    for part, what in (
        (user if at else None, "user information is"),
        (url.fragment or None, "fragments are"),
        (url.query or None, "query parameters are"),
    ):
        if part is not None:
            yield invalid(field, part, f"{what} not permitted in the URL")


def _validate_service(service: View) -> Errors:
    """Source: ValidateWebhookService, which is handed name and namespace the wrong way round."""
    for name, named in (("namespace", "name"), ("name", "namespace")):
        if not service.text(name):
            yield required(service.path(named))
    port = service.integer("port")
    errors = get_port_errors(443 if port is None else port)
    if errors:
        words = f"port is not valid: {', '.join(errors)}"
        yield invalid(service.path("port"), port, words)
    yield from _validate_service_path(service.path("path"), service.text("path"))


def _validate_service_path(field: str, text: str) -> Errors:
    if text in ("", "/"):
        return
    if text == "//":
        yield invalid(field, text, "segment[0] may not be empty")
        return
    if not text.startswith("/"):
        yield invalid(field, text, "must start with a '/'")
    for index, step in enumerate(text[1:].removesuffix("/").split("/")):
        if not step:
            yield invalid(field, text, f"segment[{index}] may not be empty")
        else:
            errors = get_dns1123_subdomain_errors(step)
            yield from each_invalid(field, text, (f"segment[{index}]: {e}" for e in errors))


# Which requests are meant.


def validate_operations(rule: View) -> Errors:
    """Source: validateRuleWithOperations, validateRule."""
    names = {
        "operations": "operations",
        "apiGroups": "API groups",
        "apiVersions": "API versions",
    }
    for name, words in names.items():
        values, field = rule.texts(name), rule.path(name)
        if not values:
            yield required(field)
        if len(values) > 1 and "*" in values:
            yield invalid(field, values, f"if '*' is present, must not specify other {words}")
        for index, value in enumerate(values):
            if name == "operations" and value not in _OPERATIONS:
                yield not_supported(f"{field}[{index}]", value, _OPERATIONS)
            if name == "apiVersions" and not value:
                yield required(f"{field}[{index}]")
    yield from _validate_resources(rule.path("resources"), rule.texts("resources"))
    yield from validate_choice(rule, "scope", _SCOPES)


def _validate_resources(field: str, resources: list[str]) -> Errors:
    """Source: validateResources."""
    if not resources:
        yield required(field)
    all_below: set[str] = set()
    of_all: set[str] = set()
    is_plain = False
    for index, text in enumerate(resources):
        where = f"{field}[{index}]"
        resource, slash, below = text.partition("/")
        if not text:
            yield required(where)
            continue
        if not slash:
            is_plain = text != "*"
            continue
        if resource in all_below:
            yield invalid(where, text, f"if '{resource}/*' is present, must not specify {text}")
        if below in of_all:
            yield invalid(where, text, f"if '*/{below}' is present, must not specify {text}")
        if below == "*":
            all_below.add(resource)
        if resource == "*":
            of_all.add(below)
    present = "is present, must not specify other resources"
    if len(resources) > 1 and "*/*" in resources:
        yield invalid(field, resources, f"if '*/*' {present}")
    if "*" in resources and is_plain:
        yield invalid(field, resources, f"if '*' {present} without subresources")


def validate_conditions(view: View) -> Errors:
    """Source: validateMatchConditions."""
    field, names = view.path("matchConditions"), set[str]()
    conditions = view.views("matchConditions")
    if len(conditions) > 64:
        yield too_many(field, len(conditions), 64)
    for condition in conditions:
        name = condition.text("name")
        if not condition.text("expression").strip():
            yield required(condition.path("expression"))
        if not name:
            yield required(condition.path("name"))
        else:
            yield from validate_label_key(condition.path("name"), name)
        if name and name in names:
            yield duplicate(condition.path("name"), name)
        names.add(name)
