"""Rules for annotations of a pod that mean something to the API server.

Source: `pkg/apis/core/validation/validation.go`, ValidatePodSpecificAnnotations,
validateSeccompAnnotationsAndFields, validateAppArmorAnnotationsAndFieldsMatchOnCreate, v1.36.
"""

from planespec.spec.objects import ObjectMeta, View, list_containers
from planespec.spec.quantity.amount import parse_int64
from planespec.spec.validation.field_errors import Errors, forbidden, invalid
from planespec.spec.validation.value_rules import validate_relative_path

MIRROR = "kubernetes.io/config.mirror"
DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
SECCOMP = "seccomp.security.alpha.kubernetes.io/pod"
SECCOMP_OF = "container.seccomp.security.alpha.kubernetes.io/"
APP_ARMOR_OF = "container.apparmor.security.beta.kubernetes.io/"
_LOCAL = "localhost/"
_SECCOMP_PROFILES = ("runtime/default", "docker/default", "unconfined")
_APP_ARMOR_PROFILES = ("", "runtime/default", "unconfined")


def has_special_annotations(meta: ObjectMeta) -> bool:
    """Say whether there is anything to judge here."""
    return any(
        key in (MIRROR, DELETION_COST, SECCOMP) or key.startswith((SECCOMP_OF, APP_ARMOR_OF))
        for key in meta.annotations
    )


def validate_pod_annotations(meta: ObjectMeta, spec: View) -> Errors:
    """Check the annotations of a pod or of a template, each also against the spec."""
    if not has_special_annotations(meta):
        return
    field, annotations = meta.path("annotations"), meta.annotations
    if MIRROR in annotations and not spec.text("nodeName"):
        words = "must set spec.nodeName if mirror pod annotation is set"
        yield invalid(f"{field}[{MIRROR}]", annotations[MIRROR], words)
    cost = annotations.get(DELETION_COST)
    if cost is not None and not _is_cost(cost):
        yield invalid(f"{field}[{DELETION_COST}]", cost, "must be a 32bit integer")
    for key, value in annotations.items():
        if key == SECCOMP or key.startswith(SECCOMP_OF):
            yield from _validate_seccomp(f"{field}.{key}", value)
        elif key.startswith(APP_ARMOR_OF):
            yield from _validate_app_armor(f"{field}[{key}]", key, value, spec)
    yield from _compare_seccomp(meta, spec)
    yield from _compare_app_armor(meta, spec)


def _is_cost(text: str) -> bool:
    """Source: GetDeletionCostFromPodAnnotations: no plus sign, no zeros before the number."""
    number = parse_int64(text)
    return number is not None and -(2**31) <= number < 2**31 and str(number) == text


def _validate_seccomp(field: str, profile: str) -> Errors:
    if profile.startswith(_LOCAL):
        yield from validate_relative_path(field, profile.removeprefix(_LOCAL))
    elif profile not in _SECCOMP_PROFILES:
        yield invalid(field, profile, "must be a valid seccomp profile")


def _validate_app_armor(field: str, key: str, profile: str, spec: View) -> Errors:
    name = key.removeprefix(APP_ARMOR_OF)
    if all(container.text("name") != name for container in list_containers(spec)):
        yield invalid(field, name, "container not found")
    if profile not in _APP_ARMOR_PROFILES and not profile.startswith(_LOCAL):
        yield invalid(field, profile, f'invalid AppArmor profile name: "{profile}"')


def _compare_seccomp(meta: ObjectMeta, spec: View) -> Errors:
    pairs = [(SECCOMP, spec)]
    pairs += [(f"{SECCOMP_OF}{c.text('name')}", c) for c in list_containers(spec)]
    for key, view in pairs:
        context, value = view.view("securityContext"), meta.annotations.get(key)
        if value is not None and context.has("seccompProfile"):
            yield from _compare(context.view("seccompProfile"), value, "seccomp")


def _compare_app_armor(meta: ObjectMeta, spec: View) -> Errors:
    if spec.view("os").text("name") == "windows":
        return
    own = spec.view("securityContext").view("appArmorProfile")
    for container in list_containers(spec):
        context = container.view("securityContext")
        profile = context.view("appArmorProfile")
        value = meta.annotations.get(f"{APP_ARMOR_OF}{container.text('name')}")
        if value is not None and (profile.data or own.data):
            # The error names the container, be the profile that of the pod.
            yield from _compare(View(profile.data or own.data, profile.field), value, "apparmor")


def _compare(profile: View, value: str, what: str) -> Errors:
    kind = profile.text("type")
    wanted: dict[str, tuple[str, ...]] = {
        "Unconfined": ("unconfined",),
        "RuntimeDefault": ("runtime/default",),
    }
    if what == "seccomp":
        wanted["RuntimeDefault"] = ("runtime/default", "docker/default")
    words = f"{what} type in annotation and field must match"
    if (kind in wanted and value not in wanted[kind]) or (
        kind == "Localhost" and not value.startswith(_LOCAL)
    ):
        yield forbidden(profile.path("type"), words)
    elif kind == "Localhost" and value.removeprefix(_LOCAL) != profile.text("localhostProfile"):
        detail = f"{what} profile in annotation and field must match"
        yield forbidden(profile.path("localhostProfile"), detail)
