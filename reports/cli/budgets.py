"""Reading `--budget states=10000,seconds=30,memory=4GB`."""

import re

from planespec.checker.budget import Budget
from planespec.checker.errors import ConfigurationError

_LARGEST = 2.0**63
"""Bytes."""
_UNITS = {
    "": 1,
    **{unit: 1000**power for power, unit in enumerate(("K", "M", "G", "T"), 1)},
    **{f"{unit}I": 1024**power for power, unit in enumerate(("K", "M", "G", "T"), 1)},
}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]I?)?B?", re.IGNORECASE)
_NAMES = ("states", "seconds", "memory")


def parse_budget(texts: tuple[str, ...], depth: int | None) -> Budget:
    """Join all `--budget` texts; raises ConfigurationError on an unknown name or a bad number."""
    limits: dict[str, str] = {}
    for part in (part.strip() for text in texts for part in text.split(",")):
        name, equals, value = part.partition("=")
        if not equals or name not in _NAMES:
            raise ConfigurationError(
                f"--budget {part or '(empty)'}: expected NAME=LIMIT with NAME one of "
                f"{', '.join(_NAMES)}, such as states=1000000 or memory=4GB"
            )
        limits[name] = value
    return Budget(
        depth=depth,
        states=_parse_count(limits.get("states")),
        seconds=_parse_seconds(limits.get("seconds")),
        memory=parse_size(limits["memory"]) if "memory" in limits else None,
    )


def parse_size(text: str) -> int:
    """Bytes of a size such as `512MB` (powers of 1000) or `4GiB` (powers of 1024)."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ConfigurationError(f"--budget memory={text}: expected a size such as 512MB or 4GiB")
    size = float(match[1]) * _UNITS[(match[2] or "").upper()]
    if size > _LARGEST:
        raise ConfigurationError(f"--budget memory={text[:40]}: no machine has as much")
    return int(size)


def _parse_count(text: str | None) -> int | None:
    if text is None:
        return None
    digits = text.replace("_", "")
    if not re.fullmatch(r"[0-9]{1,18}", digits) or int(digits) == 0:
        raise ConfigurationError(f"--budget states={text}: expected a whole number above 0")
    return int(digits)


def _parse_seconds(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise ConfigurationError(f"--budget seconds={text}: expected a number above 0")
    return seconds
