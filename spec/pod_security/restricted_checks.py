"""What a pod must do besides in a restricted namespace.

Source: `staging/src/k8s.io/pod-security-admission/policy/check_*.go`, v1.36.
"""

from planespec.spec.objects import ObjectMeta, View
from planespec.spec.pod_security.baseline_checks import Fault, check_seccomp
from planespec.spec.pod_security.container_views import (
    get_context,
    join_quoted,
    name_containers,
    pluralize,
    say_containers,
    say_setters,
)

_VOLUMES = frozenset(
    (
        *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim"),
        *("projected", "secret", "image"),
    )
)


def has_own_users(spec: View) -> bool:
    """Say whether the users of the pod are none of the node's."""
    return spec.data.get("hostUsers") is False


def is_windows(spec: View) -> bool:
    """Say whether the pod is made for Windows, which knows no Linux security."""
    return spec.view("os").text("name") == "windows"


def check_escalation(_meta: ObjectMeta, spec: View) -> Fault | None:
    """No process gains privileges."""
    names = name_containers(
        spec, lambda each: get_context(each).data.get("allowPrivilegeEscalation") is not False
    )
    if not names:
        return None
    words = "must set securityContext.allowPrivilegeEscalation=false"
    return "allowPrivilegeEscalation != false", f"{say_containers(names)} {words}"


def check_dropped_capabilities(_meta: ObjectMeta, spec: View) -> Fault | None:
    """All capabilities are dropped, and only ports below 1024 allowed again."""
    forbidden: set[str] = set()

    def adds(container: View) -> bool:
        added = set(get_context(container).view("capabilities").texts("add"))
        forbidden.update(added - {"NET_BIND_SERVICE"})
        return bool(added - {"NET_BIND_SERVICE"})

    def keeps(container: View) -> bool:
        return "ALL" not in get_context(container).view("capabilities").texts("drop")

    details = []
    if keeping := name_containers(spec, keeps):
        words = 'must set securityContext.capabilities.drop=["ALL"]'
        details.append(f"{say_containers(keeping)} {words}")
    if adding := name_containers(spec, adds):
        listed = join_quoted(sorted(forbidden))
        words = f"must not include {listed} in securityContext.capabilities.add"
        details.append(f"{say_containers(adding)} {words}")
    return ("unrestricted capabilities", "; ".join(details)) if details else None


def check_volumes(_meta: ObjectMeta, spec: View) -> Fault | None:
    """Volumes are of the types that need no trust."""
    names: list[str] = []
    types: set[str] = set()
    for volume in spec.views("volumes"):
        present = [name for name in volume.data if name != "name" and volume.has(name)]
        if present and _VOLUMES.isdisjoint(present):
            names.append(volume.text("name"))
            types.add(present[0])
    if not names:
        return None
    volumes = f"{pluralize('volume', 'volumes', names)} {join_quoted(names)}"
    uses = pluralize("uses", "use", names)
    what = pluralize("restricted volume type", "restricted volume types", [*types])
    return "restricted volume types", f"{volumes} {uses} {what} {join_quoted(sorted(types))}"


def check_non_root(_meta: ObjectMeta, spec: View) -> Fault | None:
    """Every container must run as a user that is not root."""
    reason, field = "runAsNonRoot != true", "runAsNonRoot"
    own = get_context(spec).data.get(field)
    allowed = name_containers(spec, lambda each: get_context(each).data.get(field) is False)
    setters = say_setters(own is False, allowed)
    if setters:
        return reason, f"{setters} must not set securityContext.runAsNonRoot=false"
    silent = name_containers(spec, lambda each: get_context(each).data.get(field) is None)
    if own or not silent:
        return None
    return reason, f"pod or {say_containers(silent)} must set securityContext.runAsNonRoot=true"


def check_user(_meta: ObjectMeta, spec: View) -> Fault | None:
    """Nothing sets the user to root."""

    def is_bad(holder: View) -> bool:
        return get_context(holder).integer("runAsUser") == 0

    setters = say_setters(is_bad(spec), name_containers(spec, is_bad))
    return ("runAsUser=0", f"{setters} must not set runAsUser=0") if setters else None


def check_set_seccomp(meta: ObjectMeta, spec: View) -> Fault | None:
    """Every container has a seccomp profile, of its own or the pod's."""
    fault = check_seccomp(meta, spec)
    if fault is not None:
        return fault
    silent = name_containers(spec, lambda each: not get_context(each).has("seccompProfile"))
    if get_context(spec).has("seccompProfile") or not silent:
        return None
    words = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
    return "seccompProfile", f"pod or {say_containers(silent)} {words}"
