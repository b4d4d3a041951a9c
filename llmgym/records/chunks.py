"""The bytes of a file in pieces of bounded size, unpacked where they are gzipped."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from itertools import chain
from typing import BinaryIO

from llmgym.records.fileops import DiskError

__all__ = ["chunks"]

_SIZE = 1 << 20


def chunks(stream: BinaryIO, name: str, damaged: Callable[[str], None]) -> Iterator[bytes]:
    """Read a stream to its end. Whether it is gzipped is told by its first bytes.

    Args:
        stream: The open stream.
        name: Its name, for error messages.
        damaged: Called with the cause where gzipped data cannot be unpacked further.

    Returns:
        An iterator of pieces of at most 1 MiB, none empty.

    Raises:
        DiskError: When the system cannot read.
    """
    pieces = _raw(stream, name)
    head = next(pieces, b"")
    while len(head) == 1 and (more := next(pieces, b"")):
        head += more
    if not head:
        return iter(())
    pieces = chain([head], pieces)
    # Two bytes can also be damage in front of plain rows: they do not count unless the first piece unpacks.
    return _inflate(pieces, damaged) if head.startswith(b"\x1f\x8b") and _unpacks(head) else pieces


def _unpacks(head: bytes) -> bool:
    try:
        zlib.decompressobj(31).decompress(head, 1)
    except zlib.error:
        return False
    return True


def _raw(stream: BinaryIO, name: str) -> Iterator[bytes]:
    try:
        while piece := stream.read(_SIZE):
            yield piece
    except OSError as error:
        raise DiskError.of(error, name, "Reading", reading=True) from error


def _inflate(pieces: Iterator[bytes], damaged: Callable[[str], None]) -> Iterator[bytes]:
    unpack = zlib.decompressobj(31)
    begun = False
    try:
        for piece in pieces:
            while piece:
                begun = True
                if data := unpack.decompress(piece, _SIZE):
                    yield data
                piece = unpack.unconsumed_tail
                if unpack.eof:  # another member may follow, or padding
                    piece = unpack.unused_data.lstrip(b"\0")
                    unpack, begun = zlib.decompressobj(31), bool(piece)
    except zlib.error:
        damaged("damaged gzip data: nothing after it can be read")
    else:
        if begun:
            if data := unpack.flush():
                yield data
            damaged("gzip data cut short")
