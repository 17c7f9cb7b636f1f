"""The requirements an audit evaluates, and what it says where one is violated.

Those that models judge as well are declared with their predicate. Which function judges what is
said there, by `judges`; one with a single judge may be declared beside it. Paths are below
kubernetes v1.36; KEPs are numbers of kubernetes/enhancements.
"""

from dataclasses import dataclass
from typing import NamedTuple

from planespec.spec.objects.object_store import GROUPS
from planespec.spec.requirement import Breach, declare
from planespec.spec.scheduling.requirements.bindings import bound_once, host_ports, resource_fit
from planespec.spec.scheduling.requirements.queueing import victims_matter_less


class Place(NamedTuple):
    """Where an object begins in the input; lines count from 1."""

    file: str
    line: int


class Reference(NamedTuple):
    """Which object is meant."""

    kind: str
    namespace: str
    """Empty for cluster-scoped objects."""
    name: str
    place: Place | None = None
    group: str = ""
    """The API group; it is named where the kind is not Kubernetes' own."""

    def __str__(self) -> str:
        scope = f"{self.namespace}/" if self.namespace else ""
        is_foreign = self.group and GROUPS.get(self.kind) != self.group
        kind = f"{self.kind}.{self.group}" if is_foreign else self.kind
        return f"{kind} {scope}{self.name}"


Violation = Breach[Reference]
"""A requirement on a cluster that is broken; the first object is the one to look at."""


def place_of(violation: Violation) -> Place | None:
    """Where the first object with a known place begins."""
    return next((each.place for each in violation.objects if each.place is not None), None)


@dataclass(frozen=True, slots=True)
class Malformed:
    """A piece of the input that could not be read; it was left out."""

    place: Place
    subject: str
    """The object as far as it is known, such as "Pod default/a"; empty where nothing is."""
    field: str
    message: str


_VALIDATION = "pkg/apis/core/validation/validation.go"
_DOCS = "https://kubernetes.io/docs"

BOUND_ONCE = bound_once
RESOURCE_FIT = resource_fit
HOST_PORTS = host_ports
CONSTRAINTS = declare(
    "SCHED-5",
    "A pod's node meets taints, node and pod affinity, anti-affinity, as far as it shows later.",
    "pkg/scheduler/framework/plugins; judged against the labels and taints of the snapshot",
    "warning",
)
VICTIMS = victims_matter_less
NOMINATED = declare(
    "SCHED-7",
    "A pod is nominated to a node that exists.",
    "pkg/scheduler/backend/queue/nominator.go",
    "warning",
)
NODE_EXISTS = declare(
    "SCHED-11",
    "A pod is bound to a node that exists.",
    "pkg/controller/podgc/gc_controller.go, gcOrphaned",
)
SCHEDULABLE = declare(
    "SCHED-12",
    "A pending pod has a node that could take it if the node were empty.",
    "pkg/scheduler/framework/plugins: verdict UnschedulableAndUnresolvable on every node",
)
ONE_USER = declare(
    "SCHED-13",
    "A ReadWriteOncePod claim is used by one pod, a ReadWriteOnce claim by pods of one node.",
    "pkg/scheduler/framework/plugins/volumerestrictions; KEP-2485",
)

IDENTITY = declare(
    "OBJ-1",
    "A name is used by one object of its kind and namespace, a uid by one object.",
    f"{_DOCS}/concepts/overview/working-with-objects/names/",
)
METADATA = declare(
    "OBJ-2",
    "Names and labels are ones the API server accepts.",
    "apimachinery/pkg/api/validation/objectmeta.go",
)
SERVED = declare(
    "OBJ-3",
    "The API version of an object is still served.",
    f"{_DOCS}/reference/using-api/deprecation-guide/",
)
VALID_SERVICE = declare(
    "OBJ-4", "A Service is one the API server accepts.", f"{_VALIDATION}, ValidateService"
)
VALID_POD = declare(
    "OBJ-5",
    "A pod or pod template is one the API server accepts.",
    f"{_VALIDATION}, ValidatePodSpec",
)
CONFIGURATION_EXISTS = declare(
    "OBJ-6",
    "A ConfigMap or Secret a pod refers to exists and has the key, unless it is optional.",
    f"{_DOCS}/concepts/configuration/secret/",
)
CLAIM_EXISTS = declare(
    "OBJ-7",
    "A claim a pod mounts exists.",
    f"{_DOCS}/concepts/storage/persistent-volumes/#claims-as-volumes",
)
ACCOUNT_EXISTS = declare(
    "OBJ-8",
    "The ServiceAccount of a pod exists.",
    "plugin/pkg/admission/serviceaccount/admission.go",
)
BACKEND_EXISTS = declare(
    "OBJ-9",
    "The Service and port behind an Ingress exist.",
    f"{_DOCS}/concepts/services-networking/ingress/",
)
CLASS_EXISTS = declare(
    "OBJ-10",
    "The class an Ingress names exists.",
    f"{_DOCS}/concepts/services-networking/ingress/#ingress-class",
    "warning",
)
GOVERNING_SERVICE = declare(
    "OBJ-11",
    "The Service that a StatefulSet names exists.",
    f"{_DOCS}/concepts/workloads/controllers/statefulset/#stable-network-id",
)
SELECTOR_MATCHES = declare(
    "OBJ-12",
    "A workload's selector selects its own template.",
    "pkg/apis/apps/validation/validation.go",
)
SELECTS_SOMETHING = declare(
    "OBJ-13",
    "A Service or disruption budget with a selector selects a pod or a pod template.",
    f"{_DOCS}/concepts/services-networking/service/",
    "warning",
)
TARGET_PORT = declare(
    "OBJ-14",
    "A target port that a Service names is a port of the pods it selects.",
    "pkg/api/v1/pod/util.go, FindPort",
)
CLAIM_CAN_BIND = declare(
    "OBJ-15",
    "A claim is bound, or names a volume or class that exists, or there is a default class.",
    "pkg/controller/volume/persistentvolume/pv_controller.go, syncUnboundClaim",
)
SHARED_CLAIM = declare(
    "OBJ-16",
    "Replicas that may run on several nodes do not share a ReadWriteOnce claim.",
    f"{_DOCS}/concepts/storage/persistent-volumes/#access-modes",
    "warning",
)
PRELOADED_IMAGE = declare(
    "OBJ-17",
    "An image that is never pulled is on a node.",
    f"{_DOCS}/concepts/containers/images/#image-pull-policy",
    "warning",
)
BUDGET_ALLOWS = declare(
    "OBJ-18",
    "A disruption budget allows a disruption some time, and guards something.",
    "pkg/controller/disruption/disruption.go; descriptions of policy/v1",
    "warning",
)
ONE_BUDGET = declare(
    "OBJ-19",
    "A pod is guarded by at most one disruption budget.",
    "pkg/registry/core/pod/storage/eviction.go: two budgets answer 500",
)
PRIORITY_CLASS = declare(
    "OBJ-20",
    "A pod's priority class exists and has the pod's priority.",
    "plugin/pkg/admission/priority/admission.go",
)
SCALE_TARGET = declare(
    "OBJ-21",
    "The workload that an autoscaler scales exists.",
    f"{_DOCS}/tasks/run-application/horizontal-pod-autoscale/",
)
ROLE_EXISTS = declare(
    "OBJ-22",
    "The role of a binding exists.",
    f"{_DOCS}/reference/access-authn-authz/rbac/",
)
OWNER_EXISTS = declare(
    "OBJ-23",
    "The controller of an object exists under the uid of the reference.",
    "pkg/controller/garbagecollector/garbagecollector.go",
    "warning",
)
REPEATED_FIELD = declare(
    "OBJ-26",
    "A field stands once in its object.",
    "KEP-2885: strict decoding refuses duplicate fields; kubectl keeps the last one silently",
)
VALID_OBJECT = declare(
    "OBJ-27",
    "An object of any kind but Service and Pod is one the API server accepts.",
    "pkg/apis/*/validation/validation.go",
)

CONTAINERS_RUN = declare(
    "STAT-1",
    "No container is kept from running.",
    "pkg/kubelet/kuberuntime; waiting reasons of containerStatuses",
)
POD_SCHEDULED = declare(
    "STAT-2", "No pod waits for a node.", "condition PodScheduled of the pod", "warning"
)
NODE_READY = declare("STAT-3", "A node is ready.", "condition Ready of the node")
WORKLOAD_AVAILABLE = declare(
    "STAT-4",
    "A workload has the replicas it wants, available.",
    "pkg/controller/deployment/util/deployment_util.go",
    "warning",
)
POD_SUCCEEDS = declare("STAT-5", "No pod or job has failed.", "phase and conditions", "warning")
STATUS_ADDS_UP = declare(
    "STAT-6",
    "The numbers of a status add up: available <= ready <= replicas; a finished pod has no "
    "running container.",
    "pkg/apis/apps/validation/validation.go; pkg/kubelet/status/status_manager.go",
)
CLAIM_BOUND = declare("STAT-7", "A claim is bound.", "phase of the claim", "warning")
ALLOCATABLE = declare(
    "STAT-8",
    "A node's allocatable is not above its capacity.",
    "pkg/kubelet/cm/node_container_manager_linux.go, GetNodeAllocatableReservation",
)

REVISIONS = declare(
    "API-1",
    "The resourceVersion of a kind goes up from event to event.",
    f"{_DOCS}/reference/using-api/api-concepts/#resource-versions",
)
LIFE = declare(
    "API-2",
    "An object is added once, keeps uid and creation time, and is gone after its deletion.",
    f"{_DOCS}/reference/using-api/api-concepts/#efficient-detection-of-changes",
)
GENERATION = declare(
    "API-3",
    "A spec changes only with a new generation, a generation only with what raises it or a "
    "deletion.",
    "pkg/registry/*/*/strategy.go, PrepareForUpdate; KEP-5067",
)
IMMUTABLE = declare(
    "API-4",
    "Fields of a pod that cannot be changed do not change.",
    f"{_VALIDATION}, ValidatePodUpdate",
)
DELETION = declare(
    "API-5",
    "A deletion is never taken back, and its grace period never grows.",
    "apiserver/pkg/registry/rest/delete.go, BeforeDelete",
)
PHASES = declare(
    "API-6",
    "A pod never leaves Succeeded or Failed, nor goes back from Running to Pending.",
    "pkg/kubelet/status/status_manager.go; docs: pod-lifecycle",
)
COUNTERS = declare(
    "API-7",
    "What only grows never falls: observed generation, restart counts, finished indexes, "
    "lease transitions.",
    "pkg/kubelet/status/status_manager.go; pkg/controller/job/job_controller.go; client-go "
    "leaderelection",
)
DELETES_LAST = declare(
    "API-8",
    "What was deleted is not written again.",
    "apiserver/pkg/registry/generic/registry/store.go, Delete",
)
ANSWERS = declare(
    "API-9",
    "What the audit log says was written is what the watch shows.",
    f"{_DOCS}/tasks/debug/debug-cluster/audit/",
)
BUDGETS = declare(
    "API-10",
    "A budget allows no more than healthy less desired; a quota uses no more than it allows.",
    "pkg/controller/disruption/disruption.go; pkg/quota/v1",
)
