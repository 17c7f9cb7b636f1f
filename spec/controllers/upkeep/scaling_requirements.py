"""What holds when an autoscaler sets the replicas of a Deployment: CTRL-16 to CTRL-19.

Source: `pkg/controller/podautoscaler`, v1.36;
https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/ (called "autoscaling").
"""

from typing import Protocol

from planespec.spec.requirement import requirement


class ScaledDeployment(Protocol):
    """A Deployment, its pods, and the load that is on all of them together."""

    @property
    def load(self) -> int:
        """How many pods the load keeps as busy as they should be."""

    @property
    def least(self) -> int:
        """`minReplicas`."""

    @property
    def most(self) -> int:
        """`maxReplicas`."""

    @property
    def replicas(self) -> int:
        """`spec.replicas` of the Deployment."""

    @property
    def wanted(self) -> int:
        """The replicas that the autoscaler wrote last; what there was before it."""

    @property
    def recent(self) -> int:
        """The highest recommendation in the window of stabilisation; 0 for none."""

    @property
    def peak(self) -> int:
        """The highest load that any metric that is not read yet has told of."""

    @property
    def is_applied(self) -> bool:
        """Whether a manifest was applied since the autoscaler wrote."""


def clamp(s: ScaledDeployment, wanted: int) -> int:
    """Replicas within what the autoscaler may set."""
    return min(max(wanted, s.least), s.most)


@requirement("CTRL-16", source="autoscaling; #72775, #84142, #90461, #98914")
def no_growth_without_load(before: ScaledDeployment, after: ScaledDeployment) -> bool:
    """The replicas grow only as far as the load asks for, rollout or not."""
    return after.wanted <= max(before.wanted, clamp(after, before.peak))


@requirement("CTRL-17", source="autoscaling, stabilization")
def replicas_fall_to_what_was_wanted_lately(
    before: ScaledDeployment, after: ScaledDeployment
) -> bool:
    """The replicas fall no lower than any recommendation of the window."""
    return after.wanted >= min(before.wanted, clamp(after, before.recent))


@requirement("CTRL-18", source="autoscaling", promise="eventually always")
def constant_load_comes_to_rest(s: ScaledDeployment) -> bool:
    """While the load stays as it is, the replicas come to what it asks for, and stay there."""
    return s.replicas == clamp(s, s.load)


@requirement("CTRL-19", source="autoscaling, migrating; #25238, #66385")
def manifests_leave_replicas_alone(before: ScaledDeployment, after: ScaledDeployment) -> bool:
    """Applying a manifest does not change replicas that the autoscaler has set."""
    return not after.is_applied or before.is_applied or after.replicas == before.replicas
