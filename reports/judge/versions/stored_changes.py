"""What an accepted request makes of an object that is there, by the rules of the API server."""

import copy
from functools import cache
from typing import Any

from planespec.reports.input.schema_files import load_merge_types
from planespec.reports.judge.versions.api_requests import ApiRequest, read_options
from planespec.spec.api.changes.known_kinds import KINDS
from planespec.spec.api.changes.preparing import keep, keeping
from planespec.spec.api.graceful_deletion import Deletion, delete_object
from planespec.spec.api.json_patch import json_patch, merge_patch
from planespec.spec.api.meta_updates import prepare_change
from planespec.spec.api.strategic_patch import strategic_merge_patch
from planespec.spec.api.strategies import Prepare, do_nothing
from planespec.spec.objects.object_store import GROUPS
from planespec.spec.objects.view import ObjectError
from planespec.spec.schema.merge_types import MergeType

Json = dict[str, Any]
_GIVEN = (
    *("name", "generateName", "namespace", "uid", "resourceVersion", "creationTimestamp"),
    *("deletionTimestamp", "deletionGracePeriodSeconds"),
)
"""What no update changes: one that asks for it is refused."""


@cache
def find_type(kind: str) -> MergeType:
    """How objects of a kind of Kubernetes are made up, in its version v1."""
    return load_merge_types().find(GROUPS[kind], "v1", kind)


def apply_patch(kind: str, before: Json, patch: Any, *, is_strategic: bool) -> Json:
    """Apply a patch; one that is a list is a JSON patch. Raises PatchError."""
    made: Json
    if isinstance(patch, list):
        made = json_patch(copy.deepcopy(before), patch)
    elif is_strategic:
        made = strategic_merge_patch(find_type(kind), before, patch)
    else:
        made = merge_patch(before, patch)
    return made


def store_change(request: ApiRequest, asked: Json, before: Json) -> Json:
    """What is stored of the object that an update or a patch asks for.

    Raises ObjectError where that is none of its kind, which the API server refuses.
    """
    made = copy.deepcopy(asked)
    try:
        prepare_change(made, before, _find_prepare(request))
        keep(made["metadata"], before["metadata"], _GIVEN)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ObjectError("", "is no object of its kind") from error
    return made


def store_deletion(request: ApiRequest, before: Json, now: str) -> Deletion:
    """What a deletion makes of an object. Raises ApiError, also by its preconditions."""
    options = read_options(request)
    options.check(request.kind, before)
    main, _ = KINDS.get(request.kind, (None, None))
    is_graceful = main is not None and main.is_graceful
    return delete_object(before, options, now, is_graceful=is_graceful)


def _find_prepare(request: ApiRequest) -> Prepare:
    """What keeps the parts of an object that a resource does not write."""
    main, status = KINDS.get(request.kind, (None, None))
    if request.subresource == "status":
        return status.prepare_update if status is not None else keeping("spec")
    if request.subresource:
        return do_nothing
    return main.prepare_update if main is not None else keeping("status")
