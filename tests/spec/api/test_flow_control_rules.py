"""Sharing seats, dealing queues and matching schemas, beyond what recordings reach."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planespec.spec.api.flow_control.concurrency_allocation import (
    AllocationError,
    SeatClass,
    allocate,
    print_number,
)
from planespec.spec.api.flow_control.flow_schemas import (
    FlowRequest,
    FlowSchema,
    FlowUser,
    classify,
    distinguish,
    matches,
    read_flow_schema,
)
from planespec.spec.api.flow_control.shuffle_sharding import Dealer, DealError
from planespec.spec.objects.view import ObjectError, View

ALICE = FlowUser("alice", ("dev",))
EVERYONE = [{"kind": "User", "user": {"name": "*"}}]


def test_bounds_that_leave_no_room_are_the_allocation() -> None:
    classes = [SeatClass(2, 1, 4), SeatClass(4, 4, 8)]
    assert allocate(5, classes).seats == (1, 4)
    assert allocate(5, classes).fair_proportion == 0.5
    assert allocate(12, classes).seats == (4, 8)
    assert allocate(12, classes).fair_proportion == 2


def test_nothing_required_is_nothing_given_whatever_the_bounds() -> None:
    assert allocate(0, [SeatClass(3, 0, 5)]).seats == (0,)
    assert allocate(0, []).seats == ()


@pytest.mark.parametrize(
    ("required", "classes", "message"),
    [
        (-1, [], "negative sums are not supported"),
        (1, [SeatClass(1, -0.5, 2)], "lower bound 0 is -0.5 but negative lower bounds are not"),
        (1, [SeatClass(2, 2, 1)], "upper bound 0 is 1 but should not be less than the lower bo"),
        (1, [], "upper bounds sum to 0, which is lower than the required sum of 1"),
    ],
)
def test_what_cannot_be_allocated_is_told(
    required: int, classes: list[SeatClass], message: str
) -> None:
    with pytest.raises(AllocationError) as refused:
        allocate(required, classes)
    assert str(refused.value).startswith(message)


BOUNDS = st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(0, 20)).map(sorted)


@given(st.lists(BOUNDS, min_size=1, max_size=6), st.integers(1, 120))
def test_an_allocation_adds_up_and_treats_free_classes_alike(
    bounds: list[list[int]], required: int
) -> None:
    classes = [SeatClass(target, lower, upper) for lower, target, upper in bounds]
    if not sum(c.lower for c in classes) <= required <= sum(c.upper for c in classes):
        return
    found = allocate(required, classes)
    assert sum(found.seats) == pytest.approx(required)
    for item, seats in zip(classes, found.seats, strict=True):
        assert item.lower - 1e-9 <= seats <= item.upper + 1e-9
        fair = found.fair_proportion * max(item.target, 0.001)
        if item.lower + 1e-6 < seats < item.upper - 1e-6:
            assert seats == pytest.approx(fair)


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.0, "3"), (0.1 + 0.2, "0.30000000000000004"), (1e20, "1" + "0" * 20), (1e21, "1e+21")],
)
def test_numbers_are_printed_as_go_prints_them(value: float, text: str) -> None:
    assert print_number(value) == text
    assert print_number(1.5e-7) == "1.5e-07"


def test_a_deck_that_is_impractical_or_empty_is_refused() -> None:
    with pytest.raises(DealError, match="deckSize 67108865 is impractically large"):
        Dealer(2**26 + 1, 1)
    with pytest.raises(DealError, match="deckSize 0 or handSize 1 is not positive"):
        Dealer(0, 1)


def test_every_hand_comes_up_equally_often() -> None:
    hands = [Dealer(5, 3).deal(value) for value in range(60)]
    assert sorted(hands) == sorted(itertools.permutations(range(5), 3))


def rule(**fields: object) -> View:
    return View({"subjects": EVERYONE, **fields})


def covers(url: str, path: str) -> bool:
    rules = [rule(nonResourceRules=[{"verbs": ["get"], "nonResourceURLs": [url]}])]
    return matches(rules, ALICE, FlowRequest("get", False, path=path))


def test_a_url_covers_what_lies_below_it_star_or_not() -> None:
    assert covers("/healthz", "/healthz/etcd")
    assert covers("/healthz/*", "/healthz/etcd")
    assert covers("*", "/anything")
    assert not covers("/healthz", "/healthzz")
    assert not covers("/healthz/*", "/healthz")


def test_a_star_among_others_stands_for_itself_only() -> None:
    resource = {
        "verbs": ["*", "get"],
        "apiGroups": ["*"],
        "resources": ["*"],
        "clusterScope": True,
    }
    request = FlowRequest("list", True, resource="nodes")
    assert not matches([rule(resourceRules=[resource])], ALICE, request)
    resource["verbs"] = ["*"]
    assert matches([rule(resourceRules=[resource])], ALICE, request)


@pytest.mark.parametrize(
    ("subject", "user", "answer"),
    [
        ({"kind": "Group", "group": {"name": "*"}}, ALICE, True),
        ({"kind": "Group"}, FlowUser("a", ("",)), False),
        ({"kind": "User"}, FlowUser(""), False),
        ({"kind": "Robot", "user": {"name": "*"}}, ALICE, False),
        ({"kind": "ServiceAccount"}, FlowUser("system:serviceaccount::"), False),
        (
            {"kind": "ServiceAccount", "serviceAccount": {"namespace": "ns", "name": "*"}},
            FlowUser("system:serviceaccount:ns:a:b"),
            True,
        ),
        (
            {"kind": "ServiceAccount", "serviceAccount": {"namespace": "ns", "name": "a"}},
            FlowUser("system:serviceaccount:ns:ab"),
            False,
        ),
    ],
)
def test_a_subject_needs_the_part_that_its_kind_names(
    subject: dict[str, object], user: FlowUser, answer: bool
) -> None:
    rules = [
        View(
            {
                "subjects": [subject],
                "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
            }
        )
    ]
    assert matches(rules, user, FlowRequest("get", False, path="/x")) is answer


def schema(name: str, precedence: int, level: str = "low", method: str = "") -> FlowSchema:
    rules = (rule(nonResourceRules=[{"verbs": ["*"], "nonResourceURLs": ["*"]}]),)
    return FlowSchema(name, level, precedence, method, rules)


def test_the_lowest_precedence_decides_then_the_name_and_a_dangling_schema_never() -> None:
    request = FlowRequest("get", False, path="/x")
    schemas = [schema("b", 5), schema("a", 5), schema("gone", 1, level="missing")]
    found = classify(schemas, {"low"}, ALICE, request)
    assert found is not None
    assert found.name == "a"


def test_without_a_match_the_catch_all_takes_the_request() -> None:
    last = FlowSchema("catch-all", "catch-all", 10000, "ByUser", ())
    request = FlowRequest("get", False, path="/x")
    found = classify([last], {"catch-all"}, ALICE, request)
    assert found is last
    assert classify([], {"catch-all"}, ALICE, request) is None
    assert distinguish(last, ALICE, request) == "alice"
    assert distinguish(schema("a", 1, method="ByNamespace"), ALICE, request) == ""
    assert distinguish(schema("a", 1), ALICE, request) == ""


def test_an_unknown_way_to_tell_flows_apart_is_refused() -> None:
    with pytest.raises(ObjectError, match=r"spec\.distinguisherMethod\.type: must be"):
        read_flow_schema("a", View({"distinguisherMethod": {"type": "ByMoon"}}, "spec"))
    assert read_flow_schema("a", View({}, "spec")).precedence == 1000
