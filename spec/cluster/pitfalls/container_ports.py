"""OPS requirements on ports: of containers, of probes and hooks, of the Services before them.

Sources: `pkg/probe/util.go`, ResolveContainerPort; `pkg/kubelet/prober/prober.go`; v1.36.
"""

from collections.abc import Iterator

from planespec.spec.cluster.cluster_requirements import Violation
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.cluster.pitfalls.originals import Original, list_originals
from planespec.spec.cluster.selection import Candidates
from planespec.spec.objects import Container, View
from planespec.spec.requirement import Level, declare, judges

OWN_PORTS = declare(
    "OPS-1",
    "Containers that run side by side in a pod listen on ports of their own.",
    "https://kubernetes.io/docs/concepts/workloads/pods/#pod-networking",
    "warning",
)
NAMED_PORT = declare(
    "OPS-2",
    "The port that a probe or a lifecycle hook names is one of its container.",
    "pkg/probe/util.go, ResolveContainerPort",
)
PROBE_REACHES = declare(
    "OPS-3",
    "A probe can reach its container: not by the node's own loopback, nor by TCP a port of UDP.",
    "pkg/kubelet/prober/prober.go, runProbe",
    "warning",
)
TARGET_DECLARED = declare(
    "OPS-4",
    "The target port of a Service is among the ports that the selected pods declare.",
    "https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports",
    "warning",
)
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_LOOPBACK = ("localhost", "127.0.0.1", "::1", "[::1]")


@judges(Level.SNAPSHOT, OWN_PORTS, NAMED_PORT, PROBE_REACHES)
def judge_container_ports(cluster: Cluster) -> Iterator[Violation]:
    """Compare the ports that containers declare, and what their probes ask for."""
    for original in list_originals(cluster):
        yield from _judge_clashes(original)
        for container in _list_long_running(original):
            for view in _list_checks(container):
                yield from _judge_check(original, container, view)


def _list_long_running(original: Original) -> list[Container]:
    pod = original.template.pod
    return [*(each for each in pod.init_containers if each.restarts_always), *pod.containers]


def _judge_clashes(original: Original) -> Iterator[Violation]:
    """A pod has one network, so that the second container cannot bind."""
    taken: dict[tuple[str, int, str], Container] = {}
    for container in _list_long_running(original):
        for port in container.views("ports"):
            number, protocol = port.integer("containerPort") or 0, port.text("protocol") or "TCP"
            first = taken.setdefault((protocol, number, port.text("hostIP")), container)
            if first is not container and first.name != container.name:
                message = f"containers {first.name} and {container.name} both listen on {number}"
                field = original.field + port.path("containerPort")
                yield OWN_PORTS.violated(*original.objects, message=message, field=field)


def _list_checks(container: Container) -> Iterator[View]:
    """Yield what the kubelet asks a container by network, each with its field."""
    hooks = container.view("lifecycle")
    handlers = [container.view(name) for name in _PROBES if container.has(name)]
    handlers += [hooks.view(name) for name in ("postStart", "preStop") if hooks.has(name)]
    for handler in handlers:
        for name in ("httpGet", "tcpSocket", "grpc"):
            if handler.has(name):
                yield handler.view(name)


def _judge_check(original: Original, container: Container, check: View) -> Iterator[Violation]:
    port = check.data.get("port")
    ports = container.views("ports")
    field = original.field + check.path("port")
    if isinstance(port, str) and not port.isdigit():
        if port not in {each.text("name") for each in ports}:
            message = f"container {container.name} has no port {port}"
            yield NAMED_PORT.violated(*original.objects, message=message, field=field)
    elif port is not None:
        said = [p for c in _list_long_running(original) for p in c.views("ports")]
        of_port = [p for p in said if str(p.integer("containerPort")) == str(port)]
        protocols = {p.text("protocol") for p in of_port}
        if protocols and not protocols & {"", "TCP"}:
            message = (
                f"port {port} is declared for {'/'.join(sorted(protocols))}, and asked by TCP"
            )
            yield PROBE_REACHES.violated(*original.objects, message=message, field=field)
    host = check.text("host")
    if host in _LOOPBACK and not original.template.pod.spec.flag("hostNetwork"):
        message = f"the kubelet asks {host}, which is the node's own and not the pod's"
        field = original.field + check.path("host")
        yield PROBE_REACHES.violated(*original.objects, message=message, field=field)


@judges(Level.SNAPSHOT, TARGET_DECLARED)
def judge_target_numbers(cluster: Cluster) -> Iterator[Violation]:
    """Compare numeric target ports with what every selected pod declares, if it declares any."""
    candidates = cluster.derive(Candidates)
    for (namespace, _), service in cluster.services.items():
        if not service.selector or service.is_external:
            continue
        selected = candidates.select(namespace, service.selector)
        declared = [template.port_numbers for _, template, _ in selected]
        for port in service.ports:
            number = port.target_number
            if not port.target and declared and all(d and number not in d for d in declared):
                known = ", ".join(map(str, sorted(set().union(*declared))))
                message = f"target port {number} is none of those declared: {known}"
                objects = (service.reference, *(reference for _, _, reference in selected))
                field = port.field
                yield TARGET_DECLARED.violated(*objects, message=message, field=field)
