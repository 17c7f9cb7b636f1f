"""Reading a bbolt file made by hand: inline buckets, buckets of their own, branches."""

import struct

import pytest

from planespec.reports.live.etcd.defects import META_MAGIC, read_bucket

SIZE = 512


def page(number, flags, body, count):
    return (struct.pack("<QHHI", number, flags, count, 0) + body).ljust(SIZE, b"\0")


def leaf(items):
    """Lay out items as the body of a leaf page."""
    header, content = b"", b""
    for index, (key, value) in enumerate(items):
        position = (len(items) - index) * 16 + len(content)
        header += struct.pack("<IIII", 0, position, len(key), len(value))
        content += key + value
    return header + content


def meta(number, root, transaction):
    body = struct.pack("<IIIIQQQQQ", META_MAGIC, 2, SIZE, 0, root, 0, 0, 9, transaction)
    return page(number, 4, body, 0)


def bucket_at(root):
    return struct.pack("<QQ", root, 0)


def inline(items):
    return bucket_at(0) + struct.pack("<QHHI", 0, 2, len(items), 0) + leaf(items)


@pytest.fixture
def file(tmp_path):
    branch = struct.pack("<IIQ", 0, 1, 5) + struct.pack("<IIQ", 0, 1, 6)
    own = [(b"key", bucket_at(4)), (b"members", inline([(b"1", b"one"), (b"2", b"two")]))]
    pages = [
        meta(0, root=2, transaction=7),
        meta(1, root=3, transaction=8),
        page(2, 2, leaf([(b"members", inline([(b"1", b"old")]))]), 1),
        page(3, 2, leaf(own), 2),
        page(4, 1, branch, 2),
        page(5, 2, leaf([(b"a", b"1")]), 1),
        page(6, 2, leaf([(b"b", b"2"), (b"c", b"3")]), 2),
    ]
    path = tmp_path / "db"
    path.write_bytes(b"".join(pages))
    return path


def test_the_newer_of_the_two_trees_is_read(file):
    assert read_bucket(file, "members") == {"1": b"one", "2": b"two"}


def test_a_bucket_of_several_pages_is_read_in_order(file):
    assert read_bucket(file, "key") == {"a": b"1", "b": b"2", "c": b"3"}


def test_a_bucket_that_is_not_there_is_empty(file):
    assert read_bucket(file, "lease") == {}


def test_another_file_is_refused(tmp_path, file):
    path = tmp_path / "other"
    path.write_bytes(b"x" * 200)
    with pytest.raises(ValueError, match="not a file of bbolt"):
        read_bucket(path, "key")
    path.write_bytes(file.read_bytes()[: SIZE + 100])
    with pytest.raises(ValueError, match="cut off"):
        read_bucket(path, "key")
