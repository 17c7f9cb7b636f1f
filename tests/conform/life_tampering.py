"""Traces of a pod's life with a fault in them that no kubelet makes, and why it makes none.

Each function changes a trace in place, or returns False where the trace has no place for it. A
place is only chosen where the fault is certain whatever happened between the events: a program
that never ends by itself, a time before anybody touched the pod, a call without which a later one
makes no sense. So every changed trace is one that has to be rejected.
"""

import random
from copy import deepcopy
from typing import Any

Json = dict[str, Any]
Calls = list[Json]

ENDLESS = ("pause", "run", "stubborn")


def list_specs(line: Json) -> list[Json]:
    """All containers of the pod."""
    spec = line["pod"]["spec"]
    return [*spec.get("initContainers", []), *spec["containers"]]


def get_spec(line: Json, name: str) -> Json:
    return next(each for each in list_specs(line) if each["name"] == name)


def is_endless(line: Json, name: str) -> bool:
    """Whether a container runs until it is stopped."""
    return get_spec(line, name)["args"][0] in ENDLESS


def list_calls(line: Json, *kinds: str, worked: bool = True) -> Calls:
    """The calls of some kinds, those that failed left out."""
    return [
        each
        for each in line["calls"]
        if each["call"] in kinds and not (worked and each.get("code"))
    ]


def pick(rng: random.Random, found: Calls) -> Json | None:
    return rng.choice(found) if found else None


def drop(line: Json, call: Json) -> bool:
    line["calls"] = [each for each in line["calls"] if each is not call]
    return True


def insert_after(line: Json, call: Json, *added: Json) -> bool:
    place = next(index for index, each in enumerate(line["calls"]) if each is call) + 1
    line["calls"][place:place] = added
    return True


def get_name(line: Json, ref: str) -> str:
    made = list_calls(line, "CreateContainer")
    return next((str(each["name"]) for each in made if each["id"] == ref), "")


def has_later(line: Json, call: Json, kinds: tuple[str, ...], ref: str) -> bool:
    place = next(index for index, each in enumerate(line["calls"]) if each is call)
    later = line["calls"][place + 1 :]
    return any(
        each["call"] in kinds and ref in (each.get("ref"), each.get("sandbox")) for each in later
    )


def first_touch(line: Json) -> float:
    """When anybody first touches the pod; its deadline counts."""
    times = [each["t"] for each in line["actions"] if each["action"] != "none"]
    deadline = line["pod"]["spec"].get("activeDeadlineSeconds")
    return float(min([*times, *([deadline] if deadline else [])], default=1e9)) - 1


def list_untouched_starts(line: Json) -> Calls:
    """Starts of regular containers that run on: nothing stops them before the pod is touched."""
    regular = {each["name"] for each in line["pod"]["spec"]["containers"]}
    stopped = {each["ref"] for each in line["calls"] if each["call"] == "StopContainer"}
    found = []
    for call in list_calls(line, "StartContainer"):
        name = get_name(line, call["ref"])
        if name not in regular or not is_endless(line, name):
            continue
        spec = get_spec(line, name)
        loose = "lifecycle" in spec or "livenessProbe" in spec or "startupProbe" in spec
        early = [each for each in line["calls"] if each.get("ref") == call["ref"]]
        ends = [each["t"] for each in early if each["call"] == "StopContainer"]
        is_safe = call["ref"] not in stopped or min(ends) > first_touch(line)
        if not loose and is_safe and call["t"] + 1 < first_touch(line):
            found.append(call)
    return found


def drop_sandbox(line: Json, rng: random.Random) -> bool:
    """Containers are made in it."""
    used = {each["sandbox"] for each in list_calls(line, "CreateContainer")}
    made = list_calls(line, "RunPodSandbox")
    call = pick(rng, [each for each in made if each["id"] in used])
    return call is not None and drop(line, call)


def drop_create(line: Json, rng: random.Random) -> bool:
    """The container is started."""
    started = {each["ref"] for each in list_calls(line, "StartContainer")}
    made = list_calls(line, "CreateContainer")
    call = pick(rng, [each for each in made if each["id"] in started])
    return call is not None and drop(line, call)


def drop_start(line: Json, rng: random.Random) -> bool:
    """It is stopped later, so it ran."""
    stopped = {each["ref"] for each in list_calls(line, "StopContainer")}
    call = pick(
        rng, [each for each in list_calls(line, "StartContainer") if each["ref"] in stopped]
    )
    return call is not None and drop(line, call)


def drop_stop(line: Json, rng: random.Random) -> bool:
    """Its program never ends, nobody kills it, and it is removed later."""
    stops = list_calls(line, "StopContainer", worked=False)
    refs = [each["ref"] for each in stops]
    hit = {each.get("container") for each in line["actions"]}
    if any(each["action"] == "containerdRestart" for each in line["actions"]):
        return False
    found = []
    for call in stops:
        name, ref = get_name(line, call["ref"]), call["ref"]
        sandbox = next(
            each["sandbox"] for each in list_calls(line, "CreateContainer") if each["id"] == ref
        )
        later = has_later(line, call, ("StopPodSandbox",), sandbox)
        before = [e for e in list_calls(line, "StopPodSandbox") if e["ref"] == sandbox]
        early = any(each["t"] < call["t"] for each in before)
        if (
            refs.count(ref) == 1
            and is_endless(line, name)
            and ref not in hit
            and later
            and not early
        ):
            found.append(call)
    chosen = pick(rng, found)
    return chosen is not None and drop(line, chosen)


def drop_sandbox_stop(line: Json, rng: random.Random) -> bool:
    """It is removed later, and was stopped only once."""
    removed = {each["ref"] for each in list_calls(line, "RemovePodSandbox")}
    stops = list_calls(line, "StopPodSandbox")
    refs = [each["ref"] for each in stops]
    once = [each for each in stops if each["ref"] in removed and refs.count(each["ref"]) == 1]
    call = pick(rng, once)
    return call is not None and drop(line, call)


def repeat(line: Json, rng: random.Random) -> bool:
    """A container is made and started once, a sandbox made and removed once."""
    kinds = ("StartContainer", "CreateContainer", "RunPodSandbox", "RemovePodSandbox")
    call = pick(rng, list_calls(line, *kinds))
    if call is None:
        return False
    again = deepcopy(call)
    if "id" in again:
        again["id"] += "-again"
    return insert_after(line, call, again)


def remove_twice(line: Json, rng: random.Random) -> bool:
    """Two parts of the kubelet may race, but not for seconds."""
    call = pick(rng, list_calls(line, "RemoveContainer"))
    if call is None:
        return False
    last = max(each["t"] for each in line["calls"]) + 5
    line["calls"].append(deepcopy(call) | {"t": last})
    return True


def swap_create_and_start(line: Json, rng: random.Random) -> bool:
    """What is not made cannot be started."""
    start = pick(rng, list_calls(line, "StartContainer"))
    if start is None:
        return False
    create = next(e for e in list_calls(line, "CreateContainer") if e["id"] == start["ref"])
    calls = line["calls"]
    first, second = (next(i for i, e in enumerate(calls) if e is x) for x in (create, start))
    calls[first], calls[second] = start | {"t": create["t"]}, create | {"t": start["t"]}
    return True


def change_reference(line: Json, rng: random.Random) -> bool:
    """There is no such container and no such sandbox."""
    call = pick(rng, [each for each in line["calls"] if "ref" in each or "sandbox" in each])
    if call is None:
        return False
    key = "ref" if "ref" in call else "sandbox"
    call[key] = call[key][0] + "99"
    return True


def name_one_to_come(line: Json, rng: random.Random) -> bool:
    """The container is made later."""
    made = list_calls(line, "CreateContainer")
    if not made:
        return False
    last = made[-1]
    kinds = ("StopContainer", "RemoveContainer", "ExecSync")
    earlier = [each for each in line["calls"] if each["call"] in kinds and each["t"] < last["t"]]
    call = pick(rng, earlier)
    if call is None:
        return False
    call["ref"] = last["id"]
    return True


def start_before_init(line: Json, rng: random.Random) -> bool:
    """The first init container has been started, and runs for more than a second."""
    init = line["pod"]["spec"].get("initContainers", [])
    regular = {each["name"] for each in line["pod"]["spec"]["containers"]}
    if not init or init[0].get("restartPolicy") == "Always" or init[0]["args"][0] != "exit":
        return False
    if int(init[0]["args"][2]) < 1000:
        return False
    made = list_calls(line, "CreateContainer")
    first = next((each for each in made if each["name"] == init[0]["name"]), None)
    app = next((each for each in made if each["name"] in regular), None)
    starts = {each["ref"]: each for each in list_calls(line, "StartContainer")}
    if first is None or app is None or first["id"] not in starts or app["id"] not in starts:
        return False
    begun = starts[first["id"]]
    moved = [app, starts[app["id"]]]
    for call in moved:
        drop(line, call)
    return insert_after(line, begun, *(each | {"t": begun["t"]} for each in moved))


def swap_init_containers(line: Json, rng: random.Random) -> bool:
    """The second one is made before the first, which has to have begun."""
    init = [each["name"] for each in line["pod"]["spec"].get("initContainers", [])]
    made = list_calls(line, "CreateContainer")
    both = [next((each for each in made if each["name"] == name), None) for name in init[:2]]
    if len(both) < 2 or both[0] is None or both[1] is None:
        return False
    both[0]["name"], both[1]["name"] = both[1]["name"], both[0]["name"]
    return True


def stop_sidecar_first(line: Json, rng: random.Random) -> bool:
    """A regular container runs that never ends, and the pod has all of its grace left."""
    sidecars = {
        each["name"]
        for each in line["pod"]["spec"].get("initContainers", [])
        if each.get("restartPolicy") == "Always" and not each.get("livenessProbe")
        if not each.get("startupProbe") and not each.get("lifecycle")
    }
    deleted = [each["t"] for each in line["actions"] if each["action"] == "delete"]
    if len(deleted) != 1 or first_touch(line) + 1 < deleted[0]:
        return False
    stops = [e for e in list_calls(line, "StopContainer") if e["t"] >= deleted[0]]
    names = {each["ref"]: get_name(line, each["ref"]) for each in stops}
    main = next(
        (
            e
            for e in stops
            if names[e["ref"]] not in sidecars and is_endless(line, names[e["ref"]])
        ),
        None,
    )
    sidecar = next((each for each in stops if names[each["ref"]] in sidecars), None)
    if main is None or sidecar is None or main["t"] > sidecar["t"]:
        return False
    drop(line, sidecar)
    place = next(index for index, each in enumerate(line["calls"]) if each is main)
    line["calls"].insert(place, sidecar | {"t": main["t"]})
    return True


def change_attempt(line: Json, rng: random.Random) -> bool:
    """Attempts are counted."""
    call = pick(rng, list_calls(line, "CreateContainer", "RunPodSandbox"))
    if call is None:
        return False
    call["attempt"] += rng.choice((2, 5))
    return True


def change_timeout(line: Json, rng: random.Random) -> bool:
    """No container has less than two seconds, none more than the pod's grace."""
    call = pick(rng, list_calls(line, "StopContainer"))
    if call is None:
        return False
    call["timeout"] = rng.choice((0, 1, 60))
    return True


def change_command(line: Json, rng: random.Random) -> bool:
    """No probe and no hook has that command, or it ends with another code."""
    call = pick(rng, list_calls(line, "ExecSync"))
    if call is None:
        return False
    if rng.random() < 0.5:
        call["cmd"] = ["/w", "exit", "7", "0"]
    else:
        call["exit"] = 55
    return True


def rename_container(line: Json, rng: random.Random) -> bool:
    """The pod has no such container."""
    call = pick(rng, list_calls(line, "CreateContainer"))
    if call is None:
        return False
    call["name"] = "other"
    return True


def start_after_the_end(line: Json, rng: random.Random) -> bool:
    """The pod has been gone for seconds."""
    made = list_calls(line, "CreateContainer")
    if line["actions"][-1]["action"] != "delete" or not made:
        return False
    create = made[-1]
    last = max(line["actions"][-1]["t"], line["calls"][-1]["t"]) + 10
    again = create | {"t": last, "id": "c-late", "attempt": create["attempt"] + 1}
    line["calls"].append(again)
    return True


def stop_without_a_reason(line: Json, rng: random.Random) -> bool:
    """It runs, has neither probe nor hook, and nobody has touched the pod."""
    call = pick(rng, list_untouched_starts(line))
    if call is None:
        return False
    stop = {"call": "StopContainer", "ref": call["ref"], "timeout": 2, "took": 0.0}
    later = [each for each in line["calls"] if each["t"] <= call["t"] + 0.6]
    return insert_after(line, later[-1], stop | {"t": max(later[-1]["t"], call["t"] + 0.6)})


def remove_what_runs(line: Json, rng: random.Random) -> bool:
    """It runs, and nobody has touched the pod."""
    call = pick(rng, list_untouched_starts(line))
    if call is None:
        return False
    return insert_after(line, call, {**call, "call": "RemoveContainer", "took": 0.0})


def make_a_second_sandbox(line: Json, rng: random.Random) -> bool:
    """A container runs in the first, and nobody has touched the pod."""
    call = pick(rng, list_untouched_starts(line))
    if call is None:
        return False
    first = list_calls(line, "RunPodSandbox")[0]
    return insert_after(line, call, first | {"t": call["t"], "attempt": 1, "id": "s-more"})


def make_what_runs(line: Json, rng: random.Random) -> bool:
    """It runs, and nobody has touched the pod."""
    call = pick(rng, list_untouched_starts(line))
    if call is None:
        return False
    made = next(e for e in list_calls(line, "CreateContainer") if e["id"] == call["ref"])
    more = made | {"t": call["t"], "attempt": made["attempt"] + 1, "id": "c-more"}
    return insert_after(line, call, more)


CALLS = (
    *(drop_sandbox, drop_create, drop_start, drop_stop, drop_sandbox_stop, repeat, remove_twice),
    *(swap_create_and_start, change_reference, name_one_to_come, start_before_init),
    *(swap_init_containers, stop_sidecar_first, change_attempt, change_timeout, change_command),
    *(rename_container, start_after_the_end, stop_without_a_reason, remove_what_runs),
    *(make_a_second_sandbox, make_what_runs),
)
