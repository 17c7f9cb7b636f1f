"""Rules for the volumes that a container mounts and the devices it uses.

Source: `pkg/apis/core/validation/validation.go`, ValidateVolumeMounts, ValidateVolumeDevices,
v1.36. Where upstream's errors on a path name the list instead of the mount, so do these.
"""

from collections.abc import Mapping

from planespec.spec.objects import View
from planespec.spec.schema.enumerations import ENUMERATIONS
from planespec.spec.validation.field_errors import (
    Errors,
    forbidden,
    invalid,
    not_found,
    not_supported,
    required,
)
from planespec.spec.validation.value_rules import validate_relative_path

_PROPAGATIONS = ENUMERATIONS["core.VolumeMount"]["mountPropagation"]
_RECURSIVE = ENUMERATIONS["core.VolumeMount"]["recursiveReadOnly"]


def validate_mounts(container: View, volumes: Mapping[str, View]) -> Errors:
    """Check what a container mounts."""
    devices = {v.text("name"): v.text("devicePath") for v in container.views("volumeDevices")}
    paths: set[str] = set()
    for mount in container.views("volumeMounts"):
        name, path = mount.text("name"), mount.text("mountPath")
        if not name:
            yield required(mount.path("name"))
        if name not in volumes:
            yield not_found(mount.path("name"), name)
        if not path:
            yield required(mount.path("mountPath"))
        if path in paths:
            yield invalid(mount.path("mountPath"), path, "must be unique")
        paths.add(path)
        if name in devices:
            yield invalid(mount.path("name"), name, "must not already exist in volumeDevices")
        if path in devices.values():
            words = "must not already exist as a path in volumeDevices"
            yield invalid(mount.path("mountPath"), path, words)
        yield from _validate_sub_paths(mount, container)
        yield from _validate_propagation(mount, container)


def _validate_sub_paths(mount: View, container: View) -> Errors:
    field = container.path("volumeMounts")
    path, expression = mount.text("subPath"), mount.text("subPathExpr")
    if path:
        yield from validate_relative_path(f"{field}.subPath", path)
    if expression:
        if path:
            words = "subPathExpr and subPath are mutually exclusive"
            yield invalid(mount.path("subPathExpr"), expression, words)
        yield from validate_relative_path(f"{field}.subPathExpr", expression)


def _validate_propagation(mount: View, container: View) -> Errors:
    field, mode = container.path("volumeMounts"), mount.text("mountPropagation")
    where = f"{field}.mountPropagation"
    if mode and mode not in _PROPAGATIONS:
        yield not_supported(where, mode, _PROPAGATIONS)
    if mode == "Bidirectional" and not container.view("securityContext").flag("privileged"):
        words = "Bidirectional mount propagation is available only to privileged containers"
        yield forbidden(where, words)
    recursive, where = mount.text("recursiveReadOnly"), f"{field}.recursiveReadOnly"
    if recursive in ("Enabled", "IfPossible"):
        if not mount.flag("readOnly"):
            yield forbidden(where, "may only be specified when readOnly is true")
        if mode not in ("", "None"):
            words = "may only be specified when mountPropagation is None or not specified"
            yield forbidden(where, words)
    elif recursive and recursive not in _RECURSIVE:
        yield not_supported(where, recursive, _RECURSIVE)


def validate_devices(container: View, volumes: Mapping[str, View]) -> Errors:
    """Check the block devices that a container uses."""
    mounts = {v.text("name"): v.text("mountPath") for v in container.views("volumeMounts")}
    names: set[str] = set()
    paths: set[str] = set()
    for device in container.views("volumeDevices"):
        name, path = device.text("name"), device.text("devicePath")
        yield from _validate_device_name(device, volumes, names)
        if not path:
            yield required(device.path("devicePath"))
        if path in paths:
            yield invalid(device.path("devicePath"), path, "must be unique")
        if ".." in path.split("/"):
            yield invalid(device.path("devicePath"), path, "can not contain backsteps ('..')")
        else:
            paths.add(path)
        if name in mounts:
            yield invalid(device.path("name"), name, "must not already exist in volumeMounts")
        if path in mounts.values():
            words = "must not already exist as a path in volumeMounts"
            yield invalid(device.path("devicePath"), path, words)
        if name:
            names.add(name)


def _validate_device_name(device: View, volumes: Mapping[str, View], names: set[str]) -> Errors:
    name, field = device.text("name"), device.path("name")
    if not name:
        yield required(field)
    if name in names:
        yield invalid(field, name, "must be unique")
    volume = volumes.get(name)
    if volume is None:
        yield not_found(field, name)
    elif not (volume.has("persistentVolumeClaim") or volume.has("ephemeral")):
        words = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block"
        yield invalid(field, name, f"{words} mode")
