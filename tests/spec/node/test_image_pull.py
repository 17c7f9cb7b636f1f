"""A kubelet pulls an image when its policy says so, and waits longer after each failure.

Expected values follow upstream's source, also where no recorded line goes.
"""

from dataclasses import dataclass, field

import pytest

from planespec.spec.node.image_pull import (
    ImageManager,
    ImageServiceError,
    PullAnswer,
    PulledImage,
    PullRequest,
)


@dataclass
class Service:
    """A runtime with one reference for any image, or none, and errors by call."""

    ref: str = ""
    inspect_error: str = ""
    pull_error: str = ""
    size_error: str = ""
    pulled_id: str = "sha256:1"
    asked: list[str] = field(default_factory=list)

    def get_image_ref(self, image: str) -> str:
        self.asked.append(f"ref {image}")
        return self._answer(self.inspect_error, self.ref)

    def pull_image(self, image: str) -> PulledImage:
        self.asked.append(f"pull {image}")
        ref = self._answer(self.pull_error, "pulled")
        return PulledImage(ref, self.pulled_id, "1s", "2s")

    def get_image_size(self, image: str) -> int:
        self.asked.append(f"size {image}")
        self._answer(self.size_error, "")
        return 7

    @staticmethod
    def _answer(error: str, answer: str) -> str:
        if error:
            raise ImageServiceError(error)
        return answer


def ask(service: Service, policy: str, *, image: str = "app", may_use: bool = True) -> PullAnswer:
    return ImageManager().ensure(PullRequest("u", image, policy, may_use), service, 0)


@pytest.mark.parametrize(
    ("policy", "present", "may_use", "asked", "error"),
    [
        ("Always", "r", True, ["pull", "size"], ""),
        ("IfNotPresent", "r", True, ["ref"], ""),
        ("IfNotPresent", "", True, ["ref", "pull", "size"], ""),
        ("IfNotPresent", "r", False, ["ref", "pull", "size"], ""),
        ("Never", "r", True, ["ref"], ""),
        ("Never", "", True, ["ref"], "ErrImageNeverPull"),
        ("Never", "r", False, ["ref"], "ErrImageNeverPull"),
        ("", "r", True, ["pull", "size"], ""),
    ],
)
def test_the_policy_says_whether_to_look_and_whether_to_pull(
    policy: str, present: str, may_use: bool, asked: list[str], error: str
) -> None:
    service = Service(present)
    answer = ask(service, policy, may_use=may_use)
    assert service.asked == [f"{each} app:latest" for each in asked]
    assert answer.error == error
    assert answer.ref == ("" if error else "pulled" if "pull" in asked else "r")


@pytest.mark.parametrize(
    ("service", "size"),
    [(Service(), 7), (Service(size_error="x"), 0), (Service(pulled_id=""), 0)],
)
def test_a_size_that_is_not_told_is_zero(service: Service, size: int) -> None:
    answer = ask(service, "Always")
    assert answer.events == [
        'Normal Pulling Pulling image "app"',
        'Normal Pulled Successfully pulled image "app" in 1s (2s including waiting). '
        f"Image size: {size} bytes.",
    ]
    assert (answer.error, answer.message) == ("", "")


def test_an_image_that_cannot_be_looked_up_is_not_pulled() -> None:
    answer = ask(Service(inspect_error="down"), "IfNotPresent")
    told = 'Failed to inspect image "": down'
    assert answer == PullAnswer("", "ImageInspectError", told, [f"Warning InspectFailed {told}"])


@pytest.mark.parametrize(
    ("error", "reason", "message"),
    [
        ("RegistryUnavailable", "RegistryUnavailable", "because the registry is unavailable"),
        ("SignatureValidationFailed: x", "SignatureValidationFailed", "validation failed: x"),
        ("no RegistryUnavailable", "ErrImagePull", "no RegistryUnavailable"),
    ],
)
def test_errors_are_known_by_how_they_begin(error: str, reason: str, message: str) -> None:
    answer = ask(Service(pull_error=error), "Always")
    assert answer.error == reason
    assert answer.message.endswith(message)
    assert answer.events[-1] == f'Warning Failed Failed to pull image "app": {error}'


def test_waits_double_up_to_five_minutes_and_the_last_error_is_told_meanwhile() -> None:
    manager, request = ImageManager(), PullRequest("u", "app", "Always")
    now, waits = 0, []
    for _ in range(7):
        manager.ensure(request, Service(pull_error="e"), now)
        waits.append(manager.backoff.get_wait(request.key))
        answer = manager.ensure(request, Service(), now + waits[-1] - 1)
        assert answer.error == "ImagePullBackOff"
        assert answer.message == 'Back-off pulling image "app": ErrImagePull: e'
        assert answer.events == ['Normal BackOff Back-off pulling image "app"']
        now += waits[-1]
    assert waits == [10, 20, 40, 80, 160, 300, 300]
    assert manager.ensure(request, Service(), now).ref == "pulled"


def test_a_wait_is_the_pods_and_the_images_as_written() -> None:
    manager = ImageManager()
    manager.ensure(PullRequest("u", "app", "Always"), Service(pull_error="e"), 0)
    assert manager.ensure(PullRequest("u", "app:latest", "Always"), Service(), 1).ref
    assert manager.ensure(PullRequest("v", "app", "Always"), Service(), 1).ref
    assert manager.ensure(PullRequest("u", "app", "IfNotPresent"), Service("r"), 1).ref == "r"
    assert not manager.ensure(PullRequest("u", "app", "Always"), Service("r"), 1).ref


@pytest.mark.parametrize(("pause", "wait"), [(600, 20), (601, 10)])
def test_waits_begin_anew_after_ten_minutes(pause: int, wait: int) -> None:
    manager, request = ImageManager(), PullRequest("u", "app", "Always")
    manager.ensure(request, Service(pull_error="e"), 0)
    manager.ensure(request, Service(pull_error="e"), pause)
    assert manager.backoff.get_wait(request.key) == wait


def test_a_pull_that_succeeds_drops_the_waits_that_are_over_for_long() -> None:
    manager, request = ImageManager(), PullRequest("u", "app", "Always")
    manager.ensure(request, Service(pull_error="e"), 0)
    manager.ensure(request, Service(), 600)
    assert manager.backoff.get_wait(request.key) == 10
    manager.ensure(PullRequest("v", "app", "Always"), Service(), 601)
    assert manager.backoff.get_wait(request.key) == 0
