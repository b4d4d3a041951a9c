"""Talking to a container engine: the HTTP API that Docker defined and Podman also speaks."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

import aiohttp
import orjson

from llmgym.errors import InfrastructureError, UsageError
from llmgym.sandbox.base import broken

__all__ = ["Answer", "Engine", "EngineError", "Hijacked", "default_address"]

_LARGEST_HEAD = 64 << 10
_PATIENCE = 120.0
"""Seconds that an engine may take for an ordinary request. A crowded one is slow."""

_answered: set[str] = set()
"""Addresses at which an engine has answered this process."""


class EngineError(Exception):
    """The engine answered with an error.

    Attributes:
        status: The HTTP status.
        message: What it said.
    """

    def __init__(self, status: int, message: str):
        super().__init__(f"{message} (HTTP {status})")
        self.status, self.message = status, message


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the engine: status, headers and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON.

        Raises:
            InfrastructureError: When it is none.
        """
        try:
            return orjson.loads(self.body)
        except ValueError as error:
            raise broken("The container engine gave an answer that is no JSON.") from error


def default_address(names: tuple[str, ...], sockets: tuple[str, ...]) -> str:
    """Return where an engine listens: the first environment variable that is set, else the first socket there is.

    Args:
        names: Environment variables that hold an address.
        sockets: Paths of sockets; may hold ``~`` and variables.
    """
    for name in names:
        if os.environ.get(name):
            return os.environ[name]
    places = [os.path.expanduser(os.path.expandvars(path)) for path in sockets]
    return next((f"unix://{place}" for place in places if os.path.exists(place)), f"unix://{places[-1]}")


class Engine:
    """A connection to an engine. It may be used from any event loop, as it keeps nothing open between requests.

    Args:
        address: ``unix:///path`` or ``tcp://host:port``; a bare path is a socket.
        name: What errors call it.

    Raises:
        UsageError: When the address is of another kind.
    """

    def __init__(self, address: str, name: str):
        parts = urlsplit(address if "://" in address else f"unix://{address}")
        if parts.scheme not in ("unix", "tcp", "http"):
            raise UsageError(
                f"Expected the address of the {name} engine to be unix:///path or tcp://host:port, found {address!r}."
            )
        self.address, self.name = address, name
        self.path = parts.path if parts.scheme == "unix" else None
        try:
            self._host, self._port = parts.hostname or "", parts.port or 2375
        except ValueError as error:
            raise UsageError(f"The address {address!r} of the {name} engine has no valid port.") from error

    def missing(self) -> str | None:
        """Say why no engine can be there, without asking it; ``None`` where there is something to ask."""
        if self.path is None or Path(self.path).is_socket():
            return None
        return f"there is no socket at {self.path}"

    def unreachable(self, problem: str, hint: str) -> UsageError | InfrastructureError:
        """Return the error for an engine that does not answer.

        Args:
            problem: What happens instead, without a full stop.
            hint: What to do, for one that has never answered: then there is none, or its address is wrong. One that
                has answered before has failed, and may come back.
        """
        if self.address in _answered:
            return broken(f"The {self.name} engine at {self.address} does not answer any more: {problem}.")
        return UsageError(f"No {self.name} engine can be reached: {problem}. {hint}")

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        json: Any = None,
        body: bytes | None = None,
        limit: int = 16 << 20,
        patience: float = _PATIENCE,
        headers_only: bool = False,
    ) -> Answer:
        """Send one request.

        Args:
            method: The HTTP method.
            path: The path, without a version: the engine then takes its own.
            query: Values of the query string; mappings are sent as JSON.
            json: The body as JSON.
            body: The body, a tar archive.
            limit: Most bytes of the answer to read; the rest is left.
            patience: Most seconds it may take.
            headers_only: Leave the body unread.

        Raises:
            EngineError: When the answer is an error.
            InfrastructureError: When no answer arrives.
        """
        connector: aiohttp.BaseConnector = (
            aiohttp.UnixConnector(self.path) if self.path is not None else aiohttp.TCPConnector()
        )
        headers = {
            "Content-Type": "application/x-tar" if body is not None else "application/json",
            # Docker would compress archives, whose size could then not be bounded.
            "Accept-Encoding": "identity",
        }
        data = body if body is not None else None if json is None else orjson.dumps(json)
        try:
            async with (
                aiohttp.ClientSession(
                    connector=connector, timeout=aiohttp.ClientTimeout(total=patience), auto_decompress=False
                ) as session,
                session.request(method, self._url(path, query), data=data, headers=headers) as response,
            ):
                kept = b""
                if not headers_only or response.status >= 400:
                    kept = await _read(response, limit)
                answer = Answer(response.status, dict(response.headers), kept)
        except TimeoutError as error:
            raise broken(f"The {self.name} engine did not answer in {patience:g} seconds.") from error
        except (aiohttp.ClientError, OSError) as error:
            raise broken(f"The {self.name} engine at {self.address} cannot be reached: {error}.") from error
        _answered.add(self.address)
        if answer.status >= 400:
            raise EngineError(answer.status, _message(answer.body) or "no message")
        return answer

    async def hijack(self, path: str, json: Any = None, query: Mapping[str, Any] | None = None) -> Hijacked:
        """Send a request whose connection becomes a stream in both directions.

        Raises:
            EngineError: When the answer is an error.
            InfrastructureError: When no answer arrives.
        """
        loop = asyncio.get_running_loop()
        body = b"" if json is None else orjson.dumps(json)
        target = path if not query else f"{path}?{urlencode(query)}"
        head = (
            f"POST {target} HTTP/1.1\r\nHost: engine\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        try:
            async with asyncio.timeout(_PATIENCE):
                sock = await self._connect(loop)
                try:
                    await loop.sock_sendall(sock, head.encode() + body)
                    return await self._upgraded(loop, sock)
                except BaseException:
                    sock.close()
                    raise
        except (OSError, TimeoutError) as error:
            raise broken(f"The {self.name} engine at {self.address} cannot be reached: {error}.") from error

    def _url(self, path: str, query: Mapping[str, Any] | None) -> str:
        base = "http://engine" if self.path is not None else f"http://{self._host}:{self._port}"
        if not query:
            return base + path
        flat = {k: orjson.dumps(v).decode() if isinstance(v, dict) else v for k, v in query.items()}
        return f"{base}{path}?{urlencode(flat)}"

    async def _connect(self, loop: asyncio.AbstractEventLoop) -> socket.socket:
        if self.path is None:
            found = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
            family, kind, protocol, _, there = found[0]
            sock, place = socket.socket(family, kind, protocol), cast("Any", there)
        else:
            sock, place = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM), self.path
        sock.setblocking(False)
        try:
            await loop.sock_connect(sock, place)
        except BaseException:
            sock.close()
            raise
        return sock

    async def _upgraded(self, loop: asyncio.AbstractEventLoop, sock: socket.socket) -> Hijacked:
        read = b""
        while b"\r\n\r\n" not in read:
            more = await loop.sock_recv(sock, 64 << 10)
            if not more or len(read) > _LARGEST_HEAD:
                raise broken(f"The {self.name} engine closed a connection before it answered.")
            read += more
        head, _, rest = read.partition(b"\r\n\r\n")
        words = head.split(b" ", 2)
        status = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
        if status in (101, 200):
            return Hijacked(sock, rest)
        while len(rest) < _LARGEST_HEAD and (more := await loop.sock_recv(sock, 64 << 10)):
            rest += more
            if rest.rstrip().endswith((b"}", b"0")):
                break
        start, end = rest.find(b"{"), rest.rfind(b"}")
        raise EngineError(status, _message(rest[start : end + 1]) or "no message")


class Hijacked:
    """A connection that carries a program's streams. It may be used from any event loop.

    Output comes in frames. Each has a header of eight bytes: the stream, three zeros, and the length, most significant
    byte first.
    """

    def __init__(self, sock: socket.socket, early: bytes):
        self._sock, self._waiting = sock, bytearray(early)
        self._stream = self._left = 0

    async def send(self, data: bytes) -> None:
        """Send to the program's input.

        Raises:
            OSError: When the other end is gone.
        """
        await asyncio.get_running_loop().sock_sendall(self._sock, data)

    def end_input(self) -> None:
        """Say that no more input comes."""
        # The program may have ended before its input did.
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_WR)

    async def piece(self) -> tuple[int, bytes] | None:
        """Return the next piece of output: the stream (1 or 2) and its bytes; ``None`` at the end.

        It may be cancelled without losing output.

        Raises:
            InfrastructureError: When the connection breaks within a frame, or what arrives are no frames.
        """
        while True:
            if not self._left and len(self._waiting) >= 8:
                self._stream, self._left = self._waiting[0], int.from_bytes(self._waiting[4:8], "big")
                if self._stream > 3 or any(self._waiting[1:4]):
                    raise broken("The container engine sent a stream that is not made of frames.")
                del self._waiting[:8]
            if self._left and self._waiting:
                piece = bytes(self._waiting[: self._left])
                del self._waiting[: self._left]
                self._left -= len(piece)
                return self._stream, piece
            if self._left or len(self._waiting) < 8:
                try:
                    more = await asyncio.get_running_loop().sock_recv(self._sock, 256 << 10)
                except ConnectionResetError:
                    # So ends a stream whose program left some of its input unread.
                    more = b""
                except OSError as error:
                    raise broken(f"The connection to the container engine broke: {error}.") from error
                if not more:
                    if self._left or self._waiting:
                        raise broken("The connection to the container engine ended in the middle of a frame.")
                    return None
                self._waiting += more

    def close(self) -> None:
        """Close the connection."""
        self._sock.close()


async def _read(response: aiohttp.ClientResponse, limit: int) -> bytes:
    kept = bytearray()
    async for chunk in response.content.iter_chunked(256 << 10):
        kept += chunk
        if len(kept) >= limit:
            break
    return bytes(kept[:limit])


def _message(body: bytes) -> str:
    try:
        told = orjson.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace").strip()[:500]
    if not isinstance(told, dict):
        return str(told)
    return str(told.get("message") or told.get("cause") or told)[:1000]
