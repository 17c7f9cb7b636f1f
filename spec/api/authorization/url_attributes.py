"""What a request asks for: verb, resource and name from its method and URL.

Source: `apiserver/pkg/endpoints/request/requestinfo.go` and `endpoints/filters/authorization.go`
(`GetAuthorizerAttributes`), v1.36.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, unquote_plus

from planespec.spec.api.authorization.access_request import Attributes, User
from planespec.spec.api.authorization.field_selectors import (
    FieldRequirement,
    FieldSelectorError,
    get_exact_match,
    parse_field_selector,
)
from planespec.spec.labels import SelectorError, parse_selector
from planespec.spec.quantity.amount import parse_int64

_PREFIXES = ("api", "apis")
_SPECIAL_VERBS = ("proxy", "watch")
_SELECTING_VERBS = ("list", "watch", "deletecollection")
_NAMESPACE_SUBRESOURCES = ("status", "finalize")
_VERBS = {
    "POST": "create",
    "GET": "get",
    "HEAD": "get",
    "PUT": "update",
    "PATCH": "patch",
    "DELETE": "delete",
}
_NUMBERS = ("limit", "timeoutSeconds")
_BAD_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")


class UrlError(ValueError):
    """A URL names no resource though its path begins as if it did; the message is upstream's."""

    def __init__(self, message: str, request: "UrlRequest") -> None:
        """Keep what is known of the request."""
        super().__init__(message)
        self.request = request


@dataclass(slots=True)
class UrlRequest:
    """What a method and a URL say; a verb in the path (`/watch/`) is known by `verb_in_path`."""

    path: str
    verb: str
    is_resource: bool = False
    prefix: str = ""
    group: str = ""
    version: str = ""
    namespace: str = ""
    resource: str = ""
    subresource: str = ""
    name: str = ""
    parts: tuple[str, ...] = ()
    field_selector: str = ""
    label_selector: str = ""
    verb_in_path: bool = False
    query: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def field_selector_error(self) -> str:
        """Why the field selector cannot be parsed; "" where it can."""
        try:
            parse_field_selector(self.field_selector)
        except FieldSelectorError as error:
            return str(error)
        return ""

    def make_attributes(self, user: User) -> Attributes:
        """What authorizers see; a field selector that cannot be parsed requires nothing."""
        broken = self.field_selector_error
        fields = () if broken else parse_field_selector(self.field_selector)
        return Attributes(
            user,
            self.verb,
            self.group,
            self.version,
            self.resource,
            self.subresource,
            self.namespace,
            self.name,
            self.path,
            self.is_resource,
            fields,
        )


def read_url(method: str, url: str) -> UrlRequest:
    """Read a method and the path and query of a URL; raises UrlError.

    `GET` of a collection is `list`, or `watch` by its query; a field selector of exactly one name
    gives the request that name.
    """
    raw, _, query = url.partition("?")
    request = UrlRequest(unquote(raw), method.lower(), query=_read_query(query))
    trimmed = request.path.strip("/")
    parts = trimmed.split("/") if trimmed else []
    if len(parts) < 3 or parts[0] not in _PREFIXES:
        return request
    if parts[0] == "apis" and len(parts) < 4:
        request.prefix = parts[0]
        return request
    _read_resource(request, method, url, parts)
    return request


def _read_resource(request: UrlRequest, method: str, url: str, parts: list[str]) -> None:
    request.prefix, *parts = parts
    if request.prefix != "api":
        request.group, *parts = parts
    request.is_resource = True
    request.version, *parts = parts
    if parts[0] in _SPECIAL_VERBS:
        if len(parts) < 2:
            message = f"unable to determine kind and namespace from url, {url}"
            raise UrlError(message, request)
        request.verb_in_path = True
        request.verb, *parts = parts
    else:
        request.verb = _VERBS.get(method, "")
    _read_parts(request, parts)
    _refine_verb(request)
    if not request.verb_in_path and request.verb in _SELECTING_VERBS:
        request.field_selector = _first(request.query, "fieldSelector")
        request.label_selector = _first(request.query, "labelSelector")


def _read_parts(request: UrlRequest, parts: list[str]) -> None:
    if parts[0] == "namespaces" and len(parts) > 1:
        request.namespace = parts[1]
        if len(parts) > 2 and parts[2] not in _NAMESPACE_SUBRESOURCES:
            parts = parts[2:]
    request.parts = tuple(parts)
    request.resource = parts[0]
    request.name = parts[1] if len(parts) > 1 else ""
    if len(parts) > 2 and request.verb != "proxy":
        request.subresource = parts[2]


def _refine_verb(request: UrlRequest) -> None:
    """A `get` without a name is a list or a watch, a `delete` deletes the collection."""
    if not request.name and request.verb == "get":
        request.verb = "watch" if _asks_to_watch(request.query) else "list"
        name = get_exact_match(_read_list_options(request.query), "metadata.name")
        if name and name not in (".", "..") and "/" not in name and "%" not in name:
            request.name = name
    if not request.name and request.verb == "delete":
        request.verb = "deletecollection"


def _asks_to_watch(query: Mapping[str, list[str]]) -> bool:
    """Any value of `watch` but `false` and `0` counts as true."""
    values = query.get("watch", [])
    return bool(values) and values[0].lower() not in ("false", "0")


def _read_list_options(query: Mapping[str, list[str]]) -> tuple[FieldRequirement, ...]:
    """What the field selector requires; nothing where any option cannot be decoded."""
    if any(name in query and parse_int64(query[name][0]) is None for name in _NUMBERS):
        return ()
    try:
        parse_selector(_first(query, "labelSelector"))
        return parse_field_selector(_first(query, "fieldSelector"))
    except (SelectorError, FieldSelectorError):
        return ()


def _first(query: Mapping[str, list[str]], name: str) -> str:
    return query[name][0] if name in query else ""


def _read_query(text: str) -> dict[str, list[str]]:
    """Read a query as Go's `url.Query` does: what cannot be unescaped is left out."""
    found: dict[str, list[str]] = {}
    for pair in text.split("&"):
        if not pair or ";" in pair or _BAD_ESCAPE.search(pair):
            continue
        name, _, value = pair.partition("=")
        found.setdefault(unquote_plus(name), []).append(unquote_plus(value))
    return found
