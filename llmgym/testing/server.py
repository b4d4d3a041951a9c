"""A scripted model server: real HTTP on loopback, for tests and benchmarks.

It speaks Chat Completions and the Responses API, says what it is told to say, misbehaves when it is told to, and
remembers what it was asked.

As a program it prints its URL and serves until it is stopped::

    python -m llmgym.testing.server --port 0 --reply hello
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeAlias

import orjson
from aiohttp import web

from llmgym.messages import Response, message_text
from llmgym.testing.model_replies import Fault, Reply, chat_body, misbehave, responses_body

__all__ = ["Fault", "ModelServer", "Recorded", "Reply", "server_process"]


Script: TypeAlias = "Reply | Sequence[Reply] | Callable[[dict[str, Any]], Reply | Awaitable[Reply]]"
"""One reply for ever, one reply after the other (the last one again and again), or a function of the request."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request that the server received.

    Attributes:
        path: Path and query.
        headers: Headers, names in lower case.
        json: The parsed body.
    """

    path: str
    headers: dict[str, str]
    json: dict[str, Any]


class ModelServer:
    """An OpenAI-compatible server on loopback.

    Use it as an asynchronous context manager, on the running loop, or as a synchronous one, on a loop of its own in
    a thread.

    Args:
        reply: What to say.
        model: Name under which it answers.
        host: Address to listen on.
        port: Port; 0 takes a free one.
        instant: Neither read nor record requests and send one ready-made body: for benchmarks. Needs a single reply.

    Example:
        >>> from llmgym.policies import OpenAIPolicy
        >>> with ModelServer("hello") as server:
        ...     with OpenAIPolicy("any", base_url=server.url, api_key="", api="chat") as policy:
        ...         policy([{"role": "user", "content": "hi"}]).text
        'hello'
    """

    def __init__(
        self,
        reply: Script = "ok",
        *,
        model: str = "scripted",
        host: str = "127.0.0.1",
        port: int = 0,
        instant: bool = False,
    ):
        self.reply, self.model, self.instant = reply, model, instant
        self.requests: list[Recorded] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self._host, self._port = host, port
        self._said = 0
        self._runner: web.AppRunner | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready: dict[str, bytes] = {}

    @property
    def url(self) -> str:
        """Base URL, for example ``http://127.0.0.1:41573/v1``."""
        return f"http://{self._host}:{self._port}/v1"

    async def start(self) -> None:
        """Listen on the running loop.

        Raises:
            OSError: When the port is taken.
        """
        application = web.Application(client_max_size=1 << 30)
        application.router.add_route(
            "*", "/{tail:.*}", self._handle_instantly if self.instant else self._handle
        )
        self._runner = web.AppRunner(
            application,
            access_log=None,
            handler_cancellation=True,
            shutdown_timeout=0.1,
            keepalive_timeout=60,
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port, backlog=4096)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="llmgym-model-server", daemon=True
        )
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.start(), self._loop).result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._loop is not None and self._thread is not None
        asyncio.run_coroutine_threadsafe(self.stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _handle_instantly(self, request: web.Request) -> web.Response:
        body = self._ready.get(request.path)
        if body is None:
            reply = self.reply
            assert isinstance(reply, str | Mapping | Response), "instant mode needs a single reply"
            body = self._ready[request.path] = orjson.dumps(self._body(reply, request.path, b""))
        await request.read()
        return web.Response(body=body, content_type="application/json")

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if request.path.endswith("/models"):
            return _json({"object": "list", "data": [{"id": self.model, "object": "model"}]})
        if not request.path.endswith(("/chat/completions", "/responses")):
            return _json({"error": {"message": f"no such path: {request.path}"}}, 404)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            raw = await request.read()
            try:
                asked = orjson.loads(raw)
            except orjson.JSONDecodeError as error:
                return _json({"error": {"message": f"the request is not JSON: {error}"}}, 400)
            headers = {name.lower(): value for name, value in request.headers.items()}
            self.requests.append(Recorded(request.path_qs, headers, asked))
            reply = await self._next(asked)
            if isinstance(reply, Fault):
                return await misbehave(request, reply)
            return _json(self._body(reply, request.path, raw))
        finally:
            self.in_flight -= 1

    async def _next(self, asked: dict[str, Any]) -> Reply:
        script: Any = self.reply
        if callable(script):
            said = script(asked)
            return await said if inspect.isawaitable(said) else said
        if isinstance(script, list | tuple):
            self._said += 1
            return script[min(self._said, len(script)) - 1]
        return script

    def _body(self, reply: Reply, path: str, asked: bytes) -> Mapping[str, Any]:
        if isinstance(reply, Mapping) and "role" not in reply:
            return reply
        response = Response.of(reply)
        prompt, said = len(asked) // 4, len(message_text(response.message)) // 4 + 1
        usage: Mapping[str, int] = response.usage or {
            "prompt_tokens": prompt,
            "completion_tokens": said,
            "total_tokens": prompt + said,
        }
        model = response.model or self.model
        return (responses_body if path.endswith("/responses") else chat_body)(response, model, usage)


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(value), status=status, content_type="application/json")


@contextmanager
def server_process(*arguments: str) -> Iterator[str]:
    """Run a server in a process of its own, so that it takes no time from the caller's.

    Args:
        *arguments: Arguments of the program, such as ``"--instant"``.

    Yields:
        The server's base URL.
    """
    command = [sys.executable, "-m", "llmgym.testing.server", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


async def _serve(options: argparse.Namespace) -> None:
    reply: Script = options.reply
    if options.delay:

        async def slowly(asked: dict[str, Any]) -> Reply:
            await asyncio.sleep(options.delay)
            return options.reply

        reply = slowly
    server = ModelServer(
        reply, host=options.host, port=options.port, instant=options.instant and not options.delay
    )
    async with server:
        sys.stdout.write(server.url + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until interrupted.

    Args:
        arguments: Command line; ``None`` takes that of the process.
    """
    parser = argparse.ArgumentParser(
        prog="python -m llmgym.testing.server", description="A scripted model server."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port; the URL is printed")
    parser.add_argument("--reply", default="ok", help="text of every answer")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--instant", action="store_true", help="do not read requests: for benchmarks")
    try:
        asyncio.run(_serve(parser.parse_args(arguments)))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
