"""Names and MAC addresses drawn in order, for a node of which nothing is recorded."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(slots=True)
class OrderlyChance:
    """Draws what was not drawn before, lowest first.

    >>> chance = OrderlyChance()
    >>> chance.draw_mac("", "cni0"), chance.draw_mac("", "cni0")
    ('02:42:00:00:00:01', '02:42:00:00:00:02')
    >>> chance.draw_veth("/netns/a", "eth0")
    'veth00000003'
    """

    drawn: int = 0

    def draw_veth(self, namespace: str, interface: str) -> str:
        """Return a new name for the host's end of a pair."""
        return f"veth{self._count():08x}"

    def draw_mac(self, namespace: str, interface: str) -> str:
        """Return a new MAC address."""
        digits = f"{self._count():08x}"
        return ":".join(["02", "42", *(digits[i : i + 2] for i in range(0, len(digits), 2))])

    def find_lowest(self, macs: Collection[str]) -> str:
        """Return the lowest of some MAC addresses."""
        return min(macs)

    def _count(self) -> int:
        self.drawn += 1
        return self.drawn
