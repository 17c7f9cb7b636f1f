"""The containerd of this machine, in a folder of its own, with an image that needs no registry.

It may be confined: no AppArmor, no lower score for the killer of processes out of memory, no
overlay file system. The program of the image waits for ever; its machine code is x86-64.
"""

import hashlib
import io
import json
import os
import platform
import shutil
import struct
import subprocess
import tarfile
from pathlib import Path

IMAGE = "planespec.invalid/waits:1"
_TOOLS = ("containerd", "ctr", "runc")
_PLUGIN = '[plugins."io.containerd.grpc.v1.cri"'
_BASE = 0x400000
_PAUSE_FOR_EVER = bytes.fromhex("b822000000 0f05 ebf7")
"""mov eax, 34; syscall; jmp to the first again."""


def find_obstacle() -> str:
    """Why containerd cannot be started here; "" where it can."""
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing:
        return f"not installed: {', '.join(missing)}"
    if os.geteuid() != 0:
        return "containerd needs root"
    return "" if platform.machine() == "x86_64" else "no program for this processor"


def configure(folder: Path) -> list[str]:
    """Write a configuration and return the command that starts containerd with it."""
    text = f"""version = 2
root = "{folder}/root"
state = "{folder}/state"
[grpc]
  address = "{folder}/cri.sock"
{_PLUGIN}]
  sandbox_image = "{IMAGE}"
  disable_apparmor = true
  restrict_oom_score_adj = true
{_PLUGIN}.containerd]
  snapshotter = "native"
{_PLUGIN}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
"""
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return ["containerd", "--config", str(folder / "config.toml")]


def import_image(folder: Path) -> None:
    """Give a containerd that runs the image."""
    _write_image(folder / "image.tar")
    command = ["ctr", "-a", f"{folder}/cri.sock", "-n", "k8s.io", "images", "import"]
    command += ["--snapshotter", "native", str(folder / "image.tar")]
    subprocess.run(command, check=True, capture_output=True)


def _write_image(path: Path) -> None:
    layer = _pack({"waits": _program()})
    parts = {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]}
    config = {"architecture": "amd64", "os": "linux", "rootfs": parts}
    config |= {"config": {"Entrypoint": ["/waits"]}}
    manifest = [{"Config": "config.json", "RepoTags": [IMAGE], "Layers": ["layer.tar"]}]
    files = {"config.json": config, "manifest.json": manifest}
    written = {name: json.dumps(each).encode() for name, each in files.items()}
    path.write_bytes(_pack({**written, "layer.tar": layer}))


def _pack(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o755
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _program() -> bytes:
    """Return an executable: the header of an ELF file, one segment, and the code."""
    start = 64 + 56
    size = start + len(_PAUSE_FOR_EVER)
    kind = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    rest = (2, 62, 1, _BASE + start, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    segment = (1, 5, 0, _BASE, _BASE, size, size, 0x1000)
    header = struct.pack("<HHIQQQIHHHHHH", *rest) + struct.pack("<IIQQQQQQ", *segment)
    return kind + header + _PAUSE_FOR_EVER
