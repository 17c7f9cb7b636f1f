"""Whether a container that has ended is started again: its own rules, its policy, the pod's.

Source: Kubernetes v1.36, `pkg/api/v1/pod/util.go` (`ContainerShouldRestart`,
`findMatchingContainerRestartRule`) and `pkg/kubelet/container/helpers.go`
(`ShouldAllContainersRestart`), with the gates ContainerRestartRules and
RestartAllContainersOnContainerExits on, as they are unless configured.
"""

from planespec.spec.objects.core_views import Container
from planespec.spec.objects.view import View

RESTART = "Restart"
RESTART_ALL = "RestartAllContainers"
_POLICIES = ("Always", "OnFailure", "Never")


def should_restart(container: Container, pod_policy: str, exit_code: int) -> bool:
    """Say whether a container that ended so is started again.

    Its first rule that fits decides if it knows the action, where it has a policy of its own; then
    that policy, then the pod's, which is Always where it is neither OnFailure nor Never. Raises
    ObjectError for fields of a wrong type.
    """
    own_policy = container.text("restartPolicy")
    if own_policy and find_action(container, exit_code) in (RESTART, RESTART_ALL):
        return True
    policy = own_policy if own_policy in _POLICIES else pod_policy
    if policy == "OnFailure":
        return exit_code != 0
    return policy != "Never"


def restarts_all(container: Container, exit_code: int) -> bool:
    """Say whether a container that ended so has every container of its pod started again."""
    return find_action(container, exit_code) == RESTART_ALL


def find_action(container: Container, exit_code: int) -> str:
    """Return the action of the first rule of the container that fits; empty where none does."""
    for rule in container.views("restartPolicyRules"):
        if rule.has("exitCodes") and _fits(rule.view("exitCodes"), exit_code):
            return rule.text("action")
    return ""


def _fits(codes: View, exit_code: int) -> bool:
    is_listed = exit_code in codes.items("values")
    return codes.text("operator") == ("In" if is_listed else "NotIn")
