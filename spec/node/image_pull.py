"""How a kubelet sees to it that the image of a container is on its node, or why it is not.

Presence is looked up under the name with its default tag; the back-off after a failed pull is per
pod UID and image name as written. While it lasts, the last error is told again.

Source: Kubernetes v1.36, `pkg/kubelet/images/image_manager.go` and `puller.go`. Left out: failures
of the kubelet's own records of pulls, and throttled pulls. Times are whole seconds of one clock.
"""

from dataclasses import dataclass, field
from typing import Protocol

from planespec.spec.admission.image_names import ImageNameError, apply_default_tag
from planespec.spec.node.lifecycle.crash_backoff import BackOff
from planespec.spec.quantity.amount import quote

FIRST_WAIT = 10
"""Seconds without a pull after the first that fails (`imageBackOffPeriod`)."""
LONGEST_WAIT = 300
"""Seconds that no wait goes beyond (`MaxImageBackOff`); after twice as many it begins anew."""
_KNOWN_ERRORS = {
    "RegistryUnavailable": "the registry is unavailable",
    "SignatureValidationFailed": "the signature validation failed",
}


class ImageServiceError(Exception):
    """What the image service answers instead."""


@dataclass(frozen=True, slots=True)
class PulledImage:
    """A pull that succeeded; the durations are as Go prints them."""

    ref: str
    id: str
    took: str
    took_with_waiting: str


class ImageService(Protocol):
    """The image service of a container runtime; a call may raise ImageServiceError."""

    def get_image_ref(self, image: str) -> str:
        """Return what the runtime calls the image; empty where it is not there."""

    def pull_image(self, image: str) -> PulledImage:
        """Get the image from its registry."""

    def get_image_size(self, image: str) -> int:
        """Return its size in bytes."""


@dataclass(frozen=True, slots=True)
class PullRequest:
    """The image of a container of a pod, with the container's imagePullPolicy."""

    uid: str
    image: str
    policy: str
    may_use: bool = True
    """Whether the pod may use the image if it is there: it was pulled with credentials that the
    pod has too, or with none, or came with the node (KubeletEnsureSecretPulledImages)."""

    @property
    def key(self) -> str:
        """Where its back-off is kept."""
        return f"{self.uid}_{self.image}"


@dataclass(slots=True)
class PullAnswer:
    """What came of a request; `error` is the reason that the container's status shows."""

    ref: str = ""
    error: str = ""
    message: str = ""
    events: list[str] = field(default_factory=list)
    """Type, reason and message of each, in order."""


@dataclass(slots=True)
class ImageManager:
    """The image manager of one kubelet."""

    backoff: BackOff = field(default_factory=lambda: BackOff(FIRST_WAIT, LONGEST_WAIT))
    _last_errors: dict[str, str] = field(default_factory=dict)

    def ensure(self, request: PullRequest, service: ImageService, now: int) -> PullAnswer:
        """Look the image up, or pull it, as the policy says (`EnsureImageExists`).

        A policy that is none of the three is taken as one that looks nothing up.
        """
        image = quote(request.image)
        try:
            tagged = apply_default_tag(request.image)
        except ImageNameError as error:
            told = f"Failed to apply default image tag {image}: {error}"
            return _fail("InvalidImageName", told, f"Warning InspectFailed {told}")
        if request.policy in ("IfNotPresent", "Never"):
            try:
                ref = service.get_image_ref(tagged)
            except ImageServiceError as error:
                # Upstream quotes the reference that it did not get, not the image.
                told = f"Failed to inspect image {quote('')}: {error}"
                return _fail("ImageInspectError", told, f"Warning InspectFailed {told}")
            if ref and request.may_use:
                told = f"Container image {image} already present on machine"
                told = f"{told} and can be accessed by the pod"
                return PullAnswer(ref, message=told, events=[f"Normal Pulled {told}"])
            if request.policy == "Never":
                told = f"Container image {image} is not present with pull policy of Never"
                return _fail("ErrImageNeverPull", told, f"Warning ErrImageNeverPull {told}")
        return self._pull(request, tagged, service, now)

    def _pull(
        self, request: PullRequest, tagged: str, service: ImageService, now: int
    ) -> PullAnswer:
        """Pull the image unless a pull failed lately (`pullImage`)."""
        key, image = request.key, quote(request.image)
        if self.backoff.is_waiting_since_update(key, now):
            told = f"Back-off pulling image {image}"
            last = self._last_errors.get(key)
            message = f"{told}: {last}" if last else told
            return _fail("ImagePullBackOff", message, f"Normal BackOff {told}")
        self._last_errors.pop(key, None)
        begun = f"Normal Pulling Pulling image {image}"
        try:
            pulled = service.pull_image(tagged)
        except ImageServiceError as error:
            self.backoff.lengthen(key, now, now)
            reason, message = _explain(request.image, str(error))
            self._last_errors[key] = f"{reason}: {message}"
            failed = f"Warning Failed Failed to pull image {image}: {error}"
            return _fail(reason, message, begun, failed)
        told = f"Successfully pulled image {image} in {pulled.took}"
        told = f"{told} ({pulled.took_with_waiting} including waiting)."
        size = _get_size(pulled, tagged, service)
        self.backoff.collect_garbage(now)
        done = f"Normal Pulled {told} Image size: {size} bytes."
        return PullAnswer(pulled.ref, events=[begun, done])


def _fail(error: str, message: str, *events: str) -> PullAnswer:
    return PullAnswer("", error, message, list(events))


def _get_size(pulled: PulledImage, tagged: str, service: ImageService) -> int:
    """Ask for the size; that it is not told is no failure."""
    try:
        return service.get_image_size(tagged) if pulled.id else 0
    except ImageServiceError:
        return 0


def _explain(image: str, error: str) -> tuple[str, str]:
    """Name the reason that an error begins with, and put it into words (`evalCRIPullErr`)."""
    for reason, words in _KNOWN_ERRORS.items():
        if error.startswith(reason):
            rest = error.removeprefix(reason)
            return reason, f"image pull failed for {image} because {words}{rest}"
    return "ErrImagePull", error
