"""Dealing a flow its hand of queues.

The hash of a flow is read as a number in mixed radix, whose digits say which of the remaining
queues comes next, so that two flows seldom share a whole hand. Sixty bits of hash are the most
that is used: more would make the last card uneven.

Source: `apiserver/pkg/util/shufflesharding/dealer.go`, `apiserver/pkg/util/flowcontrol/`
`apf_controller.go` (hashFlowID), v1.36.
"""

import hashlib
import math
from dataclasses import dataclass

MAX_HASH_BITS = 60
LARGEST_DECK = 1 << 26


class DealError(ValueError):
    """A deck or a hand of an impossible size; the message is upstream's."""


def hash_flow(flow_schema: str, distinguisher: str) -> int:
    """The 64-bit hash of a flow: of the name of its schema and what tells flows of it apart."""
    text = flow_schema.encode() + b"\0" + distinguisher.encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "little")


def count_entropy_bits(deck: int, hand: int) -> int:
    """Bits of hash that dealing `hand` of `deck` queues uses up, at most; 1 <= hand <= deck."""
    return math.ceil(math.log2(deck) * hand)


@dataclass(frozen=True, slots=True)
class Dealer:
    """Deals hands of `hand` distinct queues out of `deck`, queues counted from 0."""

    deck: int
    hand: int

    def __post_init__(self) -> None:
        """Refuse sizes that cannot be dealt; raises DealError."""
        deck, hand = self.deck, self.hand
        if deck <= 0 or hand <= 0:
            raise DealError(f"deckSize {deck} or handSize {hand} is not positive")
        if hand > deck:
            raise DealError(f"handSize {hand} is greater than deckSize {deck}")
        if deck > LARGEST_DECK:
            raise DealError(f"deckSize {deck} is impractically large")
        if count_entropy_bits(deck, hand) > MAX_HASH_BITS:
            message = f"required entropy bits of deckSize {deck} and handSize {hand}"
            raise DealError(f"{message} is greater than {MAX_HASH_BITS}")

    def deal(self, hash_value: int) -> tuple[int, ...]:
        """The hand of a flow, in the order in which it is dealt."""
        left: list[int] = []
        for dealt in range(self.hand):
            hash_value, remainder = divmod(hash_value, self.deck - dealt)
            left.append(remainder)
        return tuple(self._place(left, position) for position in range(self.hand))

    @staticmethod
    def _place(left: list[int], position: int) -> int:
        """A card counted among those left becomes one counted among all."""
        card = left[position]
        for earlier in reversed(left[:position]):
            if card >= earlier:
                card += 1
        return card
