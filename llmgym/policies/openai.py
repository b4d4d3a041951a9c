"""A model behind an OpenAI-compatible endpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from llmgym.messages import Response
from llmgym.policies.base import Policy, Request
from llmgym.policies.connection import connect
from llmgym.policies.exchange import Exchange, Patience
from llmgym.policies.payload import Api, Payload

__all__ = ["OpenAIPolicy"]

_SAMPLING = (
    "temperature",
    "top_p",
    "max_tokens",
    "tool_choice",
    "parallel_tool_calls",
    "send_seed",
    "return_token_ids",
    "logprobs",
)


class OpenAIPolicy(Policy):
    """Asks a model at any OpenAI-compatible endpoint: OpenAI, Azure, vLLM, SGLang, llama.cpp and others.

    Limits, back-off and pauses belong to an endpoint and are shared by every policy and loop in the process. What
    may pass (429, 408, 409, 5xx, broken connections, broken bodies) is tried again; what will not is an
    :class:`~llmgym.errors.InfrastructureError` at once. A conversation that has outgrown the model's context is not
    an error: it is an empty response with ``finish_reason`` ``length``, so that the episode ends as truncated.

    Args:
        model: Name of the model. Taken from the settings (``LLMGYM_MODEL``, ``llmgym.yaml``) when left out, as are
            ``base_url``, ``api_key`` and ``api``.
        base_url: Address of the endpoint, or several: each session keeps to one, chosen by its name, and moves to
            the next while that one cannot be reached.
        api_key: Key, sent as bearer token. A server that needs none needs no key here.
        api: ``chat`` for Chat Completions, ``responses`` for the Responses API.
        transport: ``fast`` posts with aiohttp; ``openai`` goes through the ``openai`` library.
        azure_endpoint: Address of an Azure resource; selects Azure and the ``openai`` transport.
        azure_deployment: Name of the Azure deployment; the model's name when left out.
        azure_ad_token: Microsoft Entra token, in place of a key.
        azure_ad_token_provider: Function that returns such a token.
        api_version: Version of the Azure API.
        temperature: Sampling temperature. This and the next four are taken from the task where they are left out.
        top_p: Nucleus sampling threshold.
        max_tokens: Most tokens a response may have.
        tool_choice: Which tools may or must be called.
        parallel_tool_calls: Whether a response may call several tools.
        send_seed: Whether the seed of the turn is sent.
        token_limit_field: Name of Chat's field for ``max_tokens``. Left out, it is ``max_completion_tokens`` for
            OpenAI itself and ``max_tokens`` for all others.
        return_token_ids: Whether to ask for token ids (vLLM).
        logprobs: Whether to ask for log-probabilities.
        developer_role: ``system`` sends messages of the developer as messages of the system.
        encrypted_reasoning: Whether a Responses server is asked for reasoning that can be sent back to it. A server
            that refuses is not asked again.
        extra_body: Further fields of the request body; they win over everything else.
        extra_headers: Further headers. Their values are treated as secrets.
        timeout: Deadline of a response in seconds: waiting, attempts and pauses together.
        attempt_timeout: Deadline of one attempt in seconds; ``None`` leaves all the time there is.
        max_retries: Further attempts after a failure. Waiting out a 429 does not count: only ``timeout`` ends it.
        retry_base_delay: First delay between attempts in seconds; it doubles each time.
        retry_max_delay: Longest delay in seconds that is chosen here; a server may ask for more.
        revive_after: Seconds until an unreachable endpoint among several is tried again.
        concurrency: Most requests under way at an endpoint. This and the next two belong to the endpoint: the
            latest number given in this process holds for all its users.
        requests_per_minute: Most requests that start in a minute.
        tokens_per_minute: Most tokens, of prompts and responses, in a minute; estimated first, corrected after.
        jitter_seed: Seed for the jitter of delays; ``None`` draws one from the system.

    Raises:
        SettingsError: When the model or the endpoint is missing, or an option is wrong.
    """

    def __init__(
        self,
        model: str | None = None,
        *,
        base_url: str | Sequence[str] | None = None,
        api_key: str | None = None,
        api: Api | None = None,
        transport: Literal["fast", "openai"] | None = None,
        azure_endpoint: str | None = None,
        azure_deployment: str | None = None,
        azure_ad_token: str | None = None,
        azure_ad_token_provider: Any = None,
        api_version: str | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
        max_tokens: int | None = None,
        tool_choice: str | Mapping[str, Any] | None = None,
        parallel_tool_calls: bool | None = None,
        send_seed: bool = False,
        token_limit_field: str | None = None,
        return_token_ids: bool = False,
        logprobs: bool = False,
        developer_role: Literal["keep", "system"] = "keep",
        encrypted_reasoning: bool = True,
        extra_body: Mapping[str, Any] | None = None,
        extra_headers: Mapping[str, str] | None = None,
        timeout: float = 600.0,
        attempt_timeout: float | None = None,
        max_retries: int = 8,
        retry_base_delay: float = 0.5,
        retry_max_delay: float = 30.0,
        revive_after: float = 10.0,
        concurrency: int | None = None,
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
        jitter_seed: int | None = None,
    ):
        azure = {
            "azure_endpoint": azure_endpoint,
            "azure_deployment": azure_deployment,
            "azure_ad_token": azure_ad_token,
            "azure_ad_token_provider": azure_ad_token_provider,
            "api_version": api_version,
        }
        azure = {name: value for name, value in azure.items() if value is not None}
        self._connection = connect(model, base_url, api_key, api, transport, extra_headers or {}, azure)
        self._payload = Payload(
            self._connection.model,
            self._connection.api,
            token_limit_field or ("max_completion_tokens" if self._connection.public else "max_tokens"),
            temperature,
            top_p,
            max_tokens,
            tool_choice,
            parallel_tool_calls,
            send_seed,
            return_token_ids,
            logprobs,
            developer_role,
            extra_body or {},
        )
        self._exchange = Exchange(
            self._connection,
            self._payload,
            Patience(timeout, attempt_timeout, max_retries, retry_base_delay, retry_max_delay, revive_after),
            encrypted_reasoning=encrypted_reasoning,
            jitter_seed=jitter_seed,
        )
        for endpoint in self._connection.router.endpoints:
            endpoint.limiter.configure(
                concurrency=concurrency,
                requests_per_minute=requests_per_minute,
                tokens_per_minute=tokens_per_minute,
            )

    @property
    def model(self) -> str:
        """Name of the model."""
        return self._connection.model

    async def respond(self, request: Request) -> Response:
        """Ask the model for the next assistant message.

        Args:
            request: The conversation and what belongs to it.

        Returns:
            The response. ``finish_reason`` ``length`` with an empty message stands for a conversation that the
            model's context cannot hold.

        Raises:
            InfrastructureError: When the endpoint refuses the request, when it still fails after all retries, or
                when the deadline passes. The message tells which; it never holds a key.
            UsageError: When the conversation cannot be written as a request.
        """
        return await self._exchange.run(request)

    def describe(self) -> dict[str, Any]:
        """Return the identity of the policy: model, endpoint and sampling parameters, never a key."""
        given = {
            name: value
            for name in _SAMPLING
            if (value := getattr(self._payload, name)) is not None and value is not False
        }
        if self._payload.extra_body:
            given["extra_body"] = self._connection.redact.tree(self._payload.extra_body)
        return {
            "kind": "openai",
            "model": self.model,
            "api": self._connection.api,
            **self._connection.identity,
            **given,
        }

    async def close(self) -> None:
        """Close the connections. A later request opens new ones."""
        await self._connection.transport.close()

    def __repr__(self) -> str:
        where = self._connection.identity["base_url"]
        return f"OpenAIPolicy({self.model!r}, base_url={where!r}, api={self._connection.api!r})"
