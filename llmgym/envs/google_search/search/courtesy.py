"""Bounded concurrency and bounded repetition of requests to somebody else's server."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from llmgym.envs.google_search.search.base import SearchFailed

__all__ = ["Courtesy", "request_json"]

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_MOST_BYTES = 4_000_000


class Courtesy:
    """How an engine's server is treated.

    Args:
        concurrency: Most requests at a time, on each event loop.
        retries: How often a request that failed for a passing reason is repeated.
        timeout: Seconds for a query, repetitions included, from when it is its turn.
        pause: Seconds before the first repetition; doubled for each one after it.
    """

    def __init__(self, concurrency: int = 8, retries: int = 2, timeout: float = 10.0, pause: float = 0.5):
        self.concurrency, self.retries, self.timeout, self.pause = concurrency, retries, timeout, pause
        self._gates: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()

    def gate(self) -> asyncio.Semaphore:
        """Return the semaphore of the running loop."""
        loop = asyncio.get_running_loop()
        if loop not in self._gates:
            self._gates[loop] = asyncio.Semaphore(self.concurrency)
        return self._gates[loop]


async def request_json(
    method: str,
    url: str,
    courtesy: Courtesy,
    *,
    params: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    body: Any = None,
) -> Any:
    """Send a request and return the JSON that is answered.

    Args:
        method: ``GET`` or ``POST``.
        url: Where to.
        courtesy: How the server is treated.
        params: Query parameters.
        headers: Headers.
        body: JSON body.

    Raises:
        SearchFailed: When there is no answer in time, or not one with status 200 and JSON. The text names neither
            address nor parameters, which may hold keys.
    """
    import aiohttp

    try:
        # The time spent waiting for a turn does not count: a busy run would fail searches that nobody refused.
        async with (
            courtesy.gate(),
            asyncio.timeout(courtesy.timeout),
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session,
        ):
            for attempt in range(courtesy.retries + 1):
                if attempt:
                    await asyncio.sleep(courtesy.pause * 2 ** (attempt - 1))
                try:
                    async with session.request(
                        method, url, params=params, headers=headers, json=body
                    ) as response:
                        if response.status in _PASSING and attempt < courtesy.retries:
                            continue
                        if response.status != 200:
                            raise SearchFailed(
                                f"the search engine answered {response.status} {response.reason}"
                            )
                        return _decoded(await _body(response))
                except aiohttp.ClientError as error:
                    if attempt == courtesy.retries:
                        raise SearchFailed(
                            f"the search engine cannot be reached ({type(error).__name__})"
                        ) from error
    except TimeoutError as error:
        raise SearchFailed(f"the search engine did not answer within {courtesy.timeout:g} seconds") from error
    raise AssertionError("the last attempt returns or raises")


async def _body(response: Any) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(65_536):
        body += chunk
        if len(body) > _MOST_BYTES:
            raise SearchFailed("the search engine's answer is too long")
    return bytes(body)


def _decoded(body: bytes) -> Any:
    import json

    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise SearchFailed("the search engine's answer is not JSON") from error
