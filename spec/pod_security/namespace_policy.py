"""Which Pod Security levels a namespace enforces, warns of and notes in the audit log.

Source: `staging/src/k8s.io/pod-security-admission/api/helpers.go` (PolicyToEvaluate) and
`admission/admission.go` (EvaluatePod), v1.36, with the defaults of the plugin: privileged, latest,
nobody exempt.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from planespec.spec.objects import Pod
from planespec.spec.pod_security.standards import LATEST, LEVELS, describe_faults

PREFIX = "pod-security.kubernetes.io/"
PRIVILEGED, RESTRICTED, NEWEST = "privileged", "restricted", "latest"
_VERSION = re.compile(r"v1\.(0|[1-9][0-9]*)")


@dataclass(frozen=True)
class LevelVersion:
    """A level of the standards, and the release whose standards are meant."""

    level: str = PRIVILEGED
    version: str = NEWEST
    """`latest`, or as `v1.30`."""

    def __str__(self) -> str:
        return f"{self.level}:{self.version}"

    @property
    def number(self) -> int:
        """The minor version of the release; of a later one than is known the last known."""
        found = _VERSION.fullmatch(self.version)
        return LATEST if found is None else min(int(found[1]), LATEST)

    def describe_faults(self, pod: Pod) -> str:
        """Return what the pod does wrong; empty where it does not."""
        return describe_faults(pod, self.level, self.number)


STRICTEST = LevelVersion(RESTRICTED)
"""A pod without faults by this is let in by every level of the latest version."""


@dataclass(frozen=True)
class NamespacePolicy:
    """What is enforced, what is only noted in the audit log, and what is warned of."""

    enforce: LevelVersion
    audit: LevelVersion
    warn: LevelVersion


def read_namespace_policy(labels: Mapping[str, str]) -> NamespacePolicy:
    """Read the labels of a namespace.

    A level that is none enforces the strictest and warns of nothing; a version that is none means
    the latest. Without a label of its own, what is enforced is warned of.
    """
    enforce = _read(labels, "enforce", RESTRICTED)
    warn = _read(labels, "warn", PRIVILEGED)
    is_level = labels.get(f"{PREFIX}enforce") in LEVELS
    stricter = LEVELS.index(enforce.level) > LEVELS.index(warn.level)
    if is_level and f"{PREFIX}warn" not in labels and stricter:
        has_version = f"{PREFIX}warn-version" in labels
        warn = LevelVersion(enforce.level, warn.version if has_version else enforce.version)
    return NamespacePolicy(enforce, _read(labels, "audit", PRIVILEGED), warn)


def _read(labels: Mapping[str, str], mode: str, failing: str) -> LevelVersion:
    level = labels.get(f"{PREFIX}{mode}", PRIVILEGED)
    version = labels.get(f"{PREFIX}{mode}-version", NEWEST)
    return LevelVersion(
        level if level in LEVELS else failing,
        version if _VERSION.fullmatch(version) else NEWEST,
    )


def refuse_insecure(pod: Pod, policy: NamespacePolicy) -> str:
    """Return why the namespace refuses the pod, in upstream's words; empty where it does not."""
    faults = policy.enforce.describe_faults(pod)
    return f'violates PodSecurity "{policy.enforce}": {faults}' if faults else ""


def warn_of_insecure(pod: Pod, policy: NamespacePolicy) -> str:
    """Return the warning about a pod that is let in; empty where there is none."""
    faults = policy.warn.describe_faults(pod)
    return f'would violate PodSecurity "{policy.warn}": {faults}' if faults else ""
