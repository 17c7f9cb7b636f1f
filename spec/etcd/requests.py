"""The requests of the key-value and lease services. Source: api/etcdserverpb/rpc.proto."""

from dataclasses import dataclass
from enum import Enum


class SortOrder(Enum):
    """How a range answer is ordered."""

    NONE = "NONE"
    ASCEND = "ASCEND"
    DESCEND = "DESCEND"


class SortTarget(Enum):
    """The field a range answer is ordered by."""

    KEY = "KEY"
    VERSION = "VERSION"
    CREATE = "CREATE"
    MOD = "MOD"
    VALUE = "VALUE"


class CompareTarget(Enum):
    """The field a transaction compares."""

    VERSION = "VERSION"
    CREATE = "CREATE"
    MOD = "MOD"
    VALUE = "VALUE"
    LEASE = "LEASE"


class CompareResult(Enum):
    """The relation a transaction asks for."""

    EQUAL = "EQUAL"
    GREATER = "GREATER"
    LESS = "LESS"
    NOT_EQUAL = "NOT_EQUAL"


@dataclass(frozen=True)
class Put:
    """Write one key. `ignore_value` and `ignore_lease` keep what the key has."""

    key: str
    value: str = ""
    lease: int = 0
    prev_kv: bool = False
    ignore_value: bool = False
    ignore_lease: bool = False


@dataclass(frozen=True)
class Range:
    """Read a key, or the half-open interval [key, range_end); a revision of 0 is the latest.

    A `range_end` of one zero character means every key from `key` on. Bounds and `limit`
    of 0 are absent. `serializable` changes who answers, never the answer of a single member.
    """

    key: str
    range_end: str = ""
    limit: int = 0
    revision: int = 0
    sort_order: SortOrder = SortOrder.NONE
    sort_target: SortTarget = SortTarget.KEY
    serializable: bool = False
    keys_only: bool = False
    count_only: bool = False
    min_mod_revision: int = 0
    max_mod_revision: int = 0
    min_create_revision: int = 0
    max_create_revision: int = 0


@dataclass(frozen=True)
class DeleteRange:
    """Delete a key or an interval."""

    key: str
    range_end: str = ""
    prev_kv: bool = False


@dataclass(frozen=True)
class Compare:
    """One guard of a transaction: every key of the range has `target` in `result` to `operand`."""

    key: str
    result: CompareResult = CompareResult.EQUAL
    target: CompareTarget = CompareTarget.VERSION
    operand: int | str = 0
    range_end: str = ""


@dataclass(frozen=True)
class Txn:
    """If every guard holds do `success`, else `failure`; all writes share one revision."""

    compare: tuple[Compare, ...] = ()
    success: tuple["Operation", ...] = ()
    failure: tuple["Operation", ...] = ()


@dataclass(frozen=True)
class Compact:
    """Forget the history below `revision`. `physical` only makes the answer wait for the disk."""

    revision: int = 0
    physical: bool = False


@dataclass(frozen=True)
class LeaseGrant:
    """Ask for a lease of `ttl` seconds; an `id` of 0 lets the server choose."""

    ttl: int = 0
    id: int = 0


@dataclass(frozen=True)
class LeaseRevoke:
    """End a lease; every key attached to it is deleted, in one revision."""

    id: int = 0


Operation = Put | Range | DeleteRange | Txn
"""What a transaction may contain."""

Request = Put | Range | DeleteRange | Txn | Compact | LeaseGrant | LeaseRevoke
"""What `respond` answers."""
