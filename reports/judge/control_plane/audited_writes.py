"""Requests as the audit log of an API server tells them: who asked for what, and the answer."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from planespec.reports.judge.control_plane.kind_types import check_object
from planespec.reports.judge.control_plane.logged_form import find_form_fault
from planespec.reports.judge.versions.api_requests import ApiRequest
from planespec.spec.controllers.batch.cron_jobs import read_time
from planespec.spec.objects.resource_names import KINDS
from planespec.spec.objects.view import ObjectError, View

Json = dict[str, Any]
READS = ("get", "list", "watch")
USER = "user"
"""The component of requests without a user agent, which are the script's."""
SERVER = "kube-apiserver"
"""The component of what the API server asks of itself."""
TIMEOUT = 504
"""The answer to a request that was given up; what it asked for may be done all the same."""


@dataclass(slots=True, eq=False, kw_only=True)
class Write(ApiRequest):
    """One audited request; times are seconds since 1970.

    The component is a controller, `kube-scheduler`, `hollow-kubelet`, `kube-apiserver` or `user`.
    """

    line: int
    process: str
    """The program it ran in, such as `kube-controller-manager`; empty of the script."""
    identity: str
    """The name by which it was authenticated."""
    reason: str
    message: str
    causes: list[str]
    """The messages of the causes of a refusal."""
    body: Json
    fault: str = ""
    """Why no API server logs the request so; empty where it may."""

    @property
    def is_read(self) -> bool:
        """Whether it asks only."""
        return self.verb in READS

    @property
    def may_be_done(self) -> bool:
        """Whether what it asks for may be stored."""
        return not self.is_read and (self.is_accepted or self.code == TIMEOUT)

    def __str__(self) -> str:
        """Name it for messages."""
        return f"{self.verb} {self.resource} {self.name}".rstrip() + f" by {self.component}"


def read_write(audit: View, number: int) -> Write:
    """Read an event of the audit log. Raises ObjectError."""
    audit.needing("verb", "objectRef", "responseStatus", "requestReceivedTimestamp")
    about, status = audit.view("objectRef"), audit.view("responseStatus")
    body = _read_body(audit, about)
    meta = body.view("metadata")
    agent, resource = audit.text("agent").split("/"), about.needing("resource").text("resource")
    resource += f"/{about.text('subresource')}" if about.text("subresource") else ""
    revision = meta.text("resourceVersion") or about.text("resourceVersion")
    if revision and not (revision.isascii() and revision.isdigit()):
        raise ObjectError(about.path("resourceVersion"), "must be a number")
    received = _read_moment(audit, "requestReceivedTimestamp")
    has_end = audit.has("stageTimestamp")
    return Write(
        line=number,
        component=_find_component(audit.text("agent"), audit.text("user")),
        process=agent[0],
        identity=audit.text("user"),
        verb=audit.text("verb"),
        resource=resource,
        namespace=about.text("namespace"),
        name=about.text("name") or meta.text("name"),
        uid=about.text("uid") or meta.text("uid"),
        revision=int(revision) if revision else None,
        received=received,
        done=_read_moment(audit, "stageTimestamp") if has_end else received,
        code=status.needed_integer("code"),
        reason=status.text("reason"),
        message=status.text("message"),
        causes=[each.text("message") for each in status.view("details").views("causes")],
        body=dict(body.data),
        query=parse_qs(urlsplit(audit.text("uri")).query),
        fault=find_form_fault(audit),
    )


def mark_repeated(writes: list[Write]) -> None:
    """Note which requests are told twice: no two came in and ended at the same microseconds."""
    known: dict[tuple[object, ...], Write] = {}
    for each in writes:
        times = (each.received, each.done)
        first = known.setdefault((*times, each.key, each.name, each.identity, each.code), each)
        if first is not each:
            each.fault = each.fault or f"line {first.line} tells the same request"


def _read_body(audit: View, about: View) -> View:
    """What was sent, its fields of the types that they have. Raises ObjectError."""
    body, part = audit.view("requestObject"), about.text("subresource")
    if audit.text("verb") != "delete" and part in ("", "status"):
        kind = KINDS.get(about.needing("resource").text("resource"), "")
        check_object(kind, body.data, body.field)
    body.view("target").text("name"), body.view("deleteOptions")
    return body


def _find_component(agent: str, user: str) -> str:
    if not agent:
        return USER
    parts = agent.split("/")
    if parts[0] == "kube-controller-manager":
        return user.rpartition(":")[2]
    return parts[0]


def _read_moment(view: View, name: str) -> float:
    text = view.text(name)
    try:
        return read_time(text).timestamp()
    except (ValueError, OverflowError) as error:
        raise ObjectError(view.path(name), "must be a time") from error
