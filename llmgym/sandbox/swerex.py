"""The backend for sandboxes that somebody else runs and that SWE-ReX serves: ``swerex-remote`` inside, HTTP between."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import math
import secrets
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson

from llmgym.errors import InfrastructureError, UsageError
from llmgym.sandbox.base import (
    Cause,
    Completed,
    FileProblem,
    Limits,
    Profile,
    Program,
    Sandbox,
    broken,
    checked_argv,
)
from llmgym.sandbox.container_files import checked_path
from llmgym.sandbox.container_keeper import with_modules
from llmgym.sandbox.swerex_scripts import CHECK, FINISH, READ, RUN, SWEEP

__all__ = ["SwerexSandbox"]

_PATIENCE = 60.0
_SIGNALS = {4, 5, 6, 7, 8, 9, 11, 13, 14, 15, 24, 25, 31}
_LONGEST_WORD = 128 * 1024 - 1
_answered: set[tuple[str, str]] = set()
"""Addresses, and tokens that were taken there: a server that fails later is not the user's mistake."""


class SwerexSandbox(Sandbox):
    """A sandbox that somebody else made, and in which SWE-ReX's server runs.

    It protects as much as the one who made it saw to: network, memory, processes and users are theirs. What programs
    leave running is found by a variable in its environment, and killed; what took that away stays until the sandbox
    goes. The server answers one request at a time, and belongs to the user that programs run as.

    The package ``swe-rex`` is needed inside only. Its own client is not used: it imports and calls whatever name an
    error message of the server asks for, which code in the sandbox could choose.

    Args:
        profile: What programs may import; packages must be there.
        limits: What programs may use. Memory is limited for each process alone, processes are not.
        host: Address of the server: a host name, or a URL.
        port: Its port.
        auth_token: Its token.
        image: What the sandbox was made from, for the record; it is not checked.
        env: Environment variables of every program.
        python: The interpreter that runs Python source.

    Raises:
        UsageError: When the address makes no sense.
    """

    backend = "swerex"

    def __init__(
        self,
        *,
        profile: Profile,
        limits: Limits,
        host: str = "127.0.0.1",
        port: int | None = None,
        auth_token: str = "",
        image: str | None = None,
        env: Mapping[str, str] | None = None,
        python: str = "python3",
    ):
        url = host if "://" in host else f"http://{host}"
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(f"Expected host to be a host name or an http address, found {host!r}.")
        self.url = url.rstrip("/") if port is None else f"{url.rstrip('/')}:{port}"
        self.profile, self.limits, self.image = profile, limits, image
        self._token, self._env, self._python = auth_token, dict(env or {}), python
        self._mark: str | None = None
        self._folder = ""

    async def start(self) -> None:
        """Reach the server; see :class:`~llmgym.sandbox.base.Sandbox`.

        Raises:
            UsageError: When nobody answers there and nobody ever did, or the token is wrong.
            InfrastructureError: When a server that has answered before does not.
        """
        try:
            status, _ = await self._ask("GET", "is_alive", None, _PATIENCE, 1 << 16)
        except InfrastructureError as error:
            if (self.url, self._token) in _answered:
                raise
            raise UsageError(
                f"No SWE-ReX server can be reached at {self.url}: {error} Start one in the sandbox "
                "('swerex-remote --host 0.0.0.0 --port 8000 --auth-token TOKEN') and give its address: "
                "{'kind': 'swerex', 'host': ..., 'port': ..., 'auth_token': ...}."
            ) from error
        if status != 200:
            if (self.url, self._token) in _answered:
                raise broken(f"The SWE-ReX server at {self.url} refuses with status {status}.")
            raise UsageError(
                f"The SWE-ReX server at {self.url} refuses with status {status}; check auth_token."
            )
        _answered.add((self.url, self._token))
        self._mark = secrets.token_hex(8)
        self._folder = f"/tmp/llmgym-{self._mark}"
        await self._call(["sh", "-c", 'mkdir -p /work 2>/dev/null; mkdir -p -- "$1"', "sh", self._folder])
        for module in self.profile.modules:
            path = Path(module)
            await self._upload(f"{self._folder}/{path.name}", await asyncio.to_thread(path.read_bytes))

    async def run(self, program: Program, limits: Limits | None = None) -> Completed:
        """Run a program; see :class:`~llmgym.sandbox.base.Sandbox`.

        An exit status of 128 and the number of a signal that ends programs is read as that signal. The time limit is
        rounded up to whole seconds. The server cannot be interrupted: a cancelled program goes on to its own limit.
        """
        mark, limits = self._running(), limits or self.limits
        words = await self._words(program)
        if max(len(word.encode("utf-8", "surrogateescape")) for word in words) >= _LONGEST_WORD:
            return Completed(126, b"", b"sh: Argument list too long\n", "exited", 0.0)
        stdin = "/dev/null"
        if program.stdin:
            stdin = f"{self._folder}/stdin"
            await self._upload(stdin, program.stdin)
        wall = math.ceil(limits.wall_seconds)
        numbers = [
            wall,
            int(limits.cpu_seconds + 0.999),
            -(-limits.file_bytes // 512),
            limits.open_files,
            -(-limits.memory_bytes * 2 // 1024),
            limits.output_bytes,
        ]
        env = [f"{name}={value}" for name, value in {**self._env, **program.env}.items()]
        command = [
            "sh",
            "-c",
            RUN,
            "sh",
            mark,
            *map(str, numbers),
            program.cwd,
            str(int(program.merge_stderr)),
        ]
        command += [str(int(program.leave_running)), stdin, str(len(env)), *env, *words]
        began = time.monotonic()
        told = await self._call(command, wall + _PATIENCE, 3 * limits.output_bytes + (1 << 16))
        seconds = time.monotonic() - began
        return _completed(told, wall, seconds, limits)

    async def write(self, path: str, data: bytes, mode: int = 0o644) -> None:
        """Write a file; see :class:`~llmgym.sandbox.base.Sandbox`."""
        self._running()
        folder, _ = checked_path(path)
        problem = await self._call(["sh", "-c", CHECK, "sh", path, folder])
        if problem.strip():
            raise FileProblem(f"{path!r} could not be written: {problem.strip()[:300]}.")
        # Moved into place from beside it, so that nothing is ever followed or half there.
        part = f"{folder.rstrip('/')}/.llmgym-{secrets.token_hex(4)}"
        await self._upload(part, data)
        problem = await self._call(["sh", "-c", FINISH, "sh", part, path, f"{mode & 0o7777:o}"])
        if problem.strip():
            raise FileProblem(f"{path!r} could not be written: {problem.strip()[:300]}.")

    async def read(self, path: str, limit: int = 16 << 20) -> bytes:
        """Return a file; see :class:`~llmgym.sandbox.base.Sandbox`."""
        self._running()
        checked_path(path)
        told = await self._call(["sh", "-c", READ, "sh", path, str(limit)], limit=2 * limit + (1 << 16))
        verdict, _, content = told.partition("\n")
        if verdict != "ok":
            raise FileProblem(f"{path!r} could not be read: {verdict[:300] or 'no answer'}.")
        data = _decoded(content)
        if data is None or len(data) > limit:
            raise FileProblem(f"{path!r} could not be read whole, or is larger than {limit} bytes.")
        return data

    async def close(self) -> None:
        """Kill what was left running and let go of the sandbox, which is not ours to take away."""
        mark, self._mark = self._mark, None
        if mark is not None:
            # Who made the sandbox takes it away; where it is gone already there is nothing to kill.
            with contextlib.suppress(InfrastructureError):
                await self._call(["sh", "-c", SWEEP, "sh", mark, self._folder])

    def _running(self) -> str:
        if self._mark is None:
            raise broken("The sandbox is not running; start it first.", retryable=False)
        return self._mark

    async def _words(self, program: Program) -> list[str]:
        words = checked_argv(program.argv)
        if program.python is None:
            return words
        source = with_modules(program.python, self._folder) if self.profile.modules else program.python
        path = f"{self._folder}/main.py"
        await self._upload(path, source.encode("utf-8", "surrogatepass"))
        return [self._python, "-I", path, *words]

    async def _call(self, command: Sequence[str], patience: float = _PATIENCE, limit: int = 1 << 20) -> str:
        """Run a command of ours and return its output."""
        body = {"command": list(command), "timeout": patience}
        status, told = await self._ask("POST", "execute", body, patience + 10, limit)
        if status != 200:
            raise broken(f"The SWE-ReX server cannot run a program: {_complaint(told)} (HTTP {status}).")
        output = told.get("stdout") if isinstance(told, dict) else None
        if not isinstance(output, str):
            raise broken("The SWE-ReX server gave an answer without output.")
        return output

    async def _upload(self, path: str, data: bytes) -> None:
        form = aiohttp.FormData()
        form.add_field("file", data, filename="file", content_type="application/octet-stream")
        form.add_field("target_path", path)
        form.add_field("unzip", "false")
        status, told = await self._ask("POST", "upload", form, _PATIENCE + len(data) / 1e5, 1 << 20)
        if status == 511:
            raise FileProblem(f"{path!r} could not be written: {_complaint(told)}.")
        if status != 200:
            raise broken(f"The SWE-ReX server does not take a file: {_complaint(told)} (HTTP {status}).")

    async def _ask(self, method: str, path: str, body: Any, patience: float, limit: int) -> tuple[int, Any]:
        data = body if isinstance(body, aiohttp.FormData) else None if body is None else orjson.dumps(body)
        headers = {"X-API-Key": self._token}
        if isinstance(data, bytes):
            headers["Content-Type"] = "application/json"
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=patience)) as session,
                session.request(method, f"{self.url}/{path}", data=data, headers=headers) as response,
            ):
                kept = bytearray()
                async for chunk in response.content.iter_chunked(1 << 18):
                    kept += chunk
                    if len(kept) > limit:
                        raise broken("The SWE-ReX server sent a longer answer than was asked for.")
                return response.status, orjson.loads(bytes(kept))
        except TimeoutError as error:
            raise broken(f"The SWE-ReX server did not answer in {patience:g} seconds.") from error
        except (aiohttp.ClientError, OSError) as error:
            raise broken(f"The SWE-ReX server at {self.url} cannot be reached: {error}.") from error
        except ValueError as error:
            raise broken("The SWE-ReX server gave an answer that is no JSON.") from error


def _completed(told: str, wall: int, seconds: float, limits: Limits) -> Completed:
    """Read what the script that ran a program says: status, sizes, and both outputs, encoded."""
    head, _, rest = told.partition("\n")
    out, _, err = rest.partition(".\n")
    numbers = head.split()
    kept = _decoded(out), _decoded(err)
    if len(numbers) != 3 or not all(number.isdigit() for number in numbers) or None in kept:
        raise broken(f"The SWE-ReX server could not run a program: {told[:200]!r}.")
    status, *sizes = map(int, numbers)
    code = 128 - status if status - 128 in _SIGNALS else status
    by_signal: dict[int, Cause] = {-24: "cpu_time", -25: "output"}
    cause: Cause = "exited" if code >= 0 else by_signal.get(code, "signal")
    if code == -9 and seconds >= wall:
        cause = "wall_time"
    stdout, stderr = (part or b"" for part in kept)
    return Completed(code, stdout, stderr, cause, seconds, any(size > limits.output_bytes for size in sizes))


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def _complaint(told: Any) -> str:
    if isinstance(told, dict):
        transfer = told.get("swerexception")
        if isinstance(transfer, dict):
            return str(transfer.get("message"))[:300]
        return str(told.get("detail", told))[:300]
    return str(told)[:300]
