"""An API server with webhooks and policies, for a few kinds, as `admission_webhooks` needs it.

ConfigMaps and Namespaces are created, changed and deleted; Deployments are created and scaled.
Source: `apiserver/pkg/endpoints/handlers/{create,update,patch,delete}.go`: mutating admission
comes before an object is prepared and validated, validating admission after that, storing last.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import compress, islice, permutations, product
from typing import Any
from urllib.parse import parse_qs, urlsplit

from planespec.reports.input.cel_expressions import evaluate_expression
from planespec.reports.input.schema_files import load_merge_types
from planespec.reports.judge.apiserver.admissions.hooked_kinds import (
    NAME_LABEL,
    SCALE,
    STRATEGIES,
    UnseenChance,
)
from planespec.reports.judge.apiserver.admissions.webhook_behaviours import BehavingWebhooks
from planespec.reports.judge.versions.api_requests import split_path
from planespec.spec.admission.extensions.admission_request import (
    AdmissionRequest,
    GroupVersion,
    takes_fields,
)
from planespec.spec.admission.extensions.validating_policies import (
    PolicyContext,
    validate_by_policies,
)
from planespec.spec.admission.extensions.webhook_dispatch import (
    Reading,
    Surroundings,
    list_webhooks,
    mutate_twice,
    validate,
)
from planespec.spec.api.api_errors import ApiError, not_found
from planespec.spec.api.authorization.access_request import ADMINISTRATORS
from planespec.spec.api.decoding import complete, decode
from planespec.spec.api.deletion import DeleteOptions
from planespec.spec.api.json_patch import merge_patch
from planespec.spec.api.patching import check_name
from planespec.spec.api.registry import Registry
from planespec.spec.api.strategies import Strategy
from planespec.spec.objects import ObjectError, View

Json = dict[str, Any]
NAMESPACE = "hooks"
_MOST_ORDERS = 720
"""In how many orders policies are evaluated."""
_USER, _GROUPS = "admin", ADMINISTRATORS
_SUCCESS = {"kind": "Status", "apiVersion": "v1", "metadata": {}}
_SCALE = GroupVersion("autoscaling", "v1", "Scale")


@dataclass(frozen=True)
class Way:
    """One form of an answer: the refusal, if it is one, and all warnings."""

    refusal: ApiError | None
    warnings: tuple[str, ...]


@dataclass
class Outcome:
    """What came of a request: the answer in every form it can have, and what was asked."""

    code: int = 200
    object: Json = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    """Given before the answer had several forms."""
    ways: list[Way] = field(default_factory=list)
    """The forms that the answer can have; empty where it has one, without a refusal."""
    calls: list[Json] = field(default_factory=list)
    in_order: int = 0
    """How many of the calls were made one after the other, before those made at once."""


class _RefusedError(Exception):
    """Validating admission refuses, in one of several ways."""


class _HookedRegistry(Registry):
    """A registry that asks validating admission before it stores."""

    server: "HookedServer"

    def _prepare_new(self, made: Json) -> None:
        super()._prepare_new(made)
        self.server.check(made, None)

    def _prepare_change(self, made: Json, old: Json) -> None:
        super()._prepare_change(made, old)
        self.server.check(made, old)


class HookedServer:
    """Answers the requests of a line in order."""

    def __init__(self, given: View) -> None:
        """Begin with the objects that were there. Raises ObjectError."""
        self.labels = {**given.text_map("namespaceLabels"), NAME_LABEL: NAMESPACE}
        configurations = given.views("configurations")
        is_first = [each.text("kind").startswith("Mutating") for each in configurations]
        self.mutating = list_webhooks(compress(configurations, is_first))
        others = [each for each in configurations if each.text("kind").startswith("Validating")]
        self.validating = list_webhooks(others)
        policies = given.views("policies")
        self.policies = [p for p in policies if p.text("kind").endswith("Policy")]
        self.bindings = [p for p in policies if p.text("kind").endswith("Binding")]
        self.webhooks = BehavingWebhooks(given.view("behaviour"), [])
        self.registries = {each.plural: self._make_registry(each) for each in STRATEGIES}
        self.outcome, self.request = Outcome(), _NO_REQUEST
        self._store_first(given)

    def _make_registry(self, strategy: Strategy) -> _HookedRegistry:
        place = NAMESPACE if strategy.is_namespaced else ""
        registry = _HookedRegistry(strategy, place, UnseenChance())
        registry.server = self
        return registry

    def _store_first(self, given: View) -> None:
        for data in given.views("objectsBefore"):
            kind = data.text("kind")
            found = [r for r in self.registries.values() if r.strategy.kind == kind]
            if not found:
                raise ObjectError(data.path("kind"), f"{kind} is no kind that requests are for")
            if not data.view("metadata").text("name"):
                raise ObjectError(data.view("metadata").path("name"), "is missing")
            made = self._read(found[0].strategy, dict(data.data))
            made["metadata"] |= {"namespace": NAMESPACE, "uid": "uid", "resourceVersion": "1"}
            found[0].objects[made["metadata"]["name"]] = made

    def answer(self, item: View) -> Outcome:
        """Answer one request."""
        url = urlsplit(item.text("path"))
        parts = self._split(url.path)
        if not parts:
            raise ObjectError(item.path("path"), "is no path of the resources there are")
        dry_run = "dryRun" in parse_qs(url.query)
        self.outcome, self.webhooks.calls = Outcome(), []
        name, body = parts[1] if len(parts) > 1 else "", dict(item.view("body").data)
        try:
            self._answer(item.text("method"), parts, name, body, dry_run)
        except ApiError as error:
            self.outcome.ways = [Way(error, each.warnings) for each in self._list_ways()]
        except _RefusedError:
            pass
        outcome, self.outcome = self.outcome, Outcome()
        count = outcome.in_order if outcome.in_order >= 0 else len(self.webhooks.calls)
        return replace(outcome, calls=self.webhooks.calls, in_order=count)

    def _split(self, path: str) -> list[str]:
        """Return resource, name and subresource of a path; nothing for one of other resources."""
        resource, _, name, subresource = split_path(path)
        parts = [each for each in (resource, name, subresource) if each]
        return parts if resource in self.registries else []

    def _answer(self, method: str, parts: list[str], name: str, body: Any, dry_run: bool) -> None:
        registry = self.registries[parts[0]]
        outcome = self.outcome
        outcome.in_order = -1
        if method == "POST":
            outcome.code, outcome.object = 201, self._create(registry, body, dry_run)
        elif method == "DELETE":
            outcome.object = self._delete(registry, name, dry_run)
        elif len(parts) > 2:
            outcome.object = self._scale(registry, name, body, dry_run)
        else:
            outcome.object = self._update(registry, name, body, dry_run, method == "PATCH")

    def _read(self, strategy: Strategy, data: Json) -> Json:
        """Decode an object as its kind has it, with defaults."""
        return self._default(strategy, self._decode(strategy, data))

    def _decode(self, strategy: Strategy, data: Json) -> Json:
        kind = load_merge_types().find(strategy.group, strategy.version, strategy.kind)
        made: Json = decode(kind, data).value
        made["metadata"] = made.get("metadata") or {}
        made |= {"apiVersion": strategy.api_version, "kind": strategy.kind}
        whole: Json = complete(kind, made)
        return whole

    def _default(self, strategy: Strategy, data: Json) -> Json:
        """Fill in defaults."""
        made = copy.deepcopy(data)
        strategy.default(made)
        return made

    def _describe(
        self, registry: Registry, operation: str, name: str, made: Json | None, old: Json | None
    ) -> AdmissionRequest:
        strategy = registry.strategy
        kind = GroupVersion(strategy.group, strategy.version, strategy.kind)
        resource = GroupVersion(strategy.group, strategy.version, strategy.plural)
        place = registry.namespace or name
        return AdmissionRequest(
            operation,
            kind,
            resource,
            place,
            name,
            made,
            old,
            has_fine_time=made is not None and takes_fields(made, old),
            username=_USER,
            groups=_GROUPS,
        )

    def _mutate(self, request: AdmissionRequest, strategy: Strategy) -> Json | None:
        """Let mutating webhooks change the object, and keep the request for what follows."""
        around = self._surround()
        reading = Reading(partial(self._decode, strategy), partial(self._default, strategy))
        found = mutate_twice(request, self.mutating, around, reading)
        self.outcome.in_order = len(self.webhooks.calls)
        self.request = found
        return found.object

    def _surround(self) -> Surroundings:
        return Surroundings(evaluate_expression, self.webhooks, self.labels, self.outcome.warnings)

    def _list_ways(self) -> list[Way]:
        """Return the forms of what happened so far."""
        return self.outcome.ways or [Way(None, tuple(self.outcome.warnings))]

    def check(self, made: Json | None, old: Json | None) -> None:
        """Ask policies, then validating webhooks. Raises _RefusedError."""
        request = replace(self.request, object=made, old=old)
        self.outcome.in_order = len(self.webhooks.calls)
        self.outcome.ways = list(dict.fromkeys(self._ask_policies(request)))
        if self.outcome.ways[0].refusal is None:
            self._ask_webhooks(request)
        if self.outcome.ways[0].refusal is not None:
            raise _RefusedError

    def _ask_policies(self, request: AdmissionRequest) -> Iterator[Way]:
        """Evaluate policies and bindings in every order: upstream keeps none."""
        orders = product(permutations(self.policies), permutations(self.bindings))
        for policies, bindings in islice(orders, _MOST_ORDERS):
            context = PolicyContext(
                evaluate_expression,
                lambda _policy, _binding, _namespace: [None],
                self.labels,
                {"metadata": {"name": NAMESPACE, "labels": self.labels}},
                [*self.outcome.warnings],
            )
            refusals = validate_by_policies(request, policies, bindings, context)
            yield Way(next(iter(refusals), None), tuple(context.warnings))

    def _ask_webhooks(self, request: AdmissionRequest) -> None:
        """Ask validating webhooks: of several refusals any may be the first."""
        around, before = self._surround(), self.outcome.ways
        told = around.warnings = []
        refusals: list[ApiError | None] = [*validate(request, self.validating, around)]
        self.outcome.ways = [
            Way(refusal, (*way.warnings, *(each for each in told if each not in way.warnings)))
            for way in before
            for refusal in refusals or [None]
        ]

    def _create(self, registry: Registry, body: Any, dry_run: bool) -> Json:
        made = self._read(registry.strategy, body)
        if registry.namespace:
            made["metadata"].setdefault("namespace", registry.namespace)
        name = made["metadata"].get("name") or ""
        request = self._describe(registry, "CREATE", name, made, None)
        changed = self._mutate(replace(request, dry_run=dry_run), registry.strategy)
        return registry.create(changed or {}, dry_run=dry_run)

    def _update(
        self, registry: Registry, name: str, body: Any, dry_run: bool, is_patch: bool
    ) -> Json:
        def make(old: Json | None) -> Json:
            sent = merge_patch(old, body) if is_patch else body
            made = self._read(registry.strategy, sent)
            check_name(registry.strategy, made, name, registry.namespace)
            request = self._describe(registry, "UPDATE", name, made, old)
            return self._mutate(replace(request, dry_run=dry_run), registry.strategy) or {}

        return registry.update(name, make, dry_run=dry_run)[0]

    def _delete(self, registry: Registry, name: str, dry_run: bool) -> Json:
        old = registry.get(name)
        request = self._describe(registry, "DELETE", name, None, old)
        self._mutate(replace(request, dry_run=dry_run), registry.strategy)
        self.check(None, old)
        registry.delete(name, DeleteOptions())
        return _SUCCESS

    def _scale(self, registry: Registry, name: str, body: Any, dry_run: bool) -> Json:
        """Source: `pkg/registry/apps/deployment/storage/storage.go`, ScaleREST."""
        if name not in registry.objects:
            raise not_found(registry.strategy.resource, name)
        deployment = registry.objects[name]
        old = _make_scale(deployment)
        made = merge_patch(old, body)
        request = replace(
            self._describe(registry, "UPDATE", name, made, old),
            kind=_SCALE,
            subresource="scale",
            dry_run=dry_run,
        )
        changed = self._mutate(request, SCALE) or made
        # Of what was made of a Scale the number alone goes into the Deployment.
        replicas = changed["spec"].get("replicas", 0)
        scaled = {**deployment, "spec": {**deployment["spec"], "replicas": replicas}}
        stored = _make_scale(scaled)
        self.check(stored, old)
        if not dry_run:
            registry.objects[name] = scaled
        return stored


def _make_scale(deployment: Json) -> Json:
    meta = {"name": deployment["metadata"]["name"], "namespace": NAMESPACE}
    spec = {"replicas": deployment["spec"]["replicas"]}
    return {"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": meta, "spec": spec}


_NO_REQUEST = AdmissionRequest(
    "CREATE", GroupVersion("", "v1", ""), GroupVersion("", "v1", ""), "", "", None
)
