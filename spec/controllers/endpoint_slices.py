"""The EndpointSlices of a Service: in which slices its endpoints stand.

Upstream goes through maps in many places: which address family comes first, which slice is filled
up first, which endpoints come to stand in it, which name a new slice takes over. `reconcile`
yields every outcome that it may have.

Source: Kubernetes v1.36, `staging/src/k8s.io/endpointslice` (reconciler.go, utils.go,
trafficdist/trafficdist.go, topologycache/sliceinfo.go). Left out: the topology annotation of old,
failing requests, annotations, and slices of another owner.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, permutations, product

from planespec.spec.controllers.service_endpoints import (
    Endpoint,
    Hints,
    Port,
    Service,
    is_published,
    leave_out_reserved,
    list_ports,
    make_endpoint,
)
from planespec.spec.objects.core_views import Node, Pod

CLOSE = ("PreferClose", "PreferSameZone", "PreferSameNode")
"""Values of `trafficDistribution` that give hints."""


@dataclass(frozen=True, slots=True)
class EndpointSlice:
    """One slice; the name of one that is not made yet is empty."""

    name: str
    address_type: str
    labels: Mapping[str, str] = field(hash=False)
    ports: tuple[Port, ...]
    endpoints: tuple[Endpoint, ...] = ()


@dataclass(frozen=True, slots=True)
class SliceOutcome:
    """What one sync may come to: the slices after it, the writes in order, and the error."""

    slices: tuple[EndpointSlice, ...]
    writes: tuple[str, ...]
    error: str = ""


@dataclass(frozen=True, slots=True)
class _Changes:
    create: tuple[EndpointSlice, ...] = ()
    update: tuple[EndpointSlice, ...] = ()
    delete: tuple[EndpointSlice, ...] = ()


@dataclass(frozen=True, slots=True)
class SliceReconciler:
    """`Reconciler` with the nodes it knows and the most endpoints of a slice."""

    nodes: Mapping[str, Node]
    most: int

    def reconcile(
        self, service: Service, pods: Sequence[Pod], slices: Sequence[EndpointSlice]
    ) -> Iterator[SliceOutcome]:
        """Yield every outcome of a sync; some may come more than once."""
        types = service.address_types
        errors: dict[str, None] = {}
        options = []
        for address_type in types:
            mine = [each for each in slices if each.address_type == address_type]
            options.append(list(self._change_family(service, pods, mine, address_type, errors)))
        foreign = tuple(each for each in slices if each.address_type not in types)
        said = ", ".join(errors)
        error = f"[{said}]" if len(errors) > 1 else said
        for choice in product(*options):
            for order in permutations(choice):
                yield _apply(service, slices, [*order, _Changes(delete=foreign)], error)

    def _change_family(
        self,
        service: Service,
        pods: Iterable[Pod],
        slices: Sequence[EndpointSlice],
        address_type: str,
        errors: dict[str, None],
    ) -> Iterator[_Changes]:
        """Yield what may be done for one family (`reconcileByAddressType`)."""
        wanted = self._collect(service, pods, address_type, errors)
        groups: dict[frozenset[Port], list[EndpointSlice]] = {}
        for each in slices:
            groups.setdefault(frozenset(each.ports), []).append(each)
        options = []
        for key, (ports, endpoints) in wanted.items():
            blank = EndpointSlice("", address_type, service.slice_labels, ports)
            group = _PortGroup(service, blank, self.most)
            options.append(list(group.change(groups.get(key, []), endpoints)))
        unwanted = [each for key, group in groups.items() if key not in wanted for each in group]
        hints = _Hinting(service.spec.text("trafficDistribution"))
        blank = EndpointSlice("", address_type, service.slice_labels, ())
        seen = set()
        for choice in product(*options):
            for order in permutations(choice):
                changes = _join([*order, _Changes(delete=tuple(unwanted))])
                changes = _hold_place(changes, slices, blank)
                changes = hints.apply(changes, slices)
                for taken in _take_over(changes):
                    if taken not in seen:
                        seen.add(taken)
                        yield taken

    def _collect(
        self, service: Service, pods: Iterable[Pod], address_type: str, errors: dict[str, None]
    ) -> dict[frozenset[Port], tuple[tuple[Port, ...], dict[object, Endpoint]]]:
        """Endpoints by the ports of their pods; a pod on a node that is not known is an error."""
        wanted: dict[frozenset[Port], tuple[tuple[Port, ...], dict[object, Endpoint]]] = {}
        for pod in filter(is_published, pods):
            ports = list_ports(service, pod)
            _, endpoints = wanted.setdefault(frozenset(ports), (ports, {}))
            node = self.nodes.get(pod.node_name)
            if node is None and not service.publishes_not_ready:
                place = f"{service.meta.namespace}/{service.name}"
                said = f"Service {place}: Node {pod.node_name} Not Found"
                errors[f"skipping Pod {pod.name} for {said}"] = None
                continue
            endpoint = make_endpoint(pod, node, service, address_type)
            if endpoint.addresses:
                endpoints[endpoint.key] = endpoint
        return wanted


@dataclass(frozen=True, slots=True)
class _PortGroup:
    """Slices of one family with the same ports (`reconcileByPortMapping`)."""

    service: Service
    blank: EndpointSlice
    """What a new slice begins as."""
    most: int

    def change(
        self, slices: Sequence[EndpointSlice], wanted: Mapping[object, Endpoint]
    ) -> Iterator[_Changes]:
        """Yield what may be done so that exactly these endpoints stand in slices."""
        left = dict(wanted)
        update, delete, unchanged = [], [], []
        for each in slices:
            kept = [left.pop(old.key, None) for old in each.endpoints]
            endpoints = tuple(new for new in kept if new is not None)
            changed = replace(each, labels=self.service.slice_labels)
            if any(
                n is None or not n.is_like(o) for n, o in zip(kept, each.endpoints, strict=True)
            ):
                if endpoints:
                    update.append(replace(changed, endpoints=endpoints))
                else:
                    delete.append(each)
            elif leave_out_reserved(each.labels) != self.service.own_labels:
                update.append(changed)
            else:
                unchanged.append(each)
        for filled, rest in self._fill_updated(update, tuple(left.values())):
            for create, more in self._place_rest(unchanged, rest):
                yield _Changes(create, (*filled, *more), tuple(delete))

    def _fill_updated(
        self, update: Sequence[EndpointSlice], left: tuple[Endpoint, ...]
    ) -> Iterator[tuple[tuple[EndpointSlice, ...], tuple[Endpoint, ...]]]:
        """Fill up slices that are written anyway, the fullest first."""
        if not update or not left:
            yield tuple(update), left
            return
        longest = max(len(each.endpoints) for each in update)
        for place, first in enumerate(update):
            if len(first.endpoints) != longest:
                continue
            others = [*update[:place], *update[place + 1 :]]
            for full, rest in self._fill(first, left):
                for filled, last in self._fill_updated(others, rest):
                    yield (full, *filled), last

    def _place_rest(
        self, unchanged: Sequence[EndpointSlice], left: tuple[Endpoint, ...]
    ) -> Iterator[tuple[tuple[EndpointSlice, ...], tuple[EndpointSlice, ...]]]:
        """Put the rest into the slice that it fills best, or into new ones."""
        if not left:
            yield (), ()
            return
        fitting = [each for each in unchanged if len(each.endpoints) + len(left) <= self.most]
        if len(left) < self.most and fitting:
            longest = max(len(each.endpoints) for each in fitting)
            for each in fitting:
                if len(each.endpoints) == longest:
                    yield (), (replace(each, endpoints=(*each.endpoints, *left)),)
            return
        for full, rest in self._fill(self.blank, left):
            for create, update in self._place_rest(unchanged, rest):
                yield (full, *create), update

    def _fill(
        self, each: EndpointSlice, left: tuple[Endpoint, ...]
    ) -> Iterator[tuple[EndpointSlice, tuple[Endpoint, ...]]]:
        """Take any endpoints for which there is room."""
        room = min(max(self.most - len(each.endpoints), 0), len(left))
        for chosen in combinations(left, room):
            rest = tuple(endpoint for endpoint in left if endpoint not in chosen)
            yield replace(each, endpoints=(*each.endpoints, *chosen)), rest


def _join(parts: Iterable[_Changes]) -> _Changes:
    parts = list(parts)
    return _Changes(
        tuple(each for part in parts for each in part.create),
        tuple(each for part in parts for each in part.update),
        tuple(each for part in parts for each in part.delete),
    )


def _hold_place(
    changes: _Changes, slices: Sequence[EndpointSlice], blank: EndpointSlice
) -> _Changes:
    """Let one slice without endpoints stand where there would be none."""
    if changes.create or len(slices) != len(changes.delete):
        return changes
    if len(changes.delete) == 1 and replace(changes.delete[0], name="") == blank:
        return replace(changes, delete=())
    return replace(changes, create=(blank,))


@dataclass(frozen=True, slots=True)
class _Hinting:
    """Hints as `trafficDistribution` asks for them; none for other values."""

    distribution: str

    def apply(self, changes: _Changes, slices: Iterable[EndpointSlice]) -> _Changes:
        """Give hints to slices that are written, and write those whose hints are wrong."""
        touched = {each.name for each in (*changes.update, *changes.delete)}
        wrong = [s for s in slices if s.name not in touched and self._is_wrong(s)]
        create = tuple(map(self._hint, changes.create))
        return replace(
            changes, create=create, update=tuple(map(self._hint, (*changes.update, *wrong)))
        )

    def _is_wrong(self, each: EndpointSlice) -> bool:
        if self.distribution not in CLOSE:
            return any(endpoint.hints is not None for endpoint in each.endpoints)
        told = [e for e in each.endpoints if e.ready]
        return any((e.hints or Hints()) != (self._make(e) or Hints()) for e in told)

    def _hint(self, each: EndpointSlice) -> EndpointSlice:
        return replace(each, endpoints=tuple(map(self._give, each.endpoints)))

    def _give(self, endpoint: Endpoint) -> Endpoint:
        """An endpoint that is not ready keeps the hints it has, if any are given at all."""
        if self.distribution not in CLOSE:
            return replace(endpoint, hints=None)
        return replace(endpoint, hints=self._make(endpoint)) if endpoint.ready else endpoint

    def _make(self, endpoint: Endpoint) -> Hints | None:
        zones = (endpoint.zone,) if endpoint.zone is not None else ()
        is_near = self.distribution == "PreferSameNode" and endpoint.node_name is not None
        nodes = (endpoint.node_name,) if is_near and endpoint.node_name is not None else ()
        return Hints(zones, nodes) if zones or nodes else None


def _take_over(changes: _Changes) -> Iterator[_Changes]:
    """Yield what may be done if new slices take the names of those that would go (`finalize`)."""
    count = min(len(changes.create), len(changes.delete))
    if not count:
        yield changes
        return
    create = changes.create[: len(changes.create) - count]
    renamed = changes.create[len(create) :]
    for chosen in permutations(changes.delete, count):
        named = [replace(n, name=o.name) for n, o in zip(renamed, chosen, strict=True)]
        left = tuple(each for each in changes.delete if each not in chosen)
        yield _Changes(create, (*changes.update, *named), left)


def _apply(
    service: Service, slices: Sequence[EndpointSlice], parts: Iterable[_Changes], error: str
) -> SliceOutcome:
    """Write it all; new slices are numbered as they are made, none for a Service that goes."""
    after = {each.name: each for each in slices}
    writes: list[str] = []
    made = len(slices)
    for part in parts:
        create = () if service.meta.is_deleting else part.create
        for each in create:
            made += 1
            name = f"{service.name}-{made:04}"
            after[name] = replace(each, name=name)
        for each in part.update:
            after[each.name] = each
        for each in part.delete:
            del after[each.name]
        counts = (("create", create), ("update", part.update), ("delete", part.delete))
        writes += [verb for verb, those in counts for _ in those]
    return SliceOutcome(tuple(after.values()), tuple(writes), error)
