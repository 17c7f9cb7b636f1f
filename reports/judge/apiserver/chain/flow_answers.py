"""Answers about priority and fairness that follow from their question alone."""

from planespec.reports.judge.recorded_fields import read_number
from planespec.spec.api.flow_control.concurrency_allocation import (
    AllocationError,
    SeatClass,
    allocate,
)
from planespec.spec.api.flow_control.flow_schemas import FlowRequest, FlowUser, matches
from planespec.spec.api.flow_control.shuffle_sharding import (
    Dealer,
    DealError,
    count_entropy_bits,
    hash_flow,
)
from planespec.spec.objects.view import View


def answer_allocation(given: View, _recorded: View) -> object:
    """Seats for each class and the fair proportion, or why there is no allocation."""
    classes = [
        SeatClass(*(_number(item, name) for name in ("target", "lowerBound", "upperBound")))
        for item in given.views("classes")
    ]
    try:
        found = allocate(given.needed_integer("requiredSum"), classes)
    except AllocationError as error:
        return {"error": str(error)}
    return {
        "allocation": [_print(seats) for seats in found.seats],
        "fairProportion": _print(found.fair_proportion),
    }


def answer_sharding(given: View, _recorded: View) -> object:
    """The hash of a flow and the hand of queues it is dealt."""
    deck, hand = given.needed_integer("queues"), given.needed_integer("handSize")
    hash_value = hash_flow(given.text("flowSchema"), given.text("distinguisher"))
    answer: dict[str, object] = {"hash": str(hash_value)}
    if deck > 0:
        answer["entropyBits"] = count_entropy_bits(deck, hand)
    try:
        answer["hand"] = list(Dealer(deck, hand).deal(hash_value))
    except DealError as error:
        answer["error"] = str(error)
    return answer


def answer_match(given: View, _recorded: View) -> object:
    """Whether the rules of a flow schema match a request."""
    user = given.view("user")
    asked = given.view("request")
    request = FlowRequest(
        verb=asked.text("verb"),
        is_resource=asked.flag("resourceRequest"),
        path=asked.text("path"),
        group=asked.text("apiGroup"),
        resource=asked.text("resource"),
        subresource=asked.text("subresource"),
        namespace=asked.text("namespace"),
    )
    named = FlowUser(user.text("name"), tuple(user.texts("groups")))
    return {"matches": matches(given.views("rules"), named, request)}


def _number(given: View, name: str) -> float:
    return float(read_number(given, name))


def _print(value: float) -> int | float:
    """A number as Go's JSON has it, which leaves a fraction of zero away."""
    return int(value) if value.is_integer() else value
