"""Errors of CNI plugins, and CNI versions.

Source: containernetworking/cni v1.3, `pkg/types/types.go`, `pkg/version/version.go`,
`plugin.go`, `reconcile.go` and `conf.go`.
"""

import re
from collections.abc import Sequence

INCOMPATIBLE_VERSION, INVALID_ENVIRONMENT, IO_FAILURE, DECODING_FAILURE = 1, 4, 5, 6
INVALID_NETWORK_CONFIG, INTERNAL = 7, 999
SUPPORTED_VERSIONS = ("0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0")
"""All that there are, oldest first; the plugins support every one."""
_NUMBER = re.compile(r"[+-]?[0-9]+")
_PARTS = ("major", "minor", "micro")


class PluginError(Exception):
    """What a plugin prints and exits 1 with: a code, a message and perhaps details."""

    def __init__(self, message: str, code: int = INTERNAL, details: str = "") -> None:
        """Keep all three."""
        super().__init__(message)
        self.message, self.code, self.details = message, code, details

    @property
    def text(self) -> str:
        """What Go prints of it."""
        return f"{self.message}; {self.details}" if self.details else self.message

    def to_json(self) -> dict[str, object]:
        """Return it as a plugin prints it."""
        told: dict[str, object] = {"code": self.code, "msg": self.message}
        return told | ({"details": self.details} if self.details else {})


def parse_version(version: str) -> tuple[int, int, int]:
    """Return a version as numbers; none is 0.1.0. Raises PluginError in Go's words."""
    if not version:
        return 0, 1, 0
    parts = version.split(".")
    if len(parts) > len(_PARTS):
        message = f'invalid version "{version}": too many parts'
        raise PluginError(message, DECODING_FAILURE)
    numbers = [0, 0, 0]
    for index, part in enumerate(parts):
        if not _NUMBER.fullmatch(part):
            reason = f'strconv.Atoi: parsing "{part}": invalid syntax'
            message = f'failed to convert {_PARTS[index]} version part "{part}": {reason}'
            raise PluginError(message, DECODING_FAILURE)
        numbers[index] = int(part)
    return numbers[0], numbers[1], numbers[2]


def is_at_least(version: str, other: str) -> bool:
    """Say whether a version is the other or a later one; raises PluginError."""
    return parse_version(version) >= parse_version(other)


def check_supported(version: str, supported: Sequence[str] = SUPPORTED_VERSIONS) -> None:
    """Raise PluginError unless a plugin supports the version of a configuration."""
    version = version or "0.1.0"
    if version not in supported:
        told = " ".join(f'"{each}"' for each in supported)
        details = f'config is "{version}", plugin supports [{told}]'
        raise PluginError("incompatible CNI versions", INCOMPATIBLE_VERSION, details)
