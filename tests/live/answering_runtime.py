"""A container runtime that answers by the rules over a Unix socket, and survives its own death.

Run as `python answering_runtime.py SOCKET STORE [FAULT]`. What it knows is kept in STORE, as what
runs below a real one. FAULT is a call that it answers wrongly.
"""

import itertools
import pickle
import sys
from concurrent import futures
from pathlib import Path

import grpc

from planespec.reports.live.runtime.cri_client import SERVICE
from planespec.reports.live.runtime.cri_wire import SHAPES, decode, encode
from planespec.spec.runtime import container_calls, sandbox_calls
from planespec.spec.runtime.cri_store import (
    SIGTERM,
    Container,
    CriError,
    CriStore,
    Image,
    PodIdentity,
    Program,
    Sandbox,
    Version,
)

STATES = {"READY": 0, "NOTREADY": 1, "CREATED": 0, "RUNNING": 1, "EXITED": 2}


class Runtime:
    """The calls, each a method of its name."""

    def __init__(self, path, fault):
        self.path, self.fault = path, fault
        self.store = CriStore(Version.V2_3, images={"app:1": Image("app:1")})
        self.number = 0
        if path.is_file():
            self.store, self.number = pickle.loads(path.read_bytes())

    def answer(self, method, request):
        response = getattr(self, method)(request)
        self.store.told.clear()
        self.path.write_bytes(pickle.dumps((self.store, self.number)))
        return response

    def new(self):
        self.number += 1
        return f"{self.number:064x}"

    def Version(self, request):  # noqa: N802
        return {"version": "0.1.0", "runtime_name": "rules", "runtime_version": "v2.3.4"}

    def RunPodSandbox(self, request):  # noqa: N802
        told = request["config"]["metadata"]
        pod = PodIdentity(told["name"], told["namespace"], told["uid"])
        made = Sandbox(self.new(), pod, told["attempt"])
        sandbox_calls.run_pod_sandbox(self.store, made)
        return {"pod_sandbox_id": made.id}

    def StopPodSandbox(self, request):  # noqa: N802
        if self.fault != "StopPodSandbox":
            sandbox_calls.stop_pod_sandbox(self.store, request["pod_sandbox_id"])
        return {}

    def RemovePodSandbox(self, request):  # noqa: N802
        sandbox_calls.remove_pod_sandbox(self.store, request["pod_sandbox_id"])
        return {}

    def CreateContainer(self, request):  # noqa: N802
        told, image = request["config"]["metadata"], request["config"]["image"]["image"]
        waits = Program(handles={SIGTERM: None})
        nowhere = PodIdentity("", "", "")
        made = Container(self.new(), "", told["name"], told["attempt"], nowhere, image, waits)
        sandbox = self.store.sandboxes.get(request["pod_sandbox_id"])
        was_ready = sandbox and sandbox.is_ready
        if sandbox and self.fault == "CreateContainer":
            sandbox.is_ready = True
        container_calls.create_container(self.store, made, request["pod_sandbox_id"])
        if sandbox:
            sandbox.is_ready = was_ready
        return {"container_id": made.id}

    def StartContainer(self, request):  # noqa: N802
        container_calls.start_container(self.store, request["container_id"])
        return {}

    def StopContainer(self, request):  # noqa: N802
        container_calls.stop_container(self.store, request["container_id"], request["timeout"])
        return {}

    def RemoveContainer(self, request):  # noqa: N802
        container_calls.remove_container_by_ref(self.store, request["container_id"])
        return {}

    def ListPodSandbox(self, request):  # noqa: N802
        items = self.store.sandboxes.values()
        return {"items": [{"id": each.id, "state": STATES[each.state]} for each in items]}

    def ListContainers(self, request):  # noqa: N802
        items = self.store.containers.values()
        return {"containers": [{"id": each.id, "state": STATES[each.state]} for each in items]}


def handle(runtime, method):
    asked, answered = SHAPES[method]

    def serve(request, context):
        try:
            return runtime.answer(method, request)
        except CriError as error:
            context.abort(grpc.StatusCode[error.code.value], error.message)

    return grpc.unary_unary_rpc_method_handler(
        serve,
        request_deserializer=lambda data: decode(asked, data),
        response_serializer=lambda message: encode(answered, message),
    )


def main(socket, store, fault=""):
    Path(socket).unlink(missing_ok=True)
    runtime = Runtime(Path(store), fault)
    server = grpc.server(futures.ThreadPoolExecutor(1))
    handlers = {method: handle(runtime, method) for method in SHAPES}
    service = SERVICE.strip("/")
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(service, handlers)])
    server.add_insecure_port(f"unix://{socket}")
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    main(*itertools.islice(sys.argv, 1, None))
