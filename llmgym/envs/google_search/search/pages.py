"""Pages of the web as text."""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from urllib.parse import urljoin

from llmgym.envs.google_search.search.addresses import check_url, guarded_resolver
from llmgym.envs.google_search.search.base import SearchFailed
from llmgym.envs.google_search.search.courtesy import Courtesy
from llmgym.errors import DependencyMissing
from llmgym.threads import in_thread

__all__ = ["MOST_WORDS", "fetch", "page_content", "require_trafilatura", "shorten"]

MOST_WORDS = 10_000
_ENDS = 5_000
_MOST_REDIRECTS = 5
_MOST_BYTES = 5_000_000
_COURTESY = Courtesy(concurrency=16)


def shorten(text: str) -> str:
    """Shorten a page that is too long.

    The public rule: of more than 10,000 words the first and the last 5,000 *characters* are shown, with dots between.

    Example:
        >>> len(shorten("word " * 10_001))
        10003
    """
    return text[:_ENDS] + "..." + text[-_ENDS:] if len(text.split()) > MOST_WORDS else text


async def page_content(url: str, *, allow_private: bool = False, timeout: float = 30.0) -> str:
    """Return what the public ``browse`` tool shows of a page.

    The public rule: the main text as trafilatura extracts it, shortened; ``No HTML found`` for a page that cannot be
    fetched. A page in which no text is found shows an error, as it does there.

    Args:
        url: Address of the page.
        allow_private: Whether hosts that are not public may be visited.
        timeout: Seconds for fetching it, and again for reading it.

    Raises:
        SearchFailed: Whose text, after ``Error: Unexpected error = ``, the model reads.
        DependencyMissing: When trafilatura is not installed.
    """
    try:
        async with _COURTESY.gate(), asyncio.timeout(timeout):
            html = await fetch(url, allow_private=allow_private)
    except TimeoutError:
        html = None
    if html is None:
        return "No HTML found"
    try:
        async with asyncio.timeout(timeout):
            text = await in_thread(_extract, html)
    except TimeoutError as error:
        raise SearchFailed(f"the page could not be read within {timeout:g} seconds") from error
    if text is None:
        raise SearchFailed("'NoneType' object has no attribute 'split'")
    return shorten(text) or "No text found"


async def fetch(url: str, *, allow_private: bool = False) -> bytes | None:
    """Fetch a page.

    Args:
        url: Its address. Redirections are followed, each after the same checks.
        allow_private: Whether hosts that are not public may be visited.

    Returns:
        The body, or ``None`` when the host cannot be reached or answers with anything but status 200 and a body of
        moderate size.

    Raises:
        SearchFailed: When the address, or one that it leads to, may not be visited.
    """
    import aiohttp

    connector = aiohttp.TCPConnector(resolver=guarded_resolver(allow_private), use_dns_cache=False)
    headers = {"User-Agent": "llmgym", "Accept": "text/html,application/xhtml+xml,*/*;q=0.5"}
    try:
        async with aiohttp.ClientSession(
            connector=connector, headers=headers, timeout=aiohttp.ClientTimeout(total=None), trust_env=False
        ) as session:
            for _ in range(_MOST_REDIRECTS + 1):
                check_url(url, allow_private)
                async with session.get(url, allow_redirects=False) as response:
                    if response.status in (301, 302, 303, 307, 308) and "Location" in response.headers:
                        url = urljoin(url, response.headers["Location"])
                        continue
                    return await _body(response) if response.status == 200 else None
    except (aiohttp.ClientError, OSError, ValueError):
        return None
    return None


async def _body(response: object) -> bytes | None:
    body = bytearray()
    async for chunk in response.content.iter_chunked(65_536):  # type: ignore[attr-defined]
        body += chunk
        if len(body) > _MOST_BYTES:
            return None
    return bytes(body) or None


def require_trafilatura() -> None:
    """Check that pages can be read.

    Raises:
        DependencyMissing: When trafilatura is not installed.
    """
    if find_spec("trafilatura") is None:
        raise DependencyMissing("trafilatura", "search", "read pages of the web")


def _extract(html: bytes) -> str | None:
    require_trafilatura()
    import trafilatura

    try:
        text: str | None = trafilatura.extract(html)
    except Exception as error:
        # The public rule: whatever goes wrong with a page is told to the model.
        raise SearchFailed(str(error)) from error
    return text
