"""The API of one resource: what a client sends becomes writes of the registry.

Source: `apiserver/pkg/endpoints/handlers/{create,update,patch}.go`, v1.36.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from planespec.spec.api.api_errors import bad_request, conflict, invalid, not_found
from planespec.spec.api.apply.client_side_apply import apply_object
from planespec.spec.api.apply.field_sets import NO_FIELDS, make_set
from planespec.spec.api.apply.ownership import FieldManager
from planespec.spec.api.apply.scale_fields import from_scale, to_scale
from planespec.spec.api.decoding import DecodingError, decode, show_nulls
from planespec.spec.api.patching import APPLY_PATCH, check_name, patch_object
from planespec.spec.api.registry import Chance, Registry
from planespec.spec.api.strategies import Strategy
from planespec.spec.schema.merge_types import MergeTypes
from planespec.spec.validation.field_errors import (
    Errors,
    forbidden,
    not_supported,
    positive_or_zero,
    required,
    too_long,
)
from planespec.spec.validation.field_errors import invalid as invalid_value

Json = dict[str, Any]
_LONGEST_MANAGER = 128
_VALIDATIONS = ("", "Ignore", "Warn", "Strict")
_SCALE = Strategy("autoscaling", "v1", "Scale", "scales")


@dataclass(frozen=True)
class Request:
    """What is said of a write beside its body."""

    query: Mapping[str, str]
    manager: str = ""
    """The `fieldManager` of the URL, or what the client calls itself."""
    content_type: str = ""
    subresource: str = ""

    @property
    def dry_run(self) -> bool:
        """Whether nothing is to be written."""
        return "dryRun" in self.query


class ObjectApi:
    """Objects of one kind in one namespace, with their owners."""

    def __init__(
        self,
        strategy: Strategy,
        namespace: str,
        chance: Chance,
        types: MergeTypes,
        status: Strategy | None = None,
    ) -> None:
        """Begin with no object; `status` is the strategy of that subresource, if there is one."""
        self.registry = Registry(strategy, namespace, chance)
        self.warnings: list[str] = []
        """What the client is warned of."""
        self._status = status
        self._strategy, self._namespace = strategy, namespace
        self._type = types.find(strategy.group, strategy.version, strategy.kind)
        self._scale = types.find("autoscaling", "v1", "Scale")
        reset = make_set("status") if "status" in self._type.fields else NO_FIELDS
        self._manager = FieldManager(self._type, strategy.api_version, strategy.kind, reset=reset)
        self._status_manager = FieldManager(
            self._type,
            strategy.api_version,
            strategy.kind,
            "status",
            make_set(*(status.resets if status else ())),
        )
        self._scaler = FieldManager(self._scale, "autoscaling/v1", "Scale", "scale")

    def put(self, name: str, body: Json, request: Request) -> tuple[Json, bool]:
        """Replace an object. Raises ApiError."""
        _check_options("UpdateOptions", request)
        sent = self._decode(body)
        check_name(self._strategy, sent, name, self._namespace)

        def make(old: Json | None) -> Json:
            return self._manager.update(old, sent, request.manager, self._tell_time())

        uid = sent["metadata"].get("uid", "")
        return self.registry.update(name, make, uid=uid, dry_run=request.dry_run)

    def patch(self, name: str, body: Any, request: Request) -> tuple[Json, bool]:
        """Patch or apply an object, and say whether it is new. Raises ApiError."""
        _check_options("PatchOptions", request)
        if request.subresource == "scale":
            return self._patch_scale(name, body, request)
        if request.subresource == "status":
            return self._patch_status(name, body, request)
        may_create = request.content_type == APPLY_PATCH

        def make(old: Json | None) -> Json:
            made = self._patch(old, body, request)
            if old is None and made["metadata"].get("uid"):
                words = "uid mismatch: the provided object specified uid"
                detail = f"{words} {made['metadata']['uid']}, and no existing object was found"
                raise conflict(self._strategy.resource, name, detail)
            check_name(self._strategy, made, name, self._namespace)
            return made

        return self.registry.update(name, make, dry_run=request.dry_run, may_create=may_create)

    def _patch(self, old: Json | None, body: Any, request: Request) -> Json:
        if request.content_type == APPLY_PATCH:
            force = request.query.get("force") == "true"
            config, now = _read_object(body), self._tell_time()
            name = request.manager
            made = apply_object(self._manager, old, config, name, force=force, now=now)
            return self._decode(made)
        patched = self._read_patched(old, body, request)
        return self._manager.update(old, patched, request.manager, self._tell_time())

    def _tell_time(self) -> str:
        return self.registry.chance.tell_time()

    def _read_patched(self, old: Json | None, body: Any, request: Request) -> Json:
        """Return what a patch makes; unknown fields are told or refused. Raises ApiError."""
        strictness = request.query.get("fieldValidation", "")
        decoded = patch_object(
            request.content_type,
            self._strategy,
            self._type,
            old or {},
            body,
            is_strict=strictness == "Strict",
        )
        if strictness != "Ignore":
            self.warnings += [f'unknown field "{each}"' for each in decoded.unknown]
        made: Json = decoded.value
        return made

    def _patch_status(self, name: str, body: Any, request: Request) -> tuple[Json, bool]:
        if self._status is None:
            raise not_found("the server could not find the requested resource", name)

        def make(old: Json | None) -> Json:
            patched = self._read_patched(old, body, request)
            check_name(self._strategy, patched, name, self._namespace)
            now = self._tell_time()
            return self._status_manager.update(old, patched, request.manager, now)

        self.registry.strategy = self._status
        try:
            return self.registry.update(name, make, dry_run=request.dry_run)
        finally:
            self.registry.strategy = self._strategy

    def load(self, created: Json, stored: Json, manager: str) -> None:
        """Take an object as it is stored, and who owns it by how it was created."""
        meta = stored["metadata"]
        time = meta.get("creationTimestamp", "")
        named = {name: meta[name] for name in ("name", "namespace") if name in meta}
        asked = self._decode({**created, "metadata": {**(created.get("metadata") or {}), **named}})
        owned = self._manager.update(None, asked, manager, time)
        made = self._decode(stored)
        entries = owned["metadata"].get("managedFields")
        if entries:
            made["metadata"]["managedFields"] = entries
        self.registry.objects[meta["name"]] = made

    def show(self, data: Json) -> Json:
        """Return an object as it is written: some fields are null where they are absent."""
        shown: Json = show_nulls(self._type, data)
        return shown

    def _decode(self, body: Json) -> Json:
        """Return what was sent in its types, with defaults. Raises ApiError."""
        managed = (body.get("metadata") or {}).get("managedFields")
        try:
            made: Json = decode(self._type, body).value
        except DecodingError as error:
            raise bad_request(str(error)) from error
        made.setdefault("metadata", {})
        if managed is not None:
            made["metadata"]["managedFields"] = managed
        made |= {"apiVersion": self._strategy.api_version, "kind": self._strategy.kind}
        self._strategy.default(made)
        return made

    # The scale subresource.

    def _patch_scale(self, name: str, body: Any, request: Request) -> tuple[Json, bool]:
        version = self._strategy.api_version

        def make(old: Json | None) -> Json:
            data = old or {}
            entries = data["metadata"].get("managedFields")
            scale = _read_scale(data)
            scale["metadata"]["managedFields"] = to_scale(entries, version)
            made = self._patch_one_scale(scale, body, request, name)
            errors = list(positive_or_zero("spec.replicas", made["spec"].get("replicas", 0)))
            if errors:
                raise invalid("Scale.autoscaling", name, errors)
            data["spec"]["replicas"] = made["spec"].get("replicas", 0)
            data["metadata"]["resourceVersion"] = made["metadata"].get("resourceVersion", "")
            left = from_scale(entries, made["metadata"].get("managedFields"), version)
            data["metadata"]["managedFields"] = left
            return data

        made, _ = self.registry.update(name, make, dry_run=request.dry_run)
        return _read_scale(made), False

    def _patch_one_scale(self, scale: Json, body: Any, request: Request, name: str) -> Json:
        if request.content_type == APPLY_PATCH:
            force = request.query.get("force") == "true"
            applied = self._scaler.apply(scale, _read_object(body), request.manager, force=force)
            made: Json = decode(self._scale, applied).value
        else:
            patched = patch_object(request.content_type, _SCALE, self._scale, scale, body).value
            made = self._scaler.update(scale, patched, request.manager)
        check_name(_SCALE, made, name, self._namespace)
        made.setdefault("spec", {})
        return made


def _read_scale(data: Json) -> Json:
    """Return the Scale of an object. Source: scaleFromDeployment."""
    names = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    meta = {name: data["metadata"][name] for name in names if name in data["metadata"]}
    replicas = data["spec"].get("replicas", 0)
    spec = {"replicas": replicas} if replicas else {}
    head = {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": copy.deepcopy(meta)}
    return head | {"spec": spec, "status": {"replicas": 0}}


def _read_object(body: Any) -> Json:
    if not isinstance(body, dict):
        raise bad_request("error decoding YAML: the configuration is no object")
    return body


def _check_options(kind: str, request: Request) -> None:
    errors = list(_validate_options(request))
    if errors:
        raise invalid(f"{kind}.meta.k8s.io", "", errors)


def _validate_options(request: Request) -> Errors:
    """Source: ValidatePatchOptions, ValidateUpdateOptions."""
    query, is_apply = request.query, request.content_type == APPLY_PATCH
    manager = query.get("fieldManager", "")
    if is_apply:
        if not manager:
            yield required("fieldManager", "is required for apply patch")
    elif query.get("force"):
        yield forbidden("force", "may not be specified for non-apply patch")
    if len(manager) > _LONGEST_MANAGER:
        yield too_long("fieldManager", _LONGEST_MANAGER)
    bad = next((each for each in manager if not each.isprintable()), "")
    if bad:
        yield invalid_value("fieldManager", manager, "should only contain printable characters")
    if query.get("dryRun", "All") != "All":
        yield not_supported("dryRun", query["dryRun"], ("All",))
    validation = query.get("fieldValidation", "")
    if validation not in _VALIDATIONS:
        yield not_supported("fieldValidation", validation, _VALIDATIONS)
