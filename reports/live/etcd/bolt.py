"""Read a bucket of a bbolt file, as etcd leaves it behind when stopped.

Only what is needed to look at small buckets: pages are read from the file, nested buckets are
not followed. Source: etcd-io/bbolt, internal/common/{page,meta,inode,bucket}.go.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

META_MAGIC = 0xED0CDAED
_PAGE = struct.Struct("<QHHI")
_META = struct.Struct("<IIIIQQQQQ")
_LEAF = struct.Struct("<IIII")
_BRANCH = struct.Struct("<IIQ")
_BUCKET = struct.Struct("<QQ")
_BRANCH_PAGE, _LEAF_PAGE = 1, 2


def read_bucket(path: Path, name: str) -> dict[str, bytes]:
    """Return the keys and values of a bucket; none where the bucket is not there.

    Raises ValueError for a file that is not one of bbolt.
    """
    try:
        return _File(path.read_bytes()).read_bucket(name.encode())
    except struct.error as error:
        raise ValueError(f"{path} is cut off: {error}") from error


class _File:
    """The bytes of a file and where its newest tree begins."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        _, _, self.page_size, _, *_ = self._read_meta(_PAGE.size)
        metas = [self._read_meta(n * self.page_size + _PAGE.size) for n in (0, 1)]
        newest = max(metas, key=lambda meta: meta[8])
        self.root = newest[4]

    def _read_meta(self, at: int) -> tuple[int, ...]:
        meta = _META.unpack_from(self.data, at)
        if meta[0] != META_MAGIC:
            raise ValueError("not a file of bbolt")
        return meta

    def read_bucket(self, name: bytes) -> dict[str, bytes]:
        for key, value in self._walk(self.root):
            if key == name:
                root, _ = _BUCKET.unpack_from(value)
                items = self._walk(root) if root else _leaves(value, _BUCKET.size)
                return {inner.decode(): content for inner, content in items}
        return {}

    def _walk(self, page: int) -> Iterator[tuple[bytes, bytes]]:
        """Yield the items below a page in order."""
        at = page * self.page_size
        _, flags, count, _ = _PAGE.unpack_from(self.data, at)
        if flags & _LEAF_PAGE:
            yield from _leaves(self.data, at)
        elif flags & _BRANCH_PAGE:
            for number in range(count):
                element = at + _PAGE.size + number * _BRANCH.size
                yield from self._walk(_BRANCH.unpack_from(self.data, element)[2])
        else:
            raise ValueError(f"page {page} is neither branch nor leaf")


def _leaves(data: bytes, at: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield the items of a leaf page that begins at `at`."""
    _, _, count, _ = _PAGE.unpack_from(data, at)
    for number in range(count):
        element = at + _PAGE.size + number * _LEAF.size
        _, position, key_size, value_size = _LEAF.unpack_from(data, element)
        begin = element + position
        yield data[begin : begin + key_size], data[begin + key_size :][:value_size]
