"""Which addresses may be visited."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from llmgym.envs.google_search.search.base import SearchFailed

__all__ = ["check_url", "guarded_resolver", "is_public"]

_TRANSLATED = ip_network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Tell whether an IP address belongs to the public Internet.

    Loopback, private, link-local, shared, reserved and multicast addresses do not, nor does an IPv6 address that
    stands for such an IPv4 address.

    Example:
        >>> is_public("93.184.215.14"), is_public("127.0.0.1"), is_public("::ffff:10.0.0.1")
        (True, False, False)
    """
    found: IPv4Address | IPv6Address = ip_address(address.split("%")[0])
    if isinstance(found, IPv6Address):
        meant = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if meant is None and found in _TRANSLATED:
            meant = IPv4Address(int(found) & 0xFFFFFFFF)
        if meant is not None and not is_public(str(meant)):
            return False
        if found.ipv4_mapped is not None:
            return True
        if found.is_site_local:
            return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def check_url(url: str, allow_private: bool) -> None:
    """Check what can be seen from an address itself: its scheme, and its host if that is a number.

    Args:
        url: The address.
        allow_private: Whether hosts that are not public may be visited.

    Raises:
        SearchFailed: When it may not be visited.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError as error:
        raise SearchFailed("this is not an address of a page") from error
    if parts.scheme not in ("http", "https") or not host:
        raise SearchFailed("only addresses that begin with http:// or https:// can be visited")
    try:
        ip_address(host)
    except ValueError:
        return
    if not allow_private and not is_public(host):
        raise SearchFailed("this address is not public, so it is not visited")


def guarded_resolver(allow_private: bool) -> Any:
    """Return an aiohttp resolver that hands out public addresses only.

    The connection is made to the very addresses that were checked, so that a name cannot lead elsewhere when it is
    looked up again. Numbers in unusual notation (``127.1``) are looked up as names, and so checked as well.

    Args:
        allow_private: Whether to hand out all addresses.
    """
    import aiohttp

    class Resolver(aiohttp.ThreadedResolver):
        async def resolve(self, host: str, *args: Any, **kwargs: Any) -> Any:
            found = await super().resolve(host, *args, **kwargs)
            if allow_private:
                return found
            public = [each for each in found if is_public(each["host"])]
            if not public:
                raise SearchFailed("this address is not public, so it is not visited")
            return public

    return Resolver()
