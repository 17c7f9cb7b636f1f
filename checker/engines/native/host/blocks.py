"""Blocks of zeroed memory that cost nothing until they are touched."""

import ctypes
import mmap
import os
from array import array
from pathlib import Path

HUGE = 1 << 21
"""Size of a huge page; large blocks begin at a multiple of it."""

CGROUP = Path("/sys/fs/cgroup")

PRIVATE: dict[str, int] = (
    {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if hasattr(mmap, "MAP_PRIVATE") else {}
)
"""Shared pages, which Python maps by default, are never huge."""


class Block:
    """`count` 64-bit words, zero at first; `array` is a view of them, `address` where they are.

    NumPy reads and writes the view in place; it is not needed, and takes long to import.
    Raises MemoryError when the operating system refuses.
    """

    def __init__(self, count: int) -> None:
        """Map the pages; huge ones are asked for where the block is large enough."""
        size = max(8 * count, 8)
        large = size >= 4 * HUGE
        try:
            self._map: mmap.mmap | None = mmap.mmap(-1, size + (HUGE if large else 0), **PRIVATE)
        except (OSError, ValueError) as error:
            raise MemoryError(f"cannot map {size} bytes: {error}") from error
        if large and hasattr(mmap, "MADV_HUGEPAGE"):
            self._map.madvise(mmap.MADV_HUGEPAGE)
        start = ctypes.addressof(ctypes.c_char.from_buffer(self._map))
        self.address = -(-start // HUGE) * HUGE if large else start
        self.bytes = size
        offset = self.address - start
        self.array = memoryview(self._map)[offset : offset + 8 * count].cast("Q")

    def fill(self, value: int) -> None:
        """Write one value everywhere."""
        self.array[:] = array("Q", [value]) * len(self.array)

    def release(self) -> None:
        """Give the pages back; the address must not be used any more."""
        self.array = memoryview(b"").cast("Q")
        self._map = None


def free_memory() -> int | None:
    """Bytes this process may still take before the machine or its container is full, if known."""
    found = [x for x in (_machine_free(), _container_free()) if x is not None]
    return min(found, default=None)


def _machine_free() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return _pages("SC_PHYS_PAGES")
    sizes = {name: rest.split()[0] for name, _, rest in (line.partition(":") for line in lines)}
    return int(sizes["MemAvailable"]) * 1024 if "MemAvailable" in sizes else None


def _pages(name: str) -> int | None:
    try:
        return os.sysconf(name) * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return None


def _container_free() -> int | None:
    """What the control group of a container leaves (cgroup v2: memory.max, memory.current)."""
    try:
        limit = (CGROUP / "memory.max").read_text(encoding="ascii").strip()
        used = int((CGROUP / "memory.current").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return None if limit == "max" else max(0, int(limit) - used)
