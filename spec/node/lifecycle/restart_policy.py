"""Whether a container that has ended is started again: its own rules and policy, then the pod's.

Source: `pkg/api/v1/pod/util.go` (ContainerShouldRestart, FindMatchingContainerRestartRule) and
`pkg/kubelet/container/helpers.go` (ShouldContainerBeRestarted) of Kubernetes v1.36, whose gates
ContainerRestartRules and RestartAllContainersOnContainerExits are on.
"""

from planespec.spec.node.lifecycle.runtime_status import ContainerState, RuntimeStatus
from planespec.spec.objects.core_views import Container, Pod
from planespec.spec.objects.view import View

NEVER = "Never"
ON_FAILURE = "OnFailure"
ALWAYS = "Always"
RESTART_ALL = "RestartAllContainers"
RESTARTING = ("Restart", RESTART_ALL)
"""Actions of a rule after which the container runs again."""


def restarts_after_exit(pod: Pod, container: Container, exit_code: int) -> bool:
    """Say whether a container of a pod that ended with that code is started again."""
    return should_restart(container, get_pod_policy(pod), exit_code)


def should_restart(container: Container, pod_policy: str, exit_code: int) -> bool:
    """Say whether a container that ended so is started again.

    Its first rule that fits decides if it knows the action, where it has a policy of its own; then
    that policy, then the pod's, which is Always where it is neither OnFailure nor Never. Raises
    ObjectError for fields of a wrong type.
    """
    policy = container.text("restartPolicy")
    if policy and find_restart_action(container, exit_code) in RESTARTING:
        return True
    return _follow(policy if policy in (ALWAYS, ON_FAILURE, NEVER) else pod_policy, exit_code)


def restarts_all(container: Container, exit_code: int) -> bool:
    """Say whether a container that ended so has every container of its pod started again."""
    return find_restart_action(container, exit_code) == RESTART_ALL


def _follow(policy: str, exit_code: int) -> bool:
    if policy == ON_FAILURE:
        return exit_code != 0
    return policy != NEVER


def get_pod_policy(pod: Pod) -> str:
    """The policy of the pod; Always where it has none, as the API server fills in."""
    return pod.spec.text("restartPolicy") or ALWAYS


def find_restart_action(container: Container, exit_code: int) -> str:
    """The action of the first rule that the code meets; empty where none does."""
    for rule in container.views("restartPolicyRules"):
        if rule.has("exitCodes") and _meets(rule.view("exitCodes"), exit_code):
            return rule.text("action")
    return ""


def _meets(codes: View, exit_code: int) -> bool:
    listed = exit_code in codes.items("values")
    operator = codes.text("operator")
    return (operator == "In" and listed) or (operator == "NotIn" and not listed)


def should_be_started(pod: Pod, container: Container, status: RuntimeStatus) -> bool:
    """Say whether a container that may not run should run (again).

    Never once the pod is being deleted. What was never seen, was made but not started, or is in
    an unknown state is started whatever the policy says.
    """
    if pod.meta.is_deleting:
        return False
    found = status.find(container)
    if found is None:
        return True
    if found.state is ContainerState.EXITED:
        return restarts_after_exit(pod, container, found.exit_code)
    return found.state is not ContainerState.RUNNING
