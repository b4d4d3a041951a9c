"""Requests to the engine double, and the streams that answer some of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from llmgym.testing.engine_containers import Refusal

__all__ = ["Request", "feed", "send_frames"]


class Request:
    """One request, and the connection to answer on."""

    def __init__(
        self,
        method: str,
        target: str,
        body: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ):
        parts = urlsplit(target)
        self.method, self.path, self.body = method, parts.path, body
        self.query = dict(parse_qsl(parts.query))
        self.reader, self.writer = reader, writer
        self.fault: dict[str, Any] = {}

    @classmethod
    async def read(cls, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Request | None:
        """Read a request; return ``None`` when it is none."""
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        words = first.split()
        if len(words) != 3:
            return None
        headers = {
            key.strip().lower(): value.strip() for key, _, value in (line.partition(":") for line in lines)
        }
        body = await reader.readexactly(int(headers.get("content-length") or 0))
        return cls(words[0], words[1], body, reader, writer)

    def json(self) -> Any:
        """Return the body as JSON.

        Raises:
            Refusal: When it is none.
        """
        try:
            return orjson.loads(self.body or b"{}")
        except ValueError as error:
            raise Refusal(400, f"invalid JSON: {error}") from error

    async def reply(self, status: int, body: Any = b"", headers: dict[str, str] | None = None) -> None:
        """Answer, and let the connection be closed."""
        raw = b"" if self.method == "HEAD" else body if isinstance(body, bytes) else orjson.dumps(body)
        told = {"Content-Type": "application/json", "Content-Length": str(len(raw)), "Connection": "close"}
        if status in (204, 304):
            del told["Content-Length"]
        lines = [
            f"HTTP/1.1 {status} .",
            *(f"{key}: {value}" for key, value in {**told, **(headers or {})}.items()),
        ]
        self.writer.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + raw)
        await self.writer.drain()


async def send_frames(stream: asyncio.StreamReader, number: int, writer: asyncio.StreamWriter) -> None:
    """Send what a program writes, in frames of one stream."""
    async for data in _chunks(stream):
        writer.write(bytes([number, 0, 0, 0]) + len(data).to_bytes(4, "big") + data)
        await writer.drain()


async def _chunks(stream: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while data := await stream.read(32 << 10):
        yield data


async def feed(reader: asyncio.StreamReader, stdin: asyncio.StreamWriter) -> None:
    """Give a program what the client sends, until either ends."""
    try:
        async for data in _chunks(reader):
            stdin.write(data)
            await stdin.drain()
    except ConnectionError:
        # The program does not read its input.
        return
    finally:
        stdin.close()
