"""Lines of text that stand beside objects and events in a file, and what log shippers put before.

kubectl prints warnings and refusals where the objects go when both streams are joined; `kubectl
cluster-info dump` prints the logs of containers between lists. Such lines are told, not read.
"""

import re
from typing import NamedTuple

from planespec.spec.cluster.cluster_requirements import Place

LONGEST_REMARK = 4096
"""Characters of a line that are looked at."""


class Remark(NamedTuple):
    """A line that is no part of an object."""

    place: Place
    text: str


_REMARK = re.compile(
    r"Warning: |Warning\b.*deprecated|[IWEF]\d{4} \d\d:\d\d:\d\d|Error from server|[Ee]rror: |"
    r"error validating |Flag --|Defaulted container |Unable to |No resources found|"
    r"Please use |Cluster info dumped |Handling connection |\+ kubectl |\$ kubectl |==== "
)
_BEGINS = re.compile(r"==== START logs for ")
_ENDS = re.compile(r"==== END logs for ")


def is_remark(line: str) -> bool:
    """Say whether a line is one that kubectl, or a component in its log, prints for people."""
    return _REMARK.match(line) is not None


class SideText:
    """Tells lines beside objects from objects; within the log of a container all lines are."""

    def __init__(self) -> None:
        """Begin outside the log of a container."""
        self.is_inside = False

    def takes(self, line: str) -> bool:
        """Say whether a line is to be passed over."""
        if _BEGINS.match(line):
            self.is_inside = True
        elif _ENDS.match(line):
            self.is_inside = False
            return True
        return self.is_inside or is_remark(line)


_PART = re.compile(r"\S+ (stdout|stderr) ([FP])(?::\S*)? ?(.*)", re.DOTALL)


class Part(NamedTuple):
    """A line of a container log as a container runtime writes it (CRI)."""

    stream: str
    is_whole: bool
    """Whether the line ends here; a runtime cuts long ones."""
    text: str


def read_part(line: str) -> Part | None:
    """Take a line of a container log apart; None for any other line."""
    found = _PART.fullmatch(line.rstrip("\r\n"))
    return None if found is None else Part(found[1], found[2] == "F", found[3])


_VALUE = re.compile(r'[{\[]\s*[{"\]}]')


LONGEST_TAIL = 40
"""Characters that a shipper may write behind a value, such as a time."""


def cut_prefix(text: str) -> str:
    """Return the JSON in a line that begins with a time, a host or a name; else none.

    CloudWatch exports, syslog, `oc adm node-logs`, `kubectl logs --prefix` and fluentd write so.
    """
    end = max(text.rfind("}"), text.rfind("]")) + 1
    found = _VALUE.search(text, 0, end)
    if found is None or len(text[end:].strip()) > LONGEST_TAIL:
        return ""
    return text[found.start() : end].strip()


_YAML = re.compile(rb"\s*(?:---|- |[A-Za-z][\w.-]*:\s)")


def looks_like_yaml(head: bytes) -> bool:
    """Say whether a file begins like YAML, warnings before it aside."""
    for line in head[: 1 << 14].splitlines():
        if line.strip() and not is_remark(line.decode("utf-8", "replace")):
            return _YAML.match(line + b"\n") is not None
    return False
