"""Which promises a search has to judge; light, so that models without any load little."""

from planespec.checker.budget import Options
from planespec.checker.errors import ConfigurationError
from planespec.checker.instance import LIVENESS, Instance
from planespec.checker.lang.requirements import Claim


def promised(instance: Instance, options: Options) -> tuple[Claim, ...]:
    """The promises to judge; raises ConfigurationError together with symmetry.

    One state stands for its whole orbit under symmetry. A cycle of such states need not be one of
    the model: going round may come back to another state of the orbit.
    """
    claims = tuple(c for c in instance.judged(options.requirements) if c.kind in LIVENESS)
    if claims and options.symmetry and instance.symmetric_sorts:
        raise ConfigurationError(
            f"{claims[0].id} cannot be judged under --symmetry, which is unsound for promises; "
            "leave --symmetry out, or name the requirements to judge with --requirement"
        )
    return claims
