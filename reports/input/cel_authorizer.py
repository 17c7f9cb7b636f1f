"""The `authorizer` of expressions: a check is built step by step, then somebody is asked.

Source: `staging/src/k8s.io/apiserver/pkg/cel/library/authz.go`, v1.36. Selectors of a check say
nothing to RBAC, and are left out.
"""

from collections.abc import Callable, Mapping
from typing import Any

from planespec.spec.admission.extensions.match_conditions import UnsupportedExpressionError
from planespec.spec.api.authorization.access_request import (
    MASTERS,
    Attributes,
    User,
    make_service_account_user,
)
from planespec.spec.api.authorization.rbac_authorizer import authorize_by_rbac
from planespec.spec.api.authorization.rbac_objects import (
    BINDING_KINDS,
    ROLE_KINDS,
    make_policy,
)
from planespec.spec.objects import View
from planespec.spec.objects.object_store import Store
from planespec.spec.objects.view import ApiObject

Check = dict[str, Any]
Allows = Callable[[Attributes], bool]
"""Says whether a request is allowed. Raises UnsupportedExpressionError where that is not known."""


def allow_masters(request: Attributes) -> bool:
    """Allow what members of `system:masters` ask; of others nothing is known."""
    if MASTERS not in request.user.groups:
        words = f"what {request.user.name} may do, which an authorizer is asked for"
        raise UnsupportedExpressionError(words)
    return True


def make_authorizer(store: Store) -> Allows:
    """Return what the roles and bindings of a cluster allow; masters may do everything."""
    kinds = (*ROLE_KINDS, *BINDING_KINDS)
    found = [ApiObject(View(each).data) for kind in kinds for each in store.list(kind)]
    policy = make_policy(found)

    def allows(request: Attributes) -> bool:
        if MASTERS in request.user.groups or not store.knows("ClusterRoleBinding"):
            return allow_masters(request)
        return authorize_by_rbac(policy, request).allows

    return allows


def list_functions(allows: Allows) -> Mapping[str, Callable[..., object]]:
    """Return the functions of an authorizer by name."""
    fields = ("group", "resource", "subresource", "namespace", "name")
    return {
        **{field: _set(field) for field in (*fields, "path")},
        "check": _set("verb"),
        "serviceAccount": _be_account,
        **dict.fromkeys(("fieldSelector", "labelSelector"), lambda check, *_selector: check),
        "allowed": lambda check: allows(_read(check)),
        "errored": lambda _check: False,
        "reason": lambda _check: "",
    }


def _set(field: str) -> Callable[[Check, str], Check]:
    return lambda check, value: {**check, field: value}


def _be_account(check: Check, namespace: str, name: str) -> Check:
    user = make_service_account_user(namespace, name)
    return {**check, "username": user.name, "groups": [*user.groups]}


def _read(check: Check) -> Attributes:
    user = User(check["username"], tuple(check["groups"]))
    if "path" in check:
        path = check["path"]
        return Attributes(user, check["verb"], path=path, is_resource=False)
    fields = ("group", "resource", "subresource", "namespace", "name")
    return Attributes(user, check["verb"], **{name: check.get(name, "") for name in fields})
