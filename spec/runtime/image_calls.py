"""Calls of the image service: status, list, remove and pull.

Source: containerd v2.3.4, `internal/cri/server/images`, and v1.6.20, `pkg/cri/server/image_*.go`.
Left out: digests and ids of images as references; registries that answer.
"""

from planespec.spec.admission.image_names import ImageNameError, parse_image_name
from planespec.spec.quantity.amount import quote
from planespec.spec.runtime.cri_store import Code, CriError, CriStore, Image, Version

_LOCAL = ("localhost", "127.0.0.1", "::1")


def resolve(store: CriStore, ref: str) -> Image:
    """Return the image that a reference means (`LocalResolve`). Raises CriError.

    An empty one is the beginning of every id.
    """
    if not ref and len(store.images) > 1:
        raise CriError(Code.UNKNOWN, "ambiguous digest string")
    if not ref and store.images:
        return next(iter(store.images.values()))
    image = store.images.get(ref)
    if image is None:
        raise CriError(Code.NOT_FOUND, "not found")
    return image


def get_image(store: CriStore, ref: str) -> Image | None:
    """Return an image (`ImageStatus`), None where it is not there. Raises CriError."""
    try:
        return resolve(store, ref)
    except CriError as error:
        if error.code == Code.NOT_FOUND:
            return None
        raise error.within(f"can not resolve {quote(ref)} locally") from None


def list_images(store: CriStore) -> list[Image]:
    """Return all images (`ListImages`), in no order: whatever a filter asks for."""
    return list(store.images.values())


def remove_image(store: CriStore, ref: str) -> None:
    """Remove an image (`RemoveImage`), be it in use or not there. Raises CriError."""
    image = get_image(store, ref)
    if image is not None:
        del store.images[image.tag]


def refuse_pull(store: CriStore, ref: str) -> CriError:
    """Return why an image cannot be pulled (`PullImage`) whose registry is not reached.

    Nothing listens at its port.
    """
    try:
        image = parse_image_name(ref)
    except ImageNameError as error:
        reason = str(error).removeprefix(f"couldn't parse image name {quote(ref)}: ")
        if store.version is Version.V1_6 and reason.endswith("must be lowercase"):
            # Its parser does not repeat the name.
            reason = "invalid reference format: repository name must be lowercase"
        told = f"failed to parse image reference {quote(ref)}"
        return CriError(Code.UNKNOWN, f"{told}: {reason}")
    host, _, path = image.name.partition("/")
    full = f"{image.name}@{image.digest}" if image.digest else f"{image.name}:{image.tag}"
    told = f"failed to pull and unpack image {quote(full)}: failed to resolve "
    told += f"reference {quote(full)}" if store.version is Version.V1_6 else "image"
    is_local = host.rpartition(":")[0] in _LOCAL or host in _LOCAL
    scheme = "http" if store.version is Version.V1_6 and is_local else "https"
    url = f"{scheme}://{host}/v2/{path}/manifests/{image.digest or image.tag}"
    asked = f"failed to do request: Head {quote(url)}"
    return CriError(Code.UNKNOWN, f"{told}: {asked}: dial tcp {host}: connect: connection refused")
