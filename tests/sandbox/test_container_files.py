"""Archives and streams that an engine, or a program behind it, could send."""

from __future__ import annotations

import asyncio
import base64
import gzip
import io
import json
import random
import socket
import tarfile

import pytest

from llmgym.errors import InfrastructureError
from llmgym.sandbox import FileProblem
from llmgym.sandbox.container_engine import Hijacked
from llmgym.sandbox.container_files import checked_path, content_of, packed, size_of


def archive(*entries: tuple[dict, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=form) as tar:
        for attributes, data in entries:
            entry = tarfile.TarInfo()
            entry.size = len(data)
            for name, value in attributes.items():
                setattr(entry, name, value)
            tar.addfile(entry, io.BytesIO(data))
    return made.getvalue()


GOOD = archive(({"name": "f"}, b"data"))
LIE = bytearray(GOOD)
LIE[124:136] = b"77777777777\0"
LIE[148:156] = b"        "
LIE[148:156] = b"%06o\0 " % sum(LIE[:512])


def test_one_regular_file_is_read():
    assert content_of("/f", GOOD, 4) == b"data"
    assert content_of("/f", archive(({"name": "f" * 300}, b"")), 4) == b""
    assert content_of("/f", archive(({"name": "f" * 300}, b"x" * 9), form=tarfile.GNU_FORMAT), 9) == b"x" * 9


@pytest.mark.parametrize(
    "raw",
    [
        archive(({"name": "f", "type": tarfile.SYMTYPE, "linkname": "/etc/shadow"}, b"")),
        archive(({"name": "f", "type": tarfile.LNKTYPE, "linkname": "/etc/shadow"}, b"")),
        archive(({"name": "f", "type": tarfile.CHRTYPE}, b"")),
        archive(({"name": "f", "type": tarfile.BLKTYPE}, b"")),
        archive(({"name": "f", "type": tarfile.FIFOTYPE}, b"")),
        archive(({"name": "f", "type": tarfile.DIRTYPE}, b"")),
        archive(({"name": "f"}, b"data"), ({"name": "g"}, b"more")),
        archive(({"name": "f"}, b"data"), ({"name": "f", "type": tarfile.SYMTYPE, "linkname": "/"}, b"")),
        archive(
            ({"name": "f", "pax_headers": {"GNU.sparse.size": "99999999", "GNU.sparse.numblocks": "0"}}, b"")
        ),
        archive(({"name": "f"}, b"12345")),
        bytes(LIE),
        GOOD[:300],
        GOOD[:514],
        b"",
        b"\0" * 10240,
        b"x" * 10240,
        gzip.compress(GOOD),
    ],
    ids=(
        "symlink hardlink chardevice blockdevice pipe folder two file-and-link sparse too-large lie cut-head cut-data "
        "empty zeros noise gzip"
    ).split(),
)
def test_all_else_is_refused(raw):
    with pytest.raises(FileProblem):
        content_of("/f", raw, 4)


def test_noise_is_never_more_than_a_refusal():
    rng = random.Random(0)
    for _ in range(400):
        raw = bytearray(
            archive(({"name": "f", "pax_headers": {"comment": "x" * rng.randrange(600)}}, b"d" * 600))
        )
        for _ in range(rng.randrange(1, 8)):
            raw[rng.randrange(len(raw))] = rng.randrange(256)
        try:
            assert len(content_of("/f", bytes(raw), 10_000)) <= 10_000
        except FileProblem:
            continue


def test_nothing_of_an_archive_touches_the_disk(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert content_of("/f", archive(({"name": "../../escaped"}, b"x")), 4) == b"x"
    assert content_of("/f", archive(({"name": "/tmp/llmgym-escaped"}, b"x")), 4) == b"x"
    assert list(tmp_path.iterdir()) == []


def test_what_is_packed_is_one_plain_file():
    with tarfile.open(fileobj=io.BytesIO(packed({"ä\n'": b"data"}, 0o4755, (7, 8)))) as tar:
        [entry] = tar.getmembers()
        assert (entry.name, entry.mode, entry.uid, entry.gid, entry.isreg()) == ("ä\n'", 0o4755, 7, 8, True)
        assert tar.extractfile(entry).read() == b"data"


@pytest.mark.parametrize(
    "path, parts",
    [
        ("/a", ("/", "a")),
        ("/a/b", ("/a", "b")),
        ("//a//./b", ("/a", "b")),
        ("/a/..b", ("/a", "..b")),
        ("/a b/-c", ("/a b", "-c")),
    ],
)
def test_paths_are_split(path, parts):
    assert checked_path(path) == parts


@pytest.mark.parametrize(
    "path", ["", "a", "./a", "/", "//", "/.", "/a/", "/../a", "/a/../b", "/a/..", "/a\0", "/" + "x" * 4096]
)
def test_paths_that_lead_elsewhere_are_refused(path):
    with pytest.raises(FileProblem):
        checked_path(path)


def stat(**told: object) -> str:
    return base64.b64encode(json.dumps(told).encode()).decode()


def test_the_size_comes_from_the_header():
    assert size_of("/f", stat(mode=0o644, size=9)) == 9
    assert size_of("/f", stat(mode=0o4755 | 1 << 23, size=0)) == 0


@pytest.mark.parametrize("bit", [31, 27, 26, 25, 24, 21, 19])
def test_every_odd_kind_of_file_is_known_by_its_mode(bit):
    with pytest.raises(FileProblem):
        size_of("/f", stat(mode=0o644 | 1 << bit, size=9))


@pytest.mark.parametrize(
    "header", [None, "", "%%%", stat(), stat(mode="x", size=1), base64.b64encode(b"[]").decode()]
)
def test_headers_without_sense_are_refused(header):
    with pytest.raises(FileProblem):
        size_of("/f", header)


def frame(stream: int, data: bytes) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(data).to_bytes(4, "big") + data


def received(*pieces: bytes, early: bytes = b"") -> list[tuple[int, bytes]]:
    async def scenario() -> list[tuple[int, bytes]]:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        stream, found = Hijacked(ours, early), []

        async def send() -> None:
            for piece in pieces:
                theirs.sendall(piece)
                await asyncio.sleep(0)
            theirs.close()

        sending = asyncio.create_task(send())
        try:
            while (piece := await stream.piece()) is not None:
                found.append(piece)
        finally:
            await sending
            stream.close()
        return found

    return asyncio.run(scenario())


def joined(pieces: list[tuple[int, bytes]]) -> tuple[bytes, bytes]:
    return b"".join(d for s, d in pieces if s == 1), b"".join(d for s, d in pieces if s == 2)


def test_frames_are_put_together_however_they_arrive():
    raw = frame(1, b"out") + frame(2, b"err") + frame(1, b"") + frame(1, b"more" * 1000)
    wanted = (b"out" + b"more" * 1000, b"err")
    assert joined(received(raw)) == wanted
    assert joined(received(raw[10:], early=raw[:10])) == wanted
    assert joined(received(*(raw[i : i + 1] for i in range(60)), raw[60:])) == wanted
    assert joined(received(early=raw)) == wanted
    assert received() == []


@pytest.mark.parametrize(
    "raw", [frame(1, b"abc")[:-1], frame(1, b"abc") + b"\1\0", b"HTTP/1.1 500", b"\7" + b"\0" * 7]
)
def test_broken_frames_are_an_error(raw):
    with pytest.raises(InfrastructureError, match="frame"):
        received(raw)
