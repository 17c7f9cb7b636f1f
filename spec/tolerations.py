"""Tolerations against taints.

Source: `k8s.io/api/core/v1/toleration.go`, `component-helpers/scheduling/corev1/helpers.go`.
"""

from collections.abc import Callable, Iterable

from planespec.spec.go_text import parse_int64
from planespec.spec.objects.node import Taint
from planespec.spec.objects.pod import Toleration


def is_tolerated(
    taint: Taint, tolerations: Iterable[Toleration], *, comparison_operators: bool = False
) -> bool:
    """Say whether at least one toleration accepts the taint."""
    return any(
        tolerates(toleration, taint, comparison_operators=comparison_operators)
        for toleration in tolerations
    )


def tolerates(toleration: Toleration, taint: Taint, *, comparison_operators: bool = False) -> bool:
    """Say whether one toleration accepts the taint.

    An empty effect or key accepts any; no operator means Equal, also with an empty key. Lt and Gt
    accept nothing unless the feature gate TaintTolerationComparisonOperators is on (KEP-5471,
    alpha and off in v1.36); then they compare int64, false where either side is no integer.
    """
    if toleration.effect and toleration.effect != taint.effect:
        return False
    if toleration.key and toleration.key != taint.key:
        return False
    if toleration.operator in ("", "Equal"):
        return toleration.value == taint.value
    if toleration.operator in ("Lt", "Gt"):
        return comparison_operators and _compares(toleration, taint)
    return toleration.operator == "Exists"


def find_untolerated_taint(
    taints: Iterable[Taint],
    tolerations: Iterable[Toleration],
    counts: Callable[[Taint], bool] = lambda taint: True,
) -> Taint | None:
    """Return the first taint that counts and is not tolerated, or None."""
    accepted = list(tolerations)
    relevant = (taint for taint in taints if counts(taint))
    return next((taint for taint in relevant if not is_tolerated(taint, accepted)), None)


def _compares(toleration: Toleration, taint: Taint) -> bool:
    bound, number = parse_int64(toleration.value), parse_int64(taint.value)
    if bound is None or number is None:
        return False
    return number < bound if toleration.operator == "Lt" else number > bound
