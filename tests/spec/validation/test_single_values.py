"""Rules for single values: cron lines, zones, durations, addresses, indexes, how Go prints."""

import re

import pytest

from planespec.spec.objects import ObjectMeta
from planespec.spec.validation.addresses import (
    get_address_errors,
    is_dual_stack,
    parse_network,
    validate_cidr,
)
from planespec.spec.validation.field_errors import (
    duplicate,
    invalid,
    not_supported,
    print_value,
    too_long,
    too_many,
)
from planespec.spec.validation.kinds.cron_lines import (
    get_duration_error,
    get_schedule_errors,
    get_time_zone_errors,
)
from planespec.spec.validation.kinds.job_rules import count_indexes
from planespec.spec.validation.object_meta import validate_object_meta
from planespec.spec.validation.object_rules import find_kind, validate_object
from planespec.spec.validation.value_rules import (
    get_config_key_errors,
    get_percent_errors,
    get_wildcard_errors,
    validate_signer_name,
)


@pytest.mark.parametrize(
    "line",
    [
        *("* * * * *", "*/5 0-6,22 1,15 jan-MAR mon,FRI", "0 0 31 2 ?", "@daily", "@every 1h30m"),
        *("5/10 * * * *", ",5 * * * *", "@every 1.5h", "0 0 * * sun"),
    ],
)
def test_a_schedule_is_accepted(line: str) -> None:
    assert get_schedule_errors(line) == []


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("60 * * * *", "end of range (60) above maximum (59): 60"),
        ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
        ("9-5 * * * *", "beginning of range (9) beyond end of range (5): 9-5"),
        ("9-5/2 * * * *", "beginning of range (9) beyond end of range (5): 9-5/2"),
        ("*/0 * * * *", "step of range should be a positive number: */0"),
        ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
        ("1/2/3 * * * *", "too many slashes: 1/2/3"),
        ("x * * * *", 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'),
        ("* * * * 7", "end of range (7) above maximum (6): 7"),
        ("* * * * * *", "expected exactly 5 fields, found 6: [* * * * * *]"),
        ("@noon", "unrecognized descriptor: @noon"),
        ("@every soon", 'failed to parse duration @every soon: time: invalid duration "soon"'),
        (
            "99999999999999999999 * * * *",
            "failed to parse int from 99999999999999999999: strconv.Atoi: parsing "
            '"99999999999999999999": value out of range',
        ),
    ],
)
def test_a_schedule_is_refused_in_the_parsers_words(line: str, error: str) -> None:
    assert get_schedule_errors(line) == [error]


def test_a_schedule_may_not_name_a_zone() -> None:
    words = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
    assert get_schedule_errors("CRON_TZ=UTC 0 0 * * *") == [words]
    unknown = "provided bad location Nowhere: unknown time zone Nowhere"
    assert get_schedule_errors("TZ=Nowhere 0 0 * * *") == [unknown, words]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("1h", ""),
        ("-1.5h", ""),
        ("0", ""),
        ("", 'time: invalid duration ""'),
        ("5", 'time: missing unit in duration "5"'),
        ("1d", 'time: unknown unit "d" in duration "1d"'),
        (".s", 'time: invalid duration ".s"'),
    ],
)
def test_a_duration_is_one_of_go(text: str, error: str) -> None:
    assert get_duration_error(text) == error


@pytest.mark.parametrize(
    ("zone", "errors"),
    [
        ("Europe/Berlin", []),
        ("UTC", []),
        ("", ["timeZone must be nil or non-empty string"]),
        ("Moon/Base", ["unknown time zone Moon/Base"]),
        ("../etc", ["unknown time zone ../etc"]),
        (
            "Local",
            [
                "timeZone must be an explicit time zone as defined in "
                "https://www.iana.org/time-zones"
            ],
        ),
    ],
)
def test_a_time_zone_is_one_of_the_database(zone: str, errors: list[str]) -> None:
    assert get_time_zone_errors(zone) == errors


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        ("10.0.0.1", []),
        ("2001:db8::1", []),
        ("010.0.0.1", ["must not have leading 0s"]),
        ("::ffff:10.0.0.1", ["must not be an IPv4-mapped IPv6 address"]),
        ("10.0.0", ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"]),
        ("fe80::1%eth0", ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"]),
    ],
)
def test_an_address_is_written_without_doubt(text: str, errors: list[str]) -> None:
    assert get_address_errors(text) == errors


def test_a_canonical_address_is_written_in_one_way() -> None:
    assert get_address_errors("2001:DB8::1", canonical=True) == [
        'must be in canonical form ("2001:db8::1")'
    ]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("10.0.0.0/8", None),
        ("10.0.0.0", "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"),
        ("10.0.0.0/33", "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"),
        ("10.0.0.0/08", "must not have leading 0s in IP or prefix length"),
        ("10.0.0.1/8", "must not have bits set beyond the prefix length"),
    ],
)
def test_a_network_is_written_without_doubt(text: str, error: str | None) -> None:
    found = [each.message for each in validate_cidr("f", text)]
    assert found == ([] if error is None else [f'Invalid value: "{text}": {error}'])


def test_families_are_told_by_colons() -> None:
    assert is_dual_stack(["10.0.0.1", "::1"])
    assert not is_dual_stack(["10.0.0.1", "10.0.0.2"])
    assert parse_network("x/8") is None


@pytest.mark.parametrize(
    ("text", "completions", "answer"),
    [
        ("", 5, 0),
        ("0,2-4", 5, 4),
        ("0-5", 5, 'too large index: "5"'),
        ("3,1", 5, "non-increasing order, previous: 3, current: 1"),
        ("2-2", 5, "non-increasing order, previous: 2, current: 2"),
        ("a", 5, 'cannot convert string to integer for index: "a"'),
        (
            "1-2-3",
            5,
            'the fragment "1-2-3" violates the requirement that an index interval can have at '
            "most two parts separated by '-'",
        ),
    ],
)
def test_indexes_are_counted_in_order(text: str, completions: int, answer: int | str) -> None:
    if isinstance(answer, int):
        assert count_indexes(text, completions) == answer
        return
    with pytest.raises(ValueError, match=re.escape(answer)):
        count_indexes(text, completions)


def test_values_print_as_go_prints_them() -> None:
    assert print_value('a"b') == '"a\\"b"'
    assert print_value(True) == "true"
    assert print_value(None) == "null"
    assert print_value({"b": "<", "a": [1]}) == '{"b":"\\u003c","a":[1]}'
    assert str(invalid("f", 5, "why")) == "f: Invalid value: 5: why"
    assert str(duplicate("f", "x")) == 'f: Duplicate value: "x"'
    assert str(not_supported("f", "x", ("a", "b"))) == (
        'f: Unsupported value: "x": supported values: "a", "b"'
    )
    assert str(too_long("f", 9)) == "f: Too long: may not be more than 9 bytes"
    assert str(too_many("f", 9, 5)) == "f: Too many: 9: must have at most 5 items"


def test_keys_percentages_and_wildcards_are_checked() -> None:
    assert get_config_key_errors("a.b-c_d") == []
    assert get_config_key_errors("..a") == ["must not start with '..'"]
    assert get_config_key_errors("..") == ["must not be '..'"]
    assert len(get_config_key_errors("a" * 254)) == 1
    assert get_percent_errors("10%") == []
    assert get_percent_errors("10") != []
    assert get_wildcard_errors("*.example.com") == []
    assert get_wildcard_errors("a.*.com") != []


@pytest.mark.parametrize(
    ("name", "count"),
    [("example.com/signer", 0), ("signer", 1), ("", 1), ("example/signer", 1), ("a_b.com/s", 1)],
)
def test_a_signer_is_named_by_a_domain_and_a_path(name: str, count: int) -> None:
    assert len(list(validate_signer_name("f", name))) == count


def test_metadata_of_a_created_object_is_checked() -> None:
    kind = find_kind("", "Namespace")
    assert kind is not None
    meta = ObjectMeta({"namespace": "x", "labels": {"a b": ""}}, "metadata")
    found = [str(e) for e in validate_object_meta(meta, kind.name, is_namespaced=False)]
    assert [each.partition(": ")[0] for each in found] == [
        "metadata.name",
        "metadata.namespace",
        "metadata.labels",
    ]
    owners = [
        {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": n, "uid": n, "controller": True}
        for n in "ab"
    ]
    meta = ObjectMeta({"name": "a-", "ownerReferences": owners}, "metadata")
    found = [str(e) for e in validate_object_meta(meta, kind.name, is_namespaced=False)]
    assert "metadata.name: Invalid value" in found[0]
    assert "Only one reference can have Controller set to true" in found[1]


def test_a_generated_name_may_end_with_a_dash() -> None:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"generateName": "web-"},
        "spec": {"containers": [{"name": "c", "image": "i:1"}]},
    }
    assert list(validate_object(pod)) == []
    assert list(validate_object({"apiVersion": "example.com/v1", "kind": "Widget"})) == []
