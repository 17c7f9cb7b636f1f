"""How checks look at the containers of a pod, and how they name them.

Source: `staging/src/k8s.io/pod-security-admission/policy/helpers.go` and `visitor.go`, v1.36.
"""

from collections.abc import Callable, Iterable, Sequence

from planespec.spec.objects import View, list_containers
from planespec.spec.quantity.amount import quote


def name_containers(spec: View, is_bad: Callable[[View], object]) -> list[str]:
    """Return the names of the containers for which `is_bad` holds."""
    return [each.text("name") for each in list_containers(spec) if is_bad(each)]


def get_context(holder: View) -> View:
    """Return the security context of a container, or of a pod."""
    return holder.view("securityContext")


def join_quoted(values: Iterable[str]) -> str:
    """Write texts in quotes, with commas between them."""
    return ", ".join(quote(value) for value in values)


def pluralize(one: str, many: str, values: Sequence[object]) -> str:
    """Return the word that fits the number of values."""
    return one if len(values) == 1 else many


def say_containers(names: Sequence[str]) -> str:
    """Name containers: `container "a"`, or `containers "a", "b"`."""
    return f"{pluralize('container', 'containers', names)} {join_quoted(names)}"


def say_setters(is_pod_bad: bool, names: Sequence[str]) -> str:
    """Name the pod, containers, or both; empty where neither is at fault."""
    setters = ["pod"] if is_pod_bad else []
    if names:
        setters.append(say_containers(names))
    return " and ".join(setters)
