"""The model `runtime.cri` in its coarse grain beside the rules that recorded calls judge."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planespec.checker.budget import Options
from planespec.checker.instance import Instance
from planespec.checker.run import check
from planespec.checker.stateful.behaviour import Walk
from planespec.model.runtime.cri import Cri
from planespec.spec.runtime import container_calls, image_calls, process_calls, sandbox_calls
from planespec.spec.runtime.cri_requirements import Shown
from planespec.spec.runtime.cri_store import (
    SIGKILL,
    SIGTERM,
    Code,
    Container,
    CriError,
    CriStore,
    Image,
    PodIdentity,
    Program,
    Sandbox,
    Version,
)

INSTANCE = Instance(Cri, {"pods": 2, "sandboxes": 2, "containers": 2, "crashes": 2})
PAUSE, WAITS = Program(handles={SIGTERM: 0}), Program(handles={SIGTERM: None})
RARELY = ("delete", "collect_image")
"""Actions that are chosen less often, since after them little happens."""


def pod_of(element):
    return PodIdentity("web", "shop", f"uid-{element}")


class Beside:
    """A walk of the model, and the store of the rules, to which the same happens."""

    def __init__(self, instance=INSTANCE):
        self.walk = Walk(instance, native=False)
        self.has_mutant = instance is not INSTANCE
        assert self.walk.begin(0) is None
        self.store = CriStore(Version.V2_3, images={"app": Image("app")})
        self.ids, self.made, self.killed = {}, 0, []

    @property
    def named(self):
        return dict(zip(INSTANCE.variables, self.walk.state, strict=True))

    def new(self, element):
        self.made += 1
        self.ids[str(element)] = f"{element}-{self.made}"
        return self.ids[str(element)]

    def id(self, element):
        return self.ids[str(element)]

    def take(self, step):
        """Every step of the model is one that the rules answer, and both know the same then."""
        arguments = dict(step.arguments)
        before = self.named
        assert self.walk.take(step) is None or self.has_mutant
        getattr(self, f"do_{step.action}")(before, **arguments)
        self.compare()

    def do_delete(self, before, p):
        """Nothing is asked of the runtime yet."""

    def do_run_sandbox(self, before, p, x):
        attempt = self.named["attempt"][index(x)]
        sandbox = Sandbox(self.new(x), pod_of(p), attempt, has_network=True)
        sandbox_calls.run_pod_sandbox(self.store, sandbox)

    def do_stop_sandbox(self, before, x):
        sandbox_calls.stop_pod_sandbox(self.store, self.id(x))

    def do_remove_sandbox(self, before, x):
        sandbox_calls.remove_pod_sandbox(self.store, self.id(x))

    def do_create(self, before, c, x):
        container = self.make(c, self.named["number"][index(c)])
        container_calls.create_container(self.store, container, self.id(x))

    def make(self, c, number):
        return Container(self.new(c), "", "app", number, pod_of("?"), "app", WAITS)

    def do_start(self, before, c, x):
        container_calls.start_container(self.store, self.id(c))

    def do_stop_unhealthy(self, before, c):
        assert container_calls.stop_container(self.store, self.id(c), 1)

    def do_remove(self, before, c):
        container_calls.remove_container_by_ref(self.store, self.id(c))

    def do_end(self, before, c):
        self.kill(self.id(c))

    def do_end_sandbox(self, before, x):
        self.kill(self.id(x))

    def kill(self, key):
        if self.named["is_up"]:
            assert process_calls.signal_process(self.store, key, SIGKILL, PAUSE)
        else:
            self.killed.append(key)

    def do_crash(self, before):
        self.killed = []

    def do_restart(self, before, unread):
        process_calls.restart(self.store, self.killed)

    def do_collect_image(self, before):
        image_calls.remove_image(self.store, "app")

    def do_pull_image(self, before):
        self.store.images["app"] = Image("app")

    def compare(self):
        """While the runtime answers it says what the rules say."""
        now = self.named
        if not now["is_up"]:
            return
        sandboxes = {
            self.id(f"sandbox{n}"): (shown.name, now["attempt"][n])
            for n, shown in enumerate(now["sandbox"])
            if shown is not Shown.ABSENT
        }
        assert sandboxes == {
            each.id: (each.state, each.attempt) for each in self.store.sandboxes.values()
        }
        networks = {each.id for each in self.store.sandboxes.values() if each.has_network}
        assert {self.id(each) for each in now["network"]} == networks
        containers = {
            self.id(f"container{n}"): (shown.name, now["number"][n])
            for n, shown in enumerate(now["container"])
            if shown is not Shown.ABSENT
        }
        assert containers == {
            each.id: (each.state.value, each.attempt) for each in self.store.containers.values()
        }

    def check_refusals(self):
        """What the model does not let happen the rules refuse, and nothing changes."""
        if not self.named["is_up"]:
            return
        for sandbox in self.store.sandboxes.values():
            self.refuse_again(sandbox)
            if not sandbox.is_ready:
                self.refuse_create(sandbox, Code.UNKNOWN)
            elif not self.store.images:
                self.refuse_create(sandbox, Code.NOT_FOUND)
        for container in self.store.containers.values():
            if container.state.value != "CREATED":
                with pytest.raises(CriError, match="failed to set starting state"):
                    container_calls.start_container(self.store, container.id)

    def refuse_again(self, sandbox):
        with pytest.raises(CriError, match="is reserved for"):
            sandbox_calls.run_pod_sandbox(
                self.store, Sandbox("again", sandbox.pod, sandbox.attempt)
            )

    def refuse_create(self, sandbox, code):
        known = copy.deepcopy(self.store)
        again = Container("again", "", "app", 9, sandbox.pod, "app", WAITS)
        with pytest.raises(CriError) as error:
            container_calls.create_container(self.store, again, sandbox.id)
        assert error.value.code == code
        assert self.store == known


def index(element):
    return int(str(element)[-1])


def may_happen(step):
    """All but a restart after which a container is unknown, which the rules leave out."""
    return step.action != "restart" or dict(step.arguments)["unread"] is None


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_each_step_of_the_model_is_one_of_the_rules(data):
    beside = Beside()
    for _ in range(data.draw(st.integers(10, 40))):
        enabled = {a.name: list(beside.walk.enabled(a.name)) for a in INSTANCE.actions}
        actions = [name for name, steps in enabled.items() if steps]
        actions += [name for name in actions if name not in RARELY] * 3
        if not actions:
            return
        steps = enabled[data.draw(st.sampled_from(actions))]
        beside.take(data.draw(st.sampled_from([step for step in steps if may_happen(step)])))
        beside.check_refusals()


def follow(instance, trace):
    """Take the steps of a counterexample, in the model and by the rules."""
    beside = Beside(instance)
    for step in [each for each in trace.steps if each.action in STEPS]:
        [found] = [
            each
            for each in beside.walk.enabled(step.action)
            if str(dict(each.arguments)) == str(dict(step.arguments))
        ]
        beside.take(found)


STEPS = {action.name for action in INSTANCE.actions}


@pytest.mark.parametrize(
    ("mutant", "told"),
    [
        ("creates_in_stopped", "is not running"),
        ("starts_again", "container is in CONTAINER_EXITED state"),
        ("leaves_containers", "CREATED"),
        ("keeps_network_of_dead", "sandbox0-1"),
        ("creates_without_image", "failed to resolve image"),
    ],
)
def test_what_a_mutant_does_is_refused_or_known_differently(mutant, told):
    instance = Instance(Cri, {"sandboxes": 1, "containers": 1}, mutant)
    violation = check(instance, "python", Options()).violation
    with pytest.raises((CriError, AssertionError), match=told):
        follow(instance, violation.trace)
