"""One program in a container, from its start to the moment when nothing of it is left."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

from llmgym.errors import InfrastructureError
from llmgym.sandbox.base import HOME, Cause, Completed, Limits, Program, broken
from llmgym.sandbox.container_engine import Engine, Hijacked
from llmgym.sandbox.container_keeper import Keeper, command_of, too_long
from llmgym.sandbox.container_settings import Settings

__all__ = ["Execution"]

_SIGNALS = {4, 5, 6, 7, 8, 9, 11, 13, 14, 15, 24, 25, 31}
"""Signals that end programs; an exit status of 128 and another number is taken as a status."""

_FIRST_LOOK, _LONGEST_PAUSE = 0.1, 2.0
_LAST_WORDS = 2.0
"""Seconds for output that is still on its way when a program has ended."""

_EXIT_PATIENCE = 10.0


class Execution:
    """One program in a container.

    Args:
        engine: The engine.
        name: Name of the container.
        keeper: The connection to its first process.
        settings: What it is made of.
        python: The interpreter inside.
        modules: The folder of the profile's modules, if there are any.
    """

    def __init__(
        self, engine: Engine, name: str, keeper: Keeper, settings: Settings, python: str, modules: str | None
    ):
        self._engine, self._name, self._keeper = engine, name, keeper
        self._settings, self._python, self._modules = settings, python, modules
        self._kept = {1: bytearray(), 2: bytearray()}
        self._written = {1: 0, 2: 0}
        self._flooded = asyncio.Event()

    async def run(self, program: Program, limits: Limits) -> Completed:
        """Run it to its end.

        Raises:
            EngineError: When the engine refuses.
            InfrastructureError: When the container or the engine is gone.
        """
        command = command_of(program, limits, self._python, self._modules)
        if too_long(command):
            return Completed(126, b"", b"sh: Argument list too long\n", "exited", 0.0)
        killed_before = await self._keeper.count()
        began = time.monotonic()
        answer = await self._engine.request(
            "POST", f"/containers/{self._name}/exec", json=self._request(program, command)
        )
        identity = str(answer.json()["Id"])
        stream = await self._engine.hijack(f"/exec/{identity}/start", {"Detach": False, "Tty": False})
        reading = asyncio.ensure_future(self._drain(stream, limits))
        feeding = asyncio.ensure_future(_feed(stream, program.stdin))
        over = False
        try:
            cause = await self._end(identity, reading, limits.wall_seconds)
            over = True
            seconds = time.monotonic() - began
            if cause or not program.leave_running:
                killed = await self._keeper.kill()
                await asyncio.wait({reading}, timeout=_LAST_WORDS)
            else:
                killed = await self._keeper.count()
            code = await self._status(identity)
        finally:
            if not over:
                await self._abandon()
            for task in (reading, feeding):
                task.cancel()
            await asyncio.gather(reading, feeding, return_exceptions=True)
            stream.close()
        return self._completed(code, cause, killed > killed_before, seconds, limits)

    def _request(self, program: Program, command: list[str]) -> dict[str, object]:
        home = {} if self._settings.writable else {"HOME": HOME}
        env = {**home, **self._settings.env, **program.env}
        return {
            "AttachStdin": True,
            "AttachStdout": True,
            "AttachStderr": True,
            "Tty": False,
            "Cmd": command,
            "Env": [f"{name}={value}" for name, value in env.items()],
            "User": self._settings.program_user,
            "WorkingDir": "/",
        }

    async def _drain(self, stream: Hijacked, limits: Limits) -> None:
        """Read output to its end. What is beyond the limit is read too, or the engine would wait for its reader."""
        while (piece := await stream.piece()) is not None:
            number, data = piece
            if number not in self._kept:
                continue
            self._written[number] += len(data)
            room = limits.output_bytes - len(self._kept[number])
            if room > 0:
                self._kept[number] += data[:room]
            if self._written[number] > limits.file_bytes:
                self._flooded.set()

    async def _end(self, identity: str, reading: asyncio.Future[Any], wall: float) -> Cause | None:
        """Wait for the end of the program; return the limit that it reached, if it did."""
        deadline, pause = time.monotonic() + wall, _FIRST_LOOK
        flooding: asyncio.Future[Any] = asyncio.ensure_future(self._flooded.wait())
        try:
            while (left := deadline - time.monotonic()) > 0:
                pause = min(pause * 1.5, _LONGEST_PAUSE)
                if not reading.done():
                    await asyncio.wait(
                        {reading, flooding}, timeout=min(pause, left), return_when=asyncio.FIRST_COMPLETED
                    )
                else:
                    # It has closed its output and goes on.
                    await asyncio.sleep(min(pause, left))
                if self._flooded.is_set():
                    return "output"
                if reading.done():
                    reading.result()
                if not await self._goes_on(identity):
                    # Processes that it left may hold its output open.
                    await asyncio.wait({reading}, timeout=_FIRST_LOOK)
                    return None
                # The keeper reaps on this occasion what the program has left to it; it counts as running until then.
                await self._keeper.count()
            return "wall_time"
        finally:
            flooding.cancel()

    async def _goes_on(self, identity: str) -> bool:
        return bool((await self._engine.request("GET", f"/exec/{identity}/json")).json()["Running"])

    async def _status(self, identity: str) -> int:
        deadline, pause = time.monotonic() + _EXIT_PATIENCE, 0.005
        while time.monotonic() < deadline:
            told = (await self._engine.request("GET", f"/exec/{identity}/json")).json()
            if not told["Running"] and told.get("ExitCode") is not None:
                return int(told["ExitCode"])
            await asyncio.sleep(pause)
            pause = min(pause * 2, 0.5)
        raise broken("A program in a container did not end when it was killed.")

    async def _abandon(self) -> None:
        """Kill the program, whose result nobody waits for any more."""
        killing = asyncio.ensure_future(self._keeper.kill())
        # Where the container does not answer, closing it is the caller's next step.
        with contextlib.suppress(InfrastructureError):
            try:
                await asyncio.shield(killing)
            except asyncio.CancelledError:
                await killing
                raise

    def _completed(
        self, status: int, cause: Cause | None, starved: bool, seconds: float, limits: Limits
    ) -> Completed:
        code = 128 - status if status - 128 in _SIGNALS else status
        if cause is None:
            by_signal: dict[int, Cause] = {-24: "cpu_time", -25: "output"}
            cause = "exited" if code >= 0 else by_signal.get(code, "signal")
            if code == -9 and starved:
                cause = "memory"
        cut = any(written > limits.output_bytes for written in self._written.values())
        return Completed(code, bytes(self._kept[1]), bytes(self._kept[2]), cause, seconds, cut)


async def _feed(stream: Hijacked, data: bytes) -> None:
    # A program that does not read its input is no failure.
    with contextlib.suppress(OSError):
        if data:
            await stream.send(data)
        stream.end_input()
