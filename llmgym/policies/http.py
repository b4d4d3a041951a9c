"""The fast transport: aiohttp, one connection pool per event loop."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

from llmgym.policies.endpoints import Endpoint
from llmgym.policies.per_loop import PerLoop

__all__ = ["HttpTransport", "Reply", "Transport", "TransportFault"]

LARGE_BODY = 1 << 20
"""Bytes from which on aiohttp wants to send a body in parts, so that the loop stays free."""

CONNECT_TIMEOUT = 10.0
"""Seconds to open one connection."""

LARGEST_REPLY = 64 * 1024 * 1024
"""Bytes. Token ids and log-probabilities of a long context take about ten million."""


class Reply(NamedTuple):
    """What a server sent back, whatever its status.

    Attributes:
        status: HTTP status.
        headers: Headers; names are looked up in any case.
        body: The bytes of the body.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


class TransportFault(Exception):
    """There is no whole reply.

    Args:
        problem: What happened, in a few words.
        unreachable: Whether no connection could be made at all.
        fatal: Whether trying again is pointless.
    """

    def __init__(self, problem: str, *, unreachable: bool = False, fatal: bool = False):
        super().__init__(problem)
        self.unreachable, self.fatal = unreachable, fatal


class Transport(Protocol):
    """How a request travels."""

    async def post(self, endpoint: Endpoint, path: str, payload: dict[str, Any], body: bytes) -> Reply:
        """Send one request, once.

        Args:
            endpoint: Where to.
            path: ``chat/completions`` or ``responses``.
            payload: The request.
            body: The same as JSON text.

        Raises:
            TransportFault: When no whole reply came back.
        """

    async def close(self) -> None:
        """Close all connections, on whichever loop they are."""


class HttpTransport:
    """Posts JSON bytes. Retries, limits and meaning are for others."""

    def __init__(self) -> None:
        self._sessions = PerLoop(_open, _close)
        self._proxies: dict[Endpoint, URL | None] = {}

    async def post(self, endpoint: Endpoint, path: str, payload: dict[str, Any], body: bytes) -> Reply:
        """Send one request, once. See :meth:`Transport.post`."""
        session = self._sessions.held() or await self._sessions.get()
        try:
            async with session.post(
                endpoint.target(path),
                data=body if len(body) <= LARGE_BODY else io.BytesIO(body),
                headers=endpoint.headers,
                proxy=self._proxy(endpoint),
                allow_redirects=False,
            ) as response:
                return Reply(response.status, response.headers, await _read(response))
        except (aiohttp.ClientError, OSError) as error:
            fault = _fault(error)
        # Raised out here, the fault does not carry aiohttp's error, which holds the request's headers.
        raise fault

    def _proxy(self, endpoint: Endpoint) -> URL | None:
        if endpoint not in self._proxies:
            url = endpoint.target("")
            proxies = {} if proxy_bypass(url.host or "") else getproxies()
            found = proxies.get(url.scheme) or proxies.get("all")
            self._proxies[endpoint] = URL(found) if found else None
        return self._proxies[endpoint]

    async def close(self) -> None:
        """Close all connections, on whichever loop they are."""
        await self._sessions.close()


def _open() -> aiohttp.ClientSession:
    # The limiter decides how many requests are under way; a second limit here would hide its queue.
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=60),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT),
    )


async def _close(session: aiohttp.ClientSession) -> None:
    await session.close()


async def _read(response: aiohttp.ClientResponse) -> bytes:
    length = response.content_length
    if length is not None and length <= LARGEST_REPLY and "Content-Encoding" not in response.headers:
        return await response.read()
    chunks, size = [], 0
    async for chunk in response.content.iter_any():
        size += len(chunk)
        if size > LARGEST_REPLY:
            raise TransportFault(f"the reply is longer than {LARGEST_REPLY} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def _fault(error: Exception) -> TransportFault:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return TransportFault(f"the server's certificate is not valid: {error}", unreachable=True, fatal=True)
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return TransportFault(f"no connection within {CONNECT_TIMEOUT:g} s", unreachable=True)
    if isinstance(error, aiohttp.ClientConnectorError):
        return TransportFault(f"no connection: {error}", unreachable=True)
    if isinstance(error, aiohttp.ClientResponseError):
        return TransportFault(f"the reply is not HTTP: {error.message}")
    return TransportFault(f"the connection broke: {type(error).__name__}: {error}")
