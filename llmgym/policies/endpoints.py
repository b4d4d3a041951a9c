"""Endpoints of a policy: where they are, what they are told about the caller, and which one answers a session."""

from __future__ import annotations

import itertools
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

from yarl import URL

from llmgym.errors import SettingsError
from llmgym.policies.limiter import limiter_for

__all__ = ["Endpoint", "Redactor", "Router"]

_USERINFO = re.compile(r"(?<=://)[^/\s@'\"]+@")
_SHORTEST_SECRET = 6
_SECRET_NAMES = frozenset({"api_key", "apikey", "authorization", "password", "secret", "access_token"})


class Redactor:
    """Takes secrets out of a text before anybody sees it.

    Args:
        secrets: Keys, passwords and header values. Those of fewer than six characters are placeholders such as
            ``EMPTY`` and stay.

    Example:
        >>> Redactor(["sk-canary"])("401: bad key sk-canary at http://user:pass@host/v1")
        '401: bad key [redacted] at http://host/v1'
    """

    def __init__(self, secrets: Iterable[str] = ()):
        self._secrets = sorted(
            {secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}, key=lambda s: (-len(s), s)
        )

    def __call__(self, text: str) -> str:
        """Return the text without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, "[redacted]")
        return _USERINFO.sub("", text)

    def tree(self, value: Any) -> Any:
        """Return JSON values without secrets; fields that are named like one go whatever they hold."""
        if isinstance(value, Mapping):
            return {
                key: "[redacted]" if str(key).lower() in _SECRET_NAMES else self.tree(item)
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.tree(item) for item in value]
        return self(value) if isinstance(value, str) else value


class Endpoint:
    """One base URL.

    Args:
        base_url: For example ``http://127.0.0.1:8000/v1``. A name and password in it are sent as basic
            authorisation when there is no key; a query is added to every request.
        api_key: Sent as bearer token.
        headers: Further headers; they win over those made here.

    Raises:
        SettingsError: When it is not an http or https URL.
    """

    def __init__(self, base_url: str, api_key: str | None = None, headers: Mapping[str, str] | None = None):
        try:
            parts = urlsplit(base_url.strip())
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            shown = _USERINFO.sub("", base_url.partition("?")[0])
            raise SettingsError(
                f"Expected a base URL such as http://127.0.0.1:8000/v1, found {shown!r}. "
                "Set base_url (or OPENAI_BASE_URL) to an http or https address."
            )
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        netloc = host if port is None else f"{host}:{port}"
        self.shown = urlunsplit((parts.scheme, netloc, parts.path.rstrip("/"), "", ""))
        """The URL without name, password and query: what may be told to anybody."""
        self.query = parts.query
        self.limiter = limiter_for(self.shown)
        self.secrets = [value for _, value in parse_qsl(parts.query)]
        self.headers = {"Content-Type": "application/json"}
        if api_key:
            self.headers["Authorization"] = f"Bearer {api_key}"
            self.secrets.append(api_key)
        elif parts.username is not None:
            name, password = unquote(parts.username), unquote(parts.password or "")
            token = b64encode(f"{name}:{password}".encode()).decode()
            self.headers["Authorization"] = f"Basic {token}"
            self.secrets.append(token)
        if parts.password:
            self.secrets += [parts.password, unquote(parts.password)]
        for name, value in (headers or {}).items():
            self.headers = {k: v for k, v in self.headers.items() if k.lower() != name.lower()} | {
                name: value
            }
            self.secrets += [value, value.partition(" ")[2]]
        self._targets: dict[str, URL] = {}

    def target(self, path: str) -> URL:
        """Return the full URL of a path such as ``chat/completions``."""
        url = self._targets.get(path)
        if url is None:
            full = f"{self.shown}/{path}" + (f"?{self.query}" if self.query else "")
            url = self._targets[path] = URL(full)
        return url

    def __repr__(self) -> str:
        return f"Endpoint({self.shown!r})"


class Router:
    """Gives every session its endpoint, so that servers find its prefix in their cache.

    The choice depends on the session's name and the URLs alone, and adding a URL moves only the sessions that it
    takes. While an endpoint is down its sessions go to the next one in their own order.

    Args:
        endpoints: At least one.

    Example:
        >>> router = Router([Endpoint(f"http://127.0.0.1:800{i}/v1") for i in range(3)])
        >>> len({router.pick("episode-1").shown for _ in range(9)})
        1
    """

    def __init__(self, endpoints: Sequence[Endpoint]):
        self.endpoints = list(endpoints)
        self._turn = itertools.count()

    def pick(self, session: str, failures: int = 0) -> Endpoint:
        """Return the endpoint for a request.

        Args:
            session: Name of the session. Requests without one are dealt out in turn.
            failures: How often this request has failed so far. After every second failure it moves on by one; with
                every endpoint down, each is tried in turn.
        """
        if len(self.endpoints) == 1:
            return self.endpoints[0]
        order = self._order(session)
        alive = [endpoint for endpoint in order if not endpoint.limiter.down]
        return alive[failures // 2 % len(alive)] if alive else order[failures % len(order)]

    def _order(self, session: str) -> list[Endpoint]:
        if not session:
            start = next(self._turn) % len(self.endpoints)
            return self.endpoints[start:] + self.endpoints[:start]
        return sorted(
            self.endpoints, key=lambda e: blake2b(f"{e.shown}\0{session}".encode(), digest_size=8).digest()
        )
