"""The rules of every kind of object that has some.

Of a kind that is not here, the API server checks only the metadata, or what a schema says; of
custom resources it checks what their definition says.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from planespec.spec.names import get_dns1123_label_errors, get_dns1123_subdomain_errors
from planespec.spec.objects import ObjectMeta, View
from planespec.spec.validation.device_claims import (
    validate_claim_template,
    validate_device_class,
    validate_resource_claim,
    validate_resource_slice,
)
from planespec.spec.validation.field_errors import Errors
from planespec.spec.validation.kinds.access_rules import (
    validate_cluster_role,
    validate_cluster_role_binding,
    validate_role,
    validate_role_binding,
)
from planespec.spec.validation.kinds.autoscaler_rules import validate_autoscaler
from planespec.spec.validation.kinds.cluster_rules import (
    validate_lease,
    validate_priority_class,
    validate_runtime_class,
)
from planespec.spec.validation.kinds.core_object_rules import (
    validate_config_map,
    validate_limit_range,
    validate_namespace,
    validate_node,
    validate_quota,
    validate_secret,
)
from planespec.spec.validation.kinds.endpoint_rules import (
    validate_endpoint_slice,
    validate_endpoints,
)
from planespec.spec.validation.kinds.job_rules import validate_cron_job, validate_job
from planespec.spec.validation.kinds.network_rules import (
    get_address_name_errors,
    validate_ingress,
    validate_ingress_class,
    validate_ip_address,
    validate_network_policy,
    validate_service_cidr,
)
from planespec.spec.validation.kinds.policy_rules import (
    validate_mutating_policy,
    validate_mutating_policy_binding,
    validate_policy,
    validate_policy_binding,
)
from planespec.spec.validation.kinds.service_rules import validate_service
from planespec.spec.validation.kinds.storage_rules import (
    validate_attachment,
    validate_attributes_class,
    validate_claim,
    validate_driver,
    validate_driver_node,
    validate_storage_capacity,
    validate_storage_class,
    validate_volume,
)
from planespec.spec.validation.kinds.webhook_rules import validate_webhooks
from planespec.spec.validation.kinds.workload_rules import (
    find_template,
    validate_controller_revision,
    validate_daemon_set,
    validate_deployment,
    validate_disruption_budget,
    validate_pod_template_object,
    validate_replica_set,
    validate_replication_controller,
    validate_stateful_set,
)
from planespec.spec.validation.object_meta import NameRule, validate_object_meta
from planespec.spec.validation.pod.pod_rules import validate_live_pod, validate_template_spec
from planespec.spec.validation.server_setup.api_service_rules import validate_api_service
from planespec.spec.validation.server_setup.definition_rules import validate_definition
from planespec.spec.validation.server_setup.flow_rules import (
    validate_flow_schema,
    validate_priority_level,
)
from planespec.spec.validation.value_rules import get_path_segment_errors

Validate = Callable[[View], Errors]
FindTemplate = Callable[[View], View | None]


@dataclass(frozen=True)
class Kind:
    """How the API server judges objects of one kind."""

    validate: Validate
    """What is wrong besides the metadata, and the spec of a pod template."""
    name: NameRule = get_dns1123_subdomain_errors
    is_namespaced: bool = True
    find_template: FindTemplate | None = None
    """Where the pod template is, whose spec is judged apart; it may be found absent."""
    has_old_finalizers: bool = True
    """Whether finalizers without a domain must be known ones: see `validate_object_meta`."""


def _find_direct(view: View) -> View:
    return view.view("template")


def _find_in_spec(view: View) -> View:
    return view.view("spec").view("template")


def _find_if_there(view: View) -> View | None:
    return _find_in_spec(view) if view.view("spec").has("template") else None


def _find_in_job(view: View) -> View:
    return view.view("spec").view("jobTemplate").view("spec").view("template")


def _nothing(_view: View) -> Errors:
    """Only the metadata is judged."""
    return iter(())


def _workload(validate: Validate, find: FindTemplate = find_template) -> Kind:
    return Kind(validate, find_template=find)


def _cluster(validate: Validate, name: NameRule = get_dns1123_subdomain_errors) -> Kind:
    return Kind(validate, name, is_namespaced=False)


def _newer(validate: Validate) -> Kind:
    return Kind(validate, is_namespaced=False, has_old_finalizers=False)


_CORE = {
    "ConfigMap": Kind(validate_config_map),
    "Endpoints": Kind(validate_endpoints),
    "LimitRange": Kind(validate_limit_range),
    "Namespace": _cluster(validate_namespace, get_dns1123_label_errors),
    "Node": _cluster(validate_node),
    "PersistentVolume": _cluster(validate_volume),
    "PersistentVolumeClaim": Kind(validate_claim),
    "Pod": Kind(validate_live_pod),
    "PodTemplate": _workload(validate_pod_template_object, _find_direct),
    "ReplicationController": _workload(validate_replication_controller, _find_if_there),
    "ResourceQuota": Kind(validate_quota),
    "Secret": Kind(validate_secret),
    "Service": Kind(validate_service, get_dns1123_label_errors),
    "ServiceAccount": Kind(_nothing),
}
_APPS = {
    "ControllerRevision": Kind(validate_controller_revision),
    "DaemonSet": _workload(validate_daemon_set),
    "Deployment": _workload(validate_deployment),
    "ReplicaSet": _workload(validate_replica_set),
    "StatefulSet": Kind(validate_stateful_set, get_dns1123_label_errors),
}
_ACCESS = {
    "ClusterRole": _cluster(validate_cluster_role, get_path_segment_errors),
    "ClusterRoleBinding": _cluster(validate_cluster_role_binding, get_path_segment_errors),
    "Role": Kind(validate_role, get_path_segment_errors),
    "RoleBinding": Kind(validate_role_binding, get_path_segment_errors),
}
_ADMISSION = {
    "MutatingAdmissionPolicy": _newer(validate_mutating_policy),
    "MutatingAdmissionPolicyBinding": _newer(validate_mutating_policy_binding),
    "MutatingWebhookConfiguration": _newer(validate_webhooks),
    "ValidatingAdmissionPolicy": _newer(validate_policy),
    "ValidatingAdmissionPolicyBinding": _newer(validate_policy_binding),
    "ValidatingWebhookConfiguration": _newer(validate_webhooks),
}
_STORAGE = {
    "CSIDriver": _cluster(validate_driver),
    "CSINode": _cluster(validate_driver_node),
    "CSIStorageCapacity": Kind(validate_storage_capacity),
    "StorageClass": _cluster(validate_storage_class),
    "VolumeAttachment": _cluster(validate_attachment),
    "VolumeAttributesClass": _cluster(validate_attributes_class),
}
_NETWORK = {
    "IPAddress": _cluster(validate_ip_address, get_address_name_errors),
    "Ingress": Kind(validate_ingress),
    "IngressClass": _cluster(validate_ingress_class),
    "NetworkPolicy": Kind(validate_network_policy),
    "ServiceCIDR": _cluster(validate_service_cidr),
}
_BATCH = {
    "CronJob": _workload(validate_cron_job, _find_in_job),
    "Job": _workload(validate_job, _find_in_spec),
}
_DEVICES = {
    "DeviceClass": _cluster(validate_device_class),
    "ResourceClaim": Kind(validate_resource_claim),
    "ResourceClaimTemplate": Kind(validate_claim_template),
    "ResourceSlice": _cluster(validate_resource_slice),
}
_FLOWS = {
    "FlowSchema": _cluster(validate_flow_schema),
    "PriorityLevelConfiguration": _cluster(validate_priority_level),
}
_DEFINITION = Kind(validate_definition, is_namespaced=False, has_old_finalizers=False)
_API_SERVICE = Kind(validate_api_service, get_path_segment_errors, False, has_old_finalizers=False)
_BUDGET = Kind(validate_disruption_budget, get_path_segment_errors, has_old_finalizers=False)
KINDS: Mapping[str, Mapping[str, Kind]] = {
    "": _CORE,
    "admissionregistration.k8s.io": _ADMISSION,
    "apiextensions.k8s.io": {"CustomResourceDefinition": _DEFINITION},
    "apiregistration.k8s.io": {"APIService": _API_SERVICE},
    "apps": _APPS,
    "autoscaling": {"HorizontalPodAutoscaler": Kind(validate_autoscaler)},
    "batch": _BATCH,
    "coordination.k8s.io": {"Lease": Kind(validate_lease, has_old_finalizers=False)},
    "discovery.k8s.io": {"EndpointSlice": Kind(validate_endpoint_slice)},
    "flowcontrol.apiserver.k8s.io": _FLOWS,
    "networking.k8s.io": _NETWORK,
    "node.k8s.io": {"RuntimeClass": _newer(validate_runtime_class)},
    "policy": {"PodDisruptionBudget": _BUDGET},
    "rbac.authorization.k8s.io": _ACCESS,
    "resource.k8s.io": _DEVICES,
    "scheduling.k8s.io": {"PriorityClass": _cluster(validate_priority_class)},
    "storage.k8s.io": _STORAGE,
}
"""The kinds with rules, by API group."""


def find_kind(group: str, kind: str) -> Kind | None:
    """Return the rules of a kind, or None."""
    return KINDS.get(group, {}).get(kind)


def validate_object(data: object) -> Errors:
    """Check an object of any kind as it is created. Raises ObjectError."""
    view = View(data)
    group = view.text("apiVersion").rpartition("/")[0]
    kind = find_kind(group, view.text("kind"))
    if kind is not None:
        meta = ObjectMeta(view.data.get("metadata"), "metadata")
        yield from validate_object_meta(
            meta,
            kind.name,
            is_namespaced=kind.is_namespaced,
            has_old_finalizers=kind.has_old_finalizers,
        )
        yield from kind.validate(view)
        template = None if kind.find_template is None else kind.find_template(view)
        if template is not None:
            yield from validate_template_spec(template)


def has_old_finalizers(group: str, kind: str) -> bool:
    """Say whether finalizers without a domain must be known ones."""
    found = find_kind(group, kind)
    return found is not None and found.has_old_finalizers
