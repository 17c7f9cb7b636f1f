"""Judge of `kubelet_imagepull`: what a kubelet does about the image of a container.

A line is `{"case", "steps": [...]}`, the requests that one image manager got in turn. A step has
the pod's `uid`, `image`, `policy`, the seconds by which the clock `advance`d before it, and how
the runtime answers: `present` images, `inspectError` for one that is absent (upstream's fake
runtime looks for the image first), `runtimeError` of the pull. Each step is one comparison: `ref`,
`error`, `message`, `events`, the `calls` of the runtime, and `backoffSeconds`, the wait that pod
and image have after it. Every pod may use every image that is present. Durations were taken out of
the recorded events (`<t>`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from planespec.reports.judge.recorded_fields import read_amount
from planespec.reports.judge.runner import Comparison, compare, judge_lines, part_answers
from planespec.spec.node.image_pull import (
    ImageManager,
    ImageServiceError,
    PulledImage,
    PullRequest,
)
from planespec.spec.objects.view import ObjectError, View

_ANSWERS = ("ref", "error", "message", "events", "calls", "backoffSeconds")
_POLICIES = ("Always", "IfNotPresent", "Never")
_DURATION = "<t>"


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each step; InputError where the recording is malformed."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    manager, now = ImageManager(), 0
    for step in line.needing("steps").views("steps"):
        request = _read_request(step)
        now += read_amount(step, "advance")
        service = _Service(step.texts("present"), step.text("inspectError"))
        service.pull_error = step.text("runtimeError")
        answer = manager.ensure(request, service, now)
        actual: dict[str, object] = {"ref": answer.ref, "message": answer.message}
        actual |= {"events": answer.events, "calls": service.calls}
        actual["backoffSeconds"] = manager.backoff.get_wait(request.key)
        if answer.error:
            actual["error"] = answer.error
        given, expected = part_answers(step.data, _ANSWERS)
        yield compare(request.policy, where, given, expected, actual)


def _read_request(step: View) -> PullRequest:
    step.needing("uid", "image", "policy", "events")
    policy = step.text("policy")
    if policy not in _POLICIES:
        raise ObjectError(step.path("policy"), f"{policy!r} is none of {', '.join(_POLICIES)}")
    return PullRequest(step.text("uid"), step.text("image"), policy)


@dataclass(slots=True)
class _Service:
    """The recorder's image service: images are called by their names and have no size."""

    present: list[str]
    inspect_error: str
    pull_error: str = ""
    calls: list[str] = field(default_factory=list)

    def get_image_ref(self, image: str) -> str:
        self.calls.append("GetImageRef")
        if image not in self.present and self.inspect_error:
            raise ImageServiceError(self.inspect_error)
        return image if image in self.present else ""

    def pull_image(self, image: str) -> PulledImage:
        self.calls.append("PullImage")
        if self.pull_error:
            raise ImageServiceError(self.pull_error)
        return PulledImage(image, image, _DURATION, _DURATION)

    def get_image_size(self, image: str) -> int:
        self.calls.append("GetImageSize")
        return 0
