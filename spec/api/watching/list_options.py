"""The options of a list or watch: read from the query, defaulted, validated.

Source: `apimachinery/pkg/apis/meta/internalversion` (`defaults.go`, `validation/validation.go`),
`apimachinery/pkg/runtime/conversion.go`, `apiserver/pkg/endpoints/handlers/get.go`
(`ListResource`), v1.36, with the feature WatchList on, as it is by default.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from planespec.spec.api.authorization.field_selectors import (
    FieldRequirement,
    FieldSelectorError,
    get_exact_match,
    parse_field_selector,
)
from planespec.spec.api.watching.refusals_of_reads import (
    ReadRefusedError,
    bad_request,
    invalid_options,
)
from planespec.spec.labels.selector import EVERYTHING, Selector, SelectorError
from planespec.spec.labels.selector_text import parse_selector
from planespec.spec.quantity.amount import quote
from planespec.spec.validation.field_errors import Errors, forbidden, invalid, not_supported

EXACT, NOT_OLDER_THAN = "Exact", "NotOlderThan"
FIELDS = ("metadata.name", "metadata.namespace")
"""Fields by which objects of every kind can be selected."""
_DIGITS = re.compile(r"[0-9]+\Z", re.ASCII)
_SIGNED = re.compile(r"[+-]?[0-9]+\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class ListOptions:
    """What a list or watch asks for. `send_initial_events` None is "not given"."""

    watch: bool = False
    resource_version: str = ""
    match: str = ""
    limit: int = 0
    continue_token: str = ""
    labels: Selector = EVERYTHING
    fields: tuple[FieldRequirement, ...] = ()
    bookmarks: bool = False
    send_initial_events: bool | None = None

    @property
    def selects_all(self) -> bool:
        """Whether no selector restricts the objects."""
        return self.labels.is_empty and not self.fields

    @property
    def single_name(self) -> str | None:
        """The one name that can match, by which the object is read alone; None for a range."""
        if self.continue_token:
            return None
        return get_exact_match(self.fields, "metadata.name")

    @property
    def is_watch_list(self) -> bool:
        """Whether a bookmark has to end the initial events of the watch."""
        return bool(self.send_initial_events) and self.bookmarks


def read_list_options(query: Mapping[str, str], *, watch: bool = False) -> ListOptions:
    """Read, default and validate the parameters of a request, in upstream's order.

    `watch` is for the older path `/watch/`. Raises ReadRefusedError with 400 for a malformed
    parameter or an unknown field, with 422 for options that contradict each other.
    """
    options = _default(_decode(query))
    if errors := list(_validate(options)):
        raise ReadRefusedError(invalid_options(errors))
    for term in options.fields:
        if term.field not in FIELDS:
            known = ", ".join(map(quote, FIELDS))
            message = f"{quote(term.field)} is not a known field selector: only {known}"
            raise ReadRefusedError(bad_request(message))
    return replace(options, watch=options.watch or watch)


def _decode(query: Mapping[str, str]) -> ListOptions:
    try:
        labels = parse_selector(query.get("labelSelector", ""))
    except SelectorError as error:
        message = f"unable to parse requirement: {error}"
        raise ReadRefusedError(bad_request(message)) from error
    initial = query.get("sendInitialEvents")
    return ListOptions(
        watch=_read_flag(query.get("watch", "false")),
        resource_version=query.get("resourceVersion", ""),
        match=query.get("resourceVersionMatch", ""),
        limit=_read_integer(query.get("limit", "0")),
        continue_token=query.get("continue", ""),
        labels=labels,
        fields=_read_fields(query.get("fieldSelector", "")),
        bookmarks=_read_flag(query.get("allowWatchBookmarks", "false")),
        send_initial_events=None if initial is None else _read_flag(initial),
    )


def _read_flag(text: str) -> bool:
    return text.lower() not in ("false", "0")


def _read_integer(text: str) -> int:
    if not _SIGNED.match(text):
        fault = "invalid syntax"
    elif not -(2**63) <= int(text) < 2**63:
        fault = "value out of range"
    else:
        return int(text)
    raise ReadRefusedError(bad_request(f"strconv.ParseInt: parsing {quote(text)}: {fault}"))


def _read_fields(text: str) -> tuple[FieldRequirement, ...]:
    try:
        return parse_field_selector(text)
    except FieldSelectorError as error:
        raise ReadRefusedError(bad_request(str(error))) from error


def _default(options: ListOptions) -> ListOptions:
    """A watch from "" or 0 asks for initial events, unless it says anything about them."""
    if options.send_initial_events is not None or options.match:
        return options
    if options.watch and options.resource_version in ("", "0"):
        return replace(options, send_initial_events=True, match=NOT_OLDER_THAN)
    return options


def _validate(options: ListOptions) -> Errors:
    yield from _validate_watch(options) if options.watch else _validate_list(options)


def _validate_list(options: ListOptions) -> Errors:
    match, name = options.match, "resourceVersionMatch"
    if match:
        if not options.resource_version:
            yield forbidden(name, f"{name} is forbidden unless resourceVersion is provided")
        if options.continue_token:
            yield forbidden(name, f"{name} is forbidden when continue is provided")
        if match not in (EXACT, NOT_OLDER_THAN):
            yield not_supported(name, match, (EXACT, NOT_OLDER_THAN, ""))
        if match == EXACT and options.resource_version == "0":
            yield forbidden(name, f'{name} "exact" is forbidden for resourceVersion "0"')
    if options.send_initial_events is not None:
        yield forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list")


def _validate_watch(options: ListOptions) -> Errors:
    match, name = options.match, "resourceVersionMatch"
    asked = options.send_initial_events is not None
    if asked and match != NOT_OLDER_THAN:
        yield forbidden(name, f"sendInitialEvents requires setting {name} to {NOT_OLDER_THAN}")
    if not match:
        return
    if not asked:
        yield forbidden(
            name, f"{name} is forbidden for watch unless sendInitialEvents is provided"
        )
    if match != NOT_OLDER_THAN:
        yield not_supported(name, match, (NOT_OLDER_THAN,))
    if options.continue_token:
        yield forbidden(name, f"{name} is forbidden when continue is provided")


def parse_resource_version(text: str) -> int:
    """Read a revision; "" and "0" are 0. Raises ValueError with upstream's message."""
    if text in ("", "0"):
        return 0
    if not _DIGITS.match(text):
        fault = "invalid syntax"
    elif int(text) >= 2**64:
        fault = "value out of range"
    else:
        return int(text)
    said = f"strconv.ParseUint: parsing {quote(text)}: {fault}"
    raise ValueError(str(invalid("resourceVersion", text, said)))
