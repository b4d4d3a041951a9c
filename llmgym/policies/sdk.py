"""The transport of the ``openai`` library, for Azure and for those who want its own client.

Only the way is the library's. The conversation goes into ``extra_body``, because the library otherwise walks through
every message of the history at every turn; retries are llmgym's; replies are read from the raw bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import httpx2
import openai

from llmgym.errors import SettingsError
from llmgym.policies.endpoints import Endpoint
from llmgym.policies.http import CONNECT_TIMEOUT, Reply, TransportFault
from llmgym.policies.per_loop import PerLoop

__all__ = ["SdkTransport"]


class SdkTransport:
    """Posts through ``openai.AsyncOpenAI``, or through ``openai.AsyncAzureOpenAI`` when told so.

    Args:
        api_key: The key, or ``None`` for a server that wants none.
        azure: Arguments of ``AsyncAzureOpenAI``, such as ``azure_endpoint``, ``api_version``,
            ``azure_deployment``, ``azure_ad_token`` and ``azure_ad_token_provider``.
    """

    def __init__(self, api_key: str | None = None, azure: Mapping[str, Any] | None = None):
        self._api_key, self._azure = api_key, azure
        self._clients = PerLoop[dict[Endpoint, openai.AsyncOpenAI]](dict, _close)

    def _open(self, endpoint: Endpoint) -> openai.AsyncOpenAI:
        common: dict[str, Any] = {
            "max_retries": 0,
            "timeout": httpx2.Timeout(None, connect=CONNECT_TIMEOUT),
            "default_query": dict(parse_qsl(endpoint.query)),
            "http_client": openai.DefaultAsyncHttpx2Client(
                limits=httpx2.Limits(max_connections=None, max_keepalive_connections=None),
                timeout=httpx2.Timeout(None, connect=CONNECT_TIMEOUT),
                follow_redirects=False,
            ),
        }
        if self._azure is not None:
            try:
                return openai.AsyncAzureOpenAI(
                    api_key=self._api_key, default_headers=endpoint.headers, **common, **self._azure
                )
            except (openai.OpenAIError, ValueError) as error:
                raise SettingsError(f"The Azure options are not complete: {error}") from None
        return openai.AsyncOpenAI(
            api_key=self._api_key or "none",
            base_url=endpoint.shown,
            default_headers=endpoint.headers,
            **common,
        )

    async def post(self, endpoint: Endpoint, path: str, payload: dict[str, Any], body: bytes) -> Reply:
        """Send one request, once. See :meth:`llmgym.policies.http.Transport.post`."""
        clients = await self._clients.get()
        client = clients.get(endpoint)
        if client is None:
            client = clients[endpoint] = self._open(endpoint)
        options: dict[str, Any] = {"model": payload["model"], "extra_body": payload}
        if self._azure is None and "Authorization" not in endpoint.headers:
            options["extra_headers"] = {"Authorization": openai.omit}
        try:
            raw: Any
            if path == "responses":
                raw = await client.responses.with_raw_response.create(**options)
            else:
                raw = await client.chat.completions.with_raw_response.create(messages=[], **options)
            response = raw.http_response
            return Reply(response.status_code, response.headers, response.content)
        except openai.APIStatusError as error:
            return Reply(error.response.status_code, error.response.headers, error.response.content)
        except openai.APIConnectionError as error:
            fault = _fault(error)
        except openai.OpenAIError as error:
            fault = TransportFault(f"{type(error).__name__}: {error}", fatal=True)
        raise fault

    async def close(self) -> None:
        """Close all connections, on whichever loop they are."""
        await self._clients.close()


async def _close(clients: dict[Endpoint, openai.AsyncOpenAI]) -> None:
    for client in clients.values():
        await client.close()


def _fault(error: openai.APIConnectionError) -> TransportFault:
    cause = error.__cause__ or error
    if isinstance(cause, httpx2.ConnectTimeout):
        return TransportFault(f"no connection within {CONNECT_TIMEOUT:g} s", unreachable=True)
    if isinstance(cause, httpx2.ConnectError):
        return TransportFault(f"no connection: {cause}", unreachable=True)
    return TransportFault(f"the connection broke: {type(cause).__name__}: {cause}")
