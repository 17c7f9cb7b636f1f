"""What the kinds of `authz` recordings have in common: requests with answers, attributes."""

from collections.abc import Iterator

from planespec.spec.api.authorization.access_request import Answer, Attributes, read_user
from planespec.spec.api.authorization.field_selectors import (
    FieldSelectorError,
    parse_field_selector,
)
from planespec.spec.objects.view import ObjectError, View

Pair = tuple[object, object, object]
"""What was asked, what was answered, and what the rules answer."""


def pair_answers(given: View, out: View) -> Iterator[tuple[View, object]]:
    """Yield each of the requests with its answer; raises ObjectError where one has none."""
    requests, answers = given.views("requests"), out.items("answers")
    if len(requests) != len(answers):
        message = f"has {len(answers)} items for {len(requests)} requests"
        raise ObjectError(out.path("answers"), message)
    yield from zip(requests, answers, strict=True)


def read_attributes(asked: View) -> Attributes:
    """Read the attributes of a request as the recorder wrote them; raises ObjectError."""
    try:
        fields = parse_field_selector(asked.text("fieldSelector"))
    except FieldSelectorError:
        fields = ()
    return Attributes(
        read_user(asked.view("user")),
        asked.text("verb"),
        asked.text("apiGroup"),
        "",
        asked.text("resource"),
        asked.text("subresource"),
        asked.text("namespace"),
        asked.text("name"),
        asked.text("path"),
        asked.flag("resourceRequest"),
        fields,
    )


def write_answer(answer: Answer) -> dict[str, str]:
    """A decision with its reason, where there is one."""
    reason = {"reason": answer.reason} if answer.reason else {}
    return {"decision": str(answer.decision), **reason}
