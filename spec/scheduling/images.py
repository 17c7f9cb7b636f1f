"""Names of container images as the scheduler compares them."""


def normalize_image_name(name: str) -> str:
    """Return the name with :latest where it has neither tag nor digest.

    The last colon after the last slash begins a tag. Source:
    `pkg/scheduler/framework/plugins/imagelocality/image_locality.go`, normalizedImageName.
    """
    return name if name.rfind(":") > name.rfind("/") else f"{name}:latest"
