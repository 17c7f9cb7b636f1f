"""What containerd does where no recorded call shows it, from its source and that of runc."""

import pytest

from planespec.spec.runtime import container_calls, image_calls, process_calls, sandbox_calls
from planespec.spec.runtime.cri_store import (
    SIGINT,
    SIGKILL,
    SIGTERM,
    Code,
    Container,
    ContainerState,
    CriError,
    CriStore,
    Host,
    Image,
    Limits,
    PodIdentity,
    Program,
    Sandbox,
    Version,
)
from planespec.spec.runtime.process_calls import Execution
from planespec.spec.runtime.resource_limits import update_limits

POD = PodIdentity("web", "shop", "uid-0")
PAUSE = Program(handles={SIGTERM: 0, SIGINT: 0})
WAITS = Program(handles={SIGTERM: 42})
BOTH = list(Version)


def make_store(version: Version = Version.V2_3, *, shares_pids: bool = False) -> CriStore:
    """One ready sandbox, `s`."""
    images = {"app": Image("app"), "sig": Image("sig", stop_signal=SIGINT)}
    store = CriStore(version, Host(cgroup_parent="pods"), images=images)
    sandbox_calls.run_pod_sandbox(store, Sandbox("s", POD, 0, shares_pids=shares_pids))
    return store


def create(store: CriStore, key: str, program: Program = WAITS, image: str = "app") -> Container:
    container = Container(key, "", key, 0, POD, image, program)
    container_calls.create_container(store, container, "s")
    return container


def run(store: CriStore, key: str, program: Program = WAITS, image: str = "app") -> Container:
    container = create(store, key, program, image)
    container_calls.start_container(store, key)
    return container


def test_a_prefix_of_two_ids_means_neither() -> None:
    store = make_store()
    create(store, "c1")
    create(store, "c2")
    with pytest.raises(CriError) as error:
        container_calls.find_container(store, "c")
    assert error.value.code == Code.UNKNOWN
    assert error.value.message.endswith("Multiple IDs found with provided prefix: c")


@pytest.mark.parametrize(("version", "found"), [(Version.V1_6, 0), (Version.V2_3, 2)])
def test_a_filter_with_a_prefix_of_two_sandboxes_lists_both_since_2(
    version: Version, found: int
) -> None:
    store = CriStore(version)
    for key in ("s1", "s2"):
        sandbox_calls.run_pod_sandbox(store, Sandbox(key, POD, int(key[1])))
    assert len(sandbox_calls.list_sandboxes(store, ref="s")) == found


@pytest.mark.parametrize(
    ("shares_pids", "code", "waited"), [(False, 137, True), (True, 130, False)]
)
def test_an_unhandled_signal_ends_no_first_process(
    shares_pids: bool, code: int, waited: bool
) -> None:
    store = make_store(shares_pids=shares_pids)
    container = run(store, "c", image="sig")
    assert container_calls.stop_container(store, "c", 1) is waited
    assert container.exit_code == code


CPUS = "unable to apply cgroup configuration: failed to write "
READY = "error during container init: error setting cgroup config for procHooks process: "


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        (
            Limits(cpus="0-900", memory=4096),
            CPUS + '"0-900": write /sys/fs/cgroup/cpuset/pods/c/cpuset.cpus: '
            "numerical result out of range",
        ),
        (
            Limits(memory=4096, quota=10),
            READY + "unable to set memory limit to 4096 (current usage: N, peak usage: N)",
        ),
        (
            Limits(quota=10, period=100_000),
            READY + 'failed to write "10": write /sys/fs/cgroup/cpu/pods/c/cpu.cfs_quota_us: '
            "invalid argument",
        ),
        (
            Limits(period=10),
            READY + 'failed to write "10": write /sys/fs/cgroup/cpu/pods/c/cpu.cfs_period_us: '
            "invalid argument",
        ),
    ],
)
@pytest.mark.parametrize("version", BOTH)
def test_impossible_limits_fail_the_start(limits: Limits, told: str, version: Version) -> None:
    store = make_store(version)
    container = create(store, "c")
    update_limits(store, "c", limits)
    with pytest.raises(CriError) as error:
        container_calls.start_container(store, "c")
    suffix = ": unknown" if version is Version.V1_6 else ""
    assert error.value.message == (
        "failed to create containerd task: failed to create shim task: OCI runtime create failed: "
        f"runc create failed: unable to start container process: {told}{suffix}"
    )
    assert (container.exit_code, container.shown_reason) == (128, "StartError")
    assert container.state == ContainerState.EXITED
    assert not container.has_started


def test_a_later_possible_limit_takes_the_place_of_an_impossible_one() -> None:
    store = make_store()
    create(store, "c")
    for limits in (Limits(memory=4096), Limits(memory=1 << 26), Limits(quota=-1)):
        update_limits(store, "c", limits)
    container_calls.start_container(store, "c")


def test_a_refused_limit_of_a_running_container_is_forgotten() -> None:
    store = make_store(Version.V1_6)
    container = run(store, "c")
    with pytest.raises(CriError) as error:
        update_limits(store, "c", Limits(quota=10))
    assert error.value.message.endswith("cpu.cfs_quota_us: invalid argument\n: unknown")
    assert container.limits == Limits()


@pytest.mark.parametrize("version", BOTH)
def test_a_command_that_is_not_there_is_told_with_the_class_by_1_6(version: Version) -> None:
    store = make_store(version)
    run(store, "c")
    with pytest.raises(CriError) as error:
        process_calls.exec_sync(store, "c", Execution("x", ["/no"], "/w"), 0)
    told = 'exec: "/no": stat /no: no such file or directory'
    assert (told in error.value.message, error.value.message.endswith(": unknown")) == (
        True,
        version is Version.V1_6,
    )


@pytest.mark.parametrize(("timeout", "ends"), [(0, True), (5, True), (1, False)])
def test_a_command_has_the_time_that_it_is_given(timeout: int, ends: bool) -> None:
    store = make_store()
    run(store, "c")
    execution = Execution("x", ["/w"], "/w", takes=3)
    if ends:
        assert process_calls.exec_sync(store, "c", execution, timeout) is execution
    else:
        with pytest.raises(CriError, match="timeout 1s exceeded"):
            process_calls.exec_sync(store, "c", execution, timeout)


def test_the_end_of_a_sandbox_ends_those_that_share_its_processes() -> None:
    for shares_pids, state in ((False, ContainerState.RUNNING), (True, ContainerState.EXITED)):
        store = make_store(shares_pids=shares_pids)
        container = run(store, "c")
        assert process_calls.signal_process(store, "s", SIGKILL, PAUSE)
        assert (container.state, store.sandboxes["s"].is_ready) == (state, False)


def test_a_sandbox_killed_while_the_runtime_is_down_takes_its_processes_along() -> None:
    store = make_store(shares_pids=True)
    running, created = run(store, "c1"), create(store, "c2")
    process_calls.restart(store, ["s"])
    assert not store.sandboxes["s"].is_ready
    assert (running.exit_code, running.shown_reason) == (255, "Unknown")
    assert created.state == ContainerState.CREATED


def test_a_program_that_goes_on_is_not_ended_by_a_signal() -> None:
    store = make_store()
    container = run(store, "c", Program(handles={SIGTERM: None}))
    assert not process_calls.signal_process(store, "c", SIGTERM, PAUSE)
    assert container.state == ContainerState.RUNNING


def test_the_empty_reference_is_the_one_image_there_is() -> None:
    store = CriStore(Version.V2_3, images={"app": Image("app")})
    assert image_calls.resolve(store, "") == Image("app")
    image_calls.remove_image(store, "")
    assert image_calls.get_image(store, "") is None


def test_a_pull_names_registry_and_reference_in_full() -> None:
    store = CriStore(Version.V1_6)
    assert image_calls.refuse_pull(store, "nginx").message == (
        'failed to pull and unpack image "docker.io/library/nginx:latest": failed to resolve '
        'reference "docker.io/library/nginx:latest": failed to do request: Head '
        '"https://docker.io/v2/library/nginx/manifests/latest": dial tcp docker.io: connect: '
        "connection refused"
    )


def test_what_ends_with_its_sandbox_is_told_in_any_order() -> None:
    store = make_store(shares_pids=True)
    run(store, "c")
    process_calls.signal_process(store, "s", SIGKILL, PAUSE)
    first, second = store.told[-1]
    assert (first.id, second.id) == ("c", "s")
    assert first.allows("READY", {"c": "EXITED"})
    assert first.allows("NOTREADY", {"c": "EXITED"})
    assert not first.allows("READY", {"c": "RUNNING"})
    assert second.allows("NOTREADY", {"c": "RUNNING"})
    assert not second.allows("READY", {"c": "EXITED"})
    assert not second.allows("NOTREADY", {})
