"""Rules for pods and pod templates as a whole.

Source: `pkg/apis/core/validation/validation.go`, ValidatePodSpec, ValidatePodTemplateSpec,
ValidatePodCreate, v1.36. Defaults (`pkg/apis/core/v1/defaults.go`) are applied, and the service
account that admission gives a pod is taken to be there.
"""

from planespec.spec.names import get_dns1123_label_errors, get_dns1123_subdomain_errors
from planespec.spec.objects import ObjectMeta, Pod, View, list_containers
from planespec.spec.pods.pod_admission import default_pod_resources, fill_in_defaults
from planespec.spec.pods.resources import aggregate_limits, aggregate_requests, is_huge_page
from planespec.spec.schema.enumerations import ENUMERATIONS
from planespec.spec.validation.field_errors import (
    Errors,
    FieldError,
    checked,
    duplicate,
    forbidden,
    invalid,
    not_found,
    not_supported,
    required,
)
from planespec.spec.validation.object_meta import validate_object_meta
from planespec.spec.validation.pod.annotation_rules import validate_pod_annotations
from planespec.spec.validation.pod.container_lists import validate_containers
from planespec.spec.validation.pod.container_rules import PodContext, validate_image_text
from planespec.spec.validation.pod.placement_rules import (
    validate_affinity,
    validate_spreading,
    validate_tolerations,
)
from planespec.spec.validation.pod.pod_names import (
    validate_dns,
    validate_gates,
    validate_host_aliases,
    validate_names,
)
from planespec.spec.validation.pod.projections import validate_volumes
from planespec.spec.validation.pod.security_contexts import (
    validate_operating_system,
    validate_pod_security,
)
from planespec.spec.validation.pod.volume_sources import list_names
from planespec.spec.validation.resource_rules import (
    validate_container_resource,
    validate_pod_level_resource,
    validate_requirements,
)
from planespec.spec.validation.value_rules import (
    validate_annotations,
    validate_labels,
)

RESTART_POLICIES = ENUMERATIONS["core.PodSpec"]["restartPolicy"]
_DNS_POLICIES = ENUMERATIONS["core.PodSpec"]["dnsPolicy"]
_PREEMPTION = ENUMERATIONS["core.PodSpec"]["preemptionPolicy"]
_HOST_USERS = "when `hostUsers` is false"


def validate_pod(pod: View) -> Errors:
    """Check a pod as it is created."""
    meta = ObjectMeta(pod.data.get("metadata"), pod.path("metadata"))
    yield from validate_object_meta(meta, get_dns1123_subdomain_errors, is_namespaced=True)
    yield from validate_live_pod(pod)
    spec = pod.view("spec")
    if spec.items("ephemeralContainers"):
        yield forbidden(spec.path("ephemeralContainers"), "cannot be set on create")
    if spec.text("nodeName") and spec.items("schedulingGates"):
        words = "cannot be set until all schedulingGates have been cleared"
        yield forbidden(spec.path("nodeName"), words)


def validate_live_pod(pod: View) -> Errors:
    """Check all but the metadata of a pod that may be running already."""
    meta = ObjectMeta(pod.data.get("metadata"), pod.path("metadata"))
    yield from validate_pod_annotations(meta, pod.view("spec"))
    yield from validate_pod_body(pod, meta.name)


def validate_pod_body(pod: View, name: str) -> Errors:
    """Check the spec of a pod that may be running already."""
    spec = Pod(fill_in_defaults(Pod(pod.data)).data).spec
    yield from _validate_spec(spec, name, is_pod=True)
    for container in (*spec.views("containers"), *spec.views("initContainers")):
        yield from validate_image_text(container)


def validate_template_frame(template: View) -> Errors:
    """Check all but the spec of a template; errors on labels name no metadata, as upstream's."""
    meta = ObjectMeta(template.data.get("metadata"), template.path("metadata"))
    yield from validate_labels(template.path("labels"), meta.labels)
    yield from validate_annotations(template.path("annotations"), meta.annotations)
    where = ObjectMeta(meta.data, template.field)
    yield from validate_pod_annotations(where, template.view("spec"))
    if template.view("spec").items("ephemeralContainers"):
        words = "ephemeral containers not allowed in pod template"
        yield forbidden(template.view("spec").path("ephemeralContainers"), words)


def validate_template_spec(template: View) -> Errors:
    """Check the pod spec of a template."""
    filled = default_pod_resources(Pod({"spec": template.data.get("spec")})).data.get("spec")
    yield from _validate_spec(View(filled, template.path("spec")), "", is_pod=False)


def _validate_spec(spec: View, name: str, *, is_pod: bool) -> Errors:
    volumes, errors = validate_volumes(spec, name)
    yield from errors
    yield from _validate_resource_claims(spec)
    users = spec.data.get("hostUsers")
    grace = spec.integer("terminationGracePeriodSeconds")
    context = PodContext(
        volumes,
        frozenset(list_names(spec.views("resourceClaims"))),
        spec.text("restartPolicy") or "Always",
        users is not False,
        30 if grace is None else grace,
        spec.view("os").text("name"),
    )
    yield from validate_containers(spec, context)
    yield from _validate_pod_level(spec, context)
    yield from _validate_host_network(spec, is_pod=is_pod)
    yield from _validate_choices(spec)
    yield from validate_labels(spec.path("nodeSelector"), spec.text_map("nodeSelector"))
    yield from validate_pod_security(spec)
    yield from validate_affinity(spec.view("affinity"))
    yield from validate_dns(spec)
    yield from validate_gates(spec)
    yield from validate_spreading(spec.views("topologySpreadConstraints"))
    yield from _validate_windows_host_process(spec)
    yield from _validate_host_users(spec)
    yield from validate_names(spec)
    yield from validate_tolerations(spec.views("tolerations"))
    yield from validate_host_aliases(spec)
    yield from _validate_overhead(spec)
    yield from validate_operating_system(spec, list(list_containers(spec)))
    yield from _validate_group(spec)
    yield from _validate_file_keys(spec)


def _validate_resource_claims(spec: View) -> Errors:
    """Source: validatePodResourceClaims."""
    seen: set[str] = set()
    for claim in spec.views("resourceClaims"):
        name = claim.text("name")
        if not name:
            yield required(claim.path("name"))
        elif name in seen:
            yield duplicate(claim.path("name"), name)
        else:
            yield from checked(claim.path("name"), name, get_dns1123_label_errors)
        seen.add(name)
        sources = ("resourceClaimName", "resourceClaimTemplateName")
        found = [each for each in sources if claim.has(each)]
        shown = {
            "Name": name,
            "ResourceClaimName": claim.data.get("resourceClaimName"),
            "ResourceClaimTemplateName": claim.data.get("resourceClaimTemplateName"),
        }
        listed = "`resourceClaimName`", "`resourceClaimTemplateName`"
        if len(found) == 2:
            words = f"at most one of {' or '.join(listed)} may be specified"
            yield invalid(claim.field, shown, words)
        if not found:
            yield invalid(claim.field, shown, f"must specify one of: {', '.join(listed)}")
        for each in found:
            yield from checked(claim.path(each), claim.text(each), get_dns1123_subdomain_errors)


def _validate_pod_level(spec: View, context: PodContext) -> Errors:
    """Source: validatePodResources, validatePodResourceConsistency."""
    if not spec.has("resources"):
        return
    view = spec.view("resources")
    if context.system == "windows":
        yield forbidden(view.field, "may not be set for a windows pod")
        return
    if view.has("claims"):
        words = "claims may not be set for Resources at pod-level"
        yield forbidden(view.path("claims"), words)
    yield from validate_requirements(view, validate_pod_level_resource, context.claims)
    pod = Pod({"spec": spec.data})
    requests, limits = view.quantities("requests"), view.quantities("limits")
    words = "must be greater than or equal to aggregate container"
    for name, total in sorted(aggregate_requests(pod).total.items()):
        if name in requests and total.compare(requests[name]) > 0:
            field = f"{view.path('requests')}[{name}]"
            yield invalid(field, str(requests[name]), f"{words} requests of {total}")
    for name, total in sorted(aggregate_limits(pod).total.items()):
        if is_huge_page(name) and name in limits and total.compare(limits[name]) > 0:
            field = f"{view.path('limits')}[{name}]"
            yield invalid(field, str(limits[name]), f"{words} limits of {total}")
    yield from _validate_own_limits(spec, view)


def _validate_own_limits(spec: View, view: View) -> Errors:
    """No container has a higher limit than its pod."""
    limits = view.quantities("limits")
    for index, container in enumerate(spec.views("containers")):
        for name, amount in container.view("resources").quantities("limits").items():
            if name in limits and amount.compare(limits[name]) > 0:
                field = f"{view.field}.containers[{index}][{name}].limits"
                words = f"must be less than or equal to pod limits of {limits[name]}"
                yield invalid(field, str(amount), words)


def _validate_host_network(spec: View, *, is_pod: bool) -> Errors:
    """Source: validatePodHostNetworkDeps."""
    if not spec.flag("hostNetwork"):
        return
    for container in spec.views("containers"):
        for port in container.views("ports"):
            host, number = port.integer("hostPort") or 0, port.integer("containerPort") or 0
            if (is_pod or host) and host != number:
                words = "must match `containerPort` when `hostNetwork` is true"
                yield invalid(port.path("hostPort"), host, words)


def _validate_choices(spec: View) -> Errors:
    for name, allowed in (
        ("restartPolicy", RESTART_POLICIES),
        ("dnsPolicy", _DNS_POLICIES),
        ("preemptionPolicy", _PREEMPTION),
    ):
        value = spec.text(name)
        if value and value not in allowed:
            yield not_supported(spec.path(name), value, allowed)


def _validate_windows_host_process(spec: View) -> Errors:
    """Source: validateWindowsHostProcessPod."""
    own = spec.view("securityContext").view("windowsOptions").data.get("hostProcess")
    containers = list(list_containers(spec))
    count = 0
    for container in containers:
        options = container.view("securityContext").view("windowsOptions")
        value = options.data.get("hostProcess")
        if own is not None and value is not None and own != value:
            shown = str(own).lower()
            words = f"pod hostProcess value must be identical if both are specified, was {shown}"
            yield invalid(options.path("hostProcess"), value, words)
        count += bool(own if value is None else value)
    if count and count != len(containers):
        words = "If pod contains any hostProcess containers then all containers must be"
        yield invalid(spec.field, "", f"{words} HostProcess containers")
    if count and not spec.flag("hostNetwork"):
        words = "hostNetwork must be true if pod contains any hostProcess containers"
        yield invalid(spec.path("hostNetwork"), False, words)


def _validate_host_users(spec: View) -> Errors:
    """Source: validateHostUsers, which spells two fields with a capital."""
    if spec.data.get("hostUsers") is not False:
        return
    for name, shown in (("hostNetwork", "hostNetwork"), ("hostPID", "HostPID")):
        if spec.flag(name):
            yield forbidden(spec.path(shown), _HOST_USERS)
    if spec.flag("hostIPC"):
        yield forbidden(spec.path("HostIPC"), _HOST_USERS)
    for container in list_containers(spec):
        if container.items("volumeDevices"):
            yield forbidden(container.path("volumeDevices"), _HOST_USERS)


def _validate_overhead(spec: View) -> Errors:
    """Source: validateOverhead."""
    if spec.has("overhead"):
        limits = View({"limits": spec.data["overhead"]}, spec.path("overhead"))
        yield from validate_requirements(limits, validate_container_resource, ())


def _validate_group(spec: View) -> Errors:
    """Source: validateSchedulingGroup."""
    if not spec.has("schedulingGroup"):
        return
    group = spec.view("schedulingGroup")
    field, name = group.path("podGroupName"), group.text("podGroupName")
    if not group.has("podGroupName"):
        yield invalid(field, None, "must specify one of: `podGroupName`")
    else:
        yield from checked(field, name, get_dns1123_subdomain_errors)


def _validate_file_keys(spec: View) -> Errors:
    """Source: validateFileKeyRefVolumes."""
    volumes = {volume.text("name"): volume for volume in spec.views("volumes")}
    for container in list_containers(spec):
        for variable in container.views("env"):
            source = variable.view("valueFrom")
            if not source.has("fileKeyRef"):
                continue
            reference = source.view("fileKeyRef")
            field, name = reference.path("volumeName"), reference.text("volumeName")
            if name not in volumes:
                yield not_found(field, name)
            elif not volumes[name].has("emptyDir"):
                yield invalid(field, name, "referenced volume must be of type emptyDir")


def list_pod_errors(pod: object) -> list[FieldError]:
    """Return all that is wrong with a pod given as plain JSON. Raises ObjectError."""
    return list(validate_pod(View(pod)))
