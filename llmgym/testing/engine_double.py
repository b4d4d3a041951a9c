"""A double of a container engine: the part of Docker's HTTP API that llmgym uses, on a unix socket.

It runs commands for real (see :mod:`llmgym.testing.engine_containers`), answers with the statuses and messages of
Docker, and fails as told. As a program it serves until it is stopped::

    python -m llmgym.testing.engine_double --socket /tmp/engine.sock --image python:3.12-slim

A fault is ordered by ``POST /double/fault`` with ``{"path": regular expression, "kind": ..., "times": 1}``:

| kind | what happens |
|---|---|
| `error` | status 500 |
| `slow` | the answer comes after `seconds` |
| `close` | the connection closes without an answer |
| `half_frame` | a program's output ends in the middle of a frame |
| `garbage` | a program's output is not made of frames |
| `die` | the engine kills itself, and everything in it |
| `none` | all faults ordered before are forgotten |
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import io
import os
import re
import signal
import socket as socketlib
import subprocess
import sys
import tarfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import orjson

from llmgym.testing.engine_containers import Container, Exec, Refusal
from llmgym.testing.engine_requests import Request, feed, send_frames

__all__ = ["EngineDouble", "engine_process"]

_UPGRADED = (
    b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n"
    b"Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
)
_GO_MODES = {tarfile.DIRTYPE: 1 << 31, tarfile.SYMTYPE: 1 << 27, tarfile.FIFOTYPE: 1 << 25}


class EngineDouble:
    """The state of the engine: images, containers, programs and the faults to come.

    Args:
        images: Names of the images that it has.
        pullable: Names of those that it can fetch.
        content: A folder with what every image holds beside this machine's programs, such as ``testbed``.
    """

    def __init__(
        self,
        images: Sequence[str] = (),
        pullable: Sequence[str] = (),
        content: str | os.PathLike[str] | None = None,
    ):
        self.images, self.pullable, self.content = set(images), set(pullable), content
        self._place = "."
        self.containers: dict[str, Container] = {}
        self.execs: dict[str, Exec] = {}
        self.faults: list[dict[str, Any]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._routes: list[tuple[str, str, Callable[..., Awaitable[None]]]] = [
            ("GET", r"/_ping", self._ping),
            ("GET", r"/version", self._version),
            ("GET", r"/images/json", self._images),
            ("POST", r"/images/create", self._pull),
            ("GET", r"/containers/json", self._list),
            ("POST", r"/containers/create", self._create),
            ("GET", r"/containers/([^/]+)/json", self._inspect),
            ("POST", r"/containers/([^/]+)/start", self._start),
            ("POST", r"/containers/([^/]+)/attach", self._attach),
            ("POST", r"/containers/([^/]+)/kill", self._kill),
            ("DELETE", r"/containers/([^/]+)", self._remove),
            ("POST", r"/containers/([^/]+)/exec", self._exec),
            ("POST", r"/exec/([^/]+)/start", self._exec_start),
            ("GET", r"/exec/([^/]+)/json", self._exec_inspect),
            ("HEAD|GET", r"/containers/([^/]+)/archive", self._get_archive),
            ("PUT", r"/containers/([^/]+)/archive", self._put_archive),
            ("POST", r"/double/fault", self._order_fault),
        ]

    async def serve(self, path: str) -> None:
        """Serve on a socket until cancelled. Containers have their folders beside the socket."""
        self._place = os.path.dirname(os.path.abspath(path))
        server = await asyncio.start_unix_server(self._connected, path)
        try:
            async with server:
                await server.serve_forever()
        finally:
            for container in list(self.containers.values()):
                await container.remove()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await Request.read(reader, writer)
            if request is not None:
                await self._answer(request)
        except (ConnectionError, asyncio.IncompleteReadError):
            # The client is gone; nothing of its request is left to do.
            return
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, request: Request) -> None:
        request.fault = self._fault(request.path)
        kind = request.fault.get("kind")
        if kind == "close":
            return
        if kind == "slow":
            await asyncio.sleep(request.fault.get("seconds", 1.0))
        if kind == "die" and "/start" not in request.path:
            os.kill(os.getpid(), signal.SIGKILL)
        try:
            if kind == "error":
                raise Refusal(500, "the double was told to fail")
            for methods, pattern, handler in self._routes:
                match = re.fullmatch(r"(?:/v[\d.]+)?" + pattern, request.path)
                if match and re.fullmatch(methods, request.method):
                    await handler(request, *match.groups())
                    return
            raise Refusal(404, "page not found")
        except Refusal as refusal:
            await request.reply(refusal.status, {"message": refusal.message})

    def _fault(self, path: str) -> dict[str, Any]:
        for fault in self.faults:
            if re.search(fault["path"], path) and fault.get("times", 1) > 0:
                fault["times"] = fault.get("times", 1) - 1
                return fault
        return {}

    def _container(self, name: str) -> Container:
        for container in self.containers.values():
            if name in (container.id, container.name):
                return container
        raise Refusal(404, f"No such container: {name}")

    async def _order_fault(self, request: Request) -> None:
        fault = request.json()
        if fault.get("kind") == "none":
            self.faults.clear()
        else:
            self.faults.append(fault)
        await request.reply(204)

    async def _ping(self, request: Request) -> None:
        await request.reply(200, b"OK", {"Api-Version": "1.41", "Content-Type": "text/plain"})

    async def _version(self, request: Request) -> None:
        await request.reply(
            200, {"Version": "double", "ApiVersion": "1.41", "MinAPIVersion": "1.12", "Os": "linux"}
        )

    async def _images(self, request: Request) -> None:
        await request.reply(200, [{"Id": name, "RepoTags": [name]} for name in sorted(self.images)])

    async def _pull(self, request: Request) -> None:
        name, tag = request.query.get("fromImage", ""), request.query.get("tag", "")
        found = {f"{name}:{tag}", name} & self.pullable
        if not found:
            raise Refusal(
                404, f"pull access denied for {name}, repository does not exist or may require 'docker login'"
            )
        self.images |= found
        await request.reply(200, b'{"status":"Downloaded newer image"}\n')

    async def _list(self, request: Request) -> None:
        wanted = orjson.loads(request.query.get("filters", "{}")).get("label", [])
        shown = []
        for container in self.containers.values():
            labels = container.request.get("Labels") or {}
            if all(label in labels for label in wanted) and (container.running or request.query.get("all")):
                shown.append({"Id": container.id, "Names": [f"/{container.name}"], "Labels": labels})
        await request.reply(200, shown)

    async def _create(self, request: Request) -> None:
        body, name = request.json(), request.query.get("name", "")
        if body.get("Image") not in self.images:
            raise Refusal(404, f"No such image: {body.get('Image')}")
        if any(container.name == name for container in self.containers.values()):
            raise Refusal(409, f'Conflict. The container name "/{name}" is already in use')
        container = await asyncio.to_thread(Container, name, body, self._place, self.content)
        self.containers[container.id] = container
        await request.reply(201, {"Id": container.id, "Warnings": []})

    async def _inspect(self, request: Request, name: str) -> None:
        container = self._container(name)
        state = {"Running": container.running, "OOMKilled": False, "Pid": container.pid}
        await request.reply(200, {"Id": container.id, "Name": f"/{container.name}", "State": state})

    async def _start(self, request: Request, name: str) -> None:
        container = self._container(name)
        if container.running:
            await request.reply(304)
            return
        await container.start()
        self._keep(self._watch(container))
        await request.reply(204)

    async def _watch(self, container: Container) -> None:
        await container.wait()
        if (container.request.get("HostConfig") or {}).get("AutoRemove"):
            self.containers.pop(container.id, None)
            await container.remove()

    async def _attach(self, request: Request, name: str) -> None:
        container = self._container(name)
        request.writer.write(_UPGRADED)
        await container.started.wait()
        process = container.process
        assert process is not None and process.stdin is not None and process.stdout is not None
        output = asyncio.ensure_future(send_frames(process.stdout, 1, request.writer))
        try:
            while data := await request.reader.read(64 << 10):
                process.stdin.write(data)
                await process.stdin.drain()
        finally:
            # Standard input is open once: it ends with the connection.
            process.stdin.close()
            output.cancel()

    async def _kill(self, request: Request, name: str) -> None:
        container = self._container(name)
        if not container.running:
            raise Refusal(409, f"Cannot kill container: {name}: Container {container.id} is not running")
        container.kill()
        await request.reply(204)

    async def _remove(self, request: Request, name: str) -> None:
        container = self._container(name)
        if container.running and request.query.get("force") not in ("1", "true"):
            raise Refusal(409, "You cannot remove a running container. Stop the container before removal")
        self.containers.pop(container.id, None)
        await container.remove()
        await request.reply(204)

    async def _exec(self, request: Request, name: str) -> None:
        container = self._container(name)
        if not container.running:
            raise Refusal(409, f"Container {container.id} is not running")
        program = Exec(container, request.json())
        self.execs[program.id] = program
        await request.reply(201, {"Id": program.id})

    async def _exec_start(self, request: Request, identity: str) -> None:
        if identity not in self.execs:
            raise Refusal(404, f"No such exec instance: {identity}")
        program = self.execs[identity]
        process = await program.start()
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        ending = self._keep(program.end())
        writer, kind = request.writer, request.fault.get("kind")
        writer.write(_UPGRADED)
        if kind == "die":
            await asyncio.sleep(request.fault.get("seconds", 0.2))
            os.kill(os.getpid(), signal.SIGKILL)
        if kind in ("half_frame", "garbage"):
            writer.write(
                b"\x01\0\0\0\0\0\0\x64only half" if kind == "half_frame" else b"<html>no frames</html>"
            )
            return
        feeding = asyncio.ensure_future(feed(request.reader, process.stdin))
        outputs = [
            asyncio.ensure_future(send_frames(stream, number, writer))
            for number, stream in ((1, process.stdout), (2, process.stderr))
        ]
        try:
            await ending
            # Like the engine, do not wait for ever for what the program has left behind.
            await asyncio.wait(outputs, timeout=2.0)
        finally:
            for task in (feeding, *outputs):
                task.cancel()
            await asyncio.gather(feeding, *outputs, return_exceptions=True)

    async def _exec_inspect(self, request: Request, identity: str) -> None:
        if identity not in self.execs:
            raise Refusal(404, f"No such exec instance: {identity}")
        await request.reply(200, self.execs[identity].described())

    async def _get_archive(self, request: Request, name: str) -> None:
        container, path = self._container(name), request.query.get("path", "")
        folder, base = os.path.split(path.rstrip("/") or "/")
        try:
            archive = await container.call(["tar", "-c", "-f", "-", "-C", folder or "/", "--", base or "."])
        except Refusal as refusal:
            raise Refusal(404, f"Could not find the file {path} in container {name}") from refusal
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            entry = tar.next()
        assert entry is not None
        stat = {
            "name": base,
            "size": entry.size,
            "mode": entry.mode | _GO_MODES.get(entry.type, 0),
            "mtime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(entry.mtime)),
            "linkTarget": entry.linkname,
        }
        headers = {
            "X-Docker-Container-Path-Stat": base64.b64encode(orjson.dumps(stat)).decode(),
            "Content-Type": "application/x-tar",
        }
        await request.reply(200, archive if request.method == "GET" else b"", headers)

    async def _put_archive(self, request: Request, name: str) -> None:
        container, path = self._container(name), request.query.get("path", "")
        if not path.startswith(("/work", "/tmp")) and container.request["HostConfig"].get("ReadonlyRootfs"):
            raise Refusal(400, "container rootfs is marked read-only")
        if not await self._is_folder(container, path):
            raise Refusal(404, f"Could not find the file {path} in container {name}")
        with tarfile.open(fileobj=io.BytesIO(request.body)) as tar:
            for entry in tar:
                if entry.isreg() and (await self._is_folder(container, f"{path}/{entry.name}")):
                    raise Refusal(500, f'cannot overwrite directory "{path}/{entry.name}" with non-directory')
        owner = "--numeric-owner" if os.geteuid() == 0 else "--no-same-owner"
        command = ["tar", "-x", "-f", "-", "-C", path, owner, "--unlink-first", "--same-permissions"]
        await container.call(command, request.body)
        await request.reply(200)

    @staticmethod
    async def _is_folder(container: Container, path: str) -> bool:
        try:
            await container.call(["test", "-d", path])
        except Refusal:
            return False
        return True

    def _keep(self, work: Any) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


@contextmanager
def engine_process(
    socket: str | os.PathLike[str],
    images: Sequence[str] = (),
    pullable: Sequence[str] = (),
    content: str | os.PathLike[str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run the double in a process of its own.

    Args:
        socket: Where it listens.
        images: Names of the images that it has.
        pullable: Names of those that it can fetch.
        content: A folder with what every image holds beside this machine's programs.

    Raises:
        TimeoutError: When it does not come up.
    """
    command = [sys.executable, "-m", "llmgym.testing.engine_double", "--socket", os.fspath(socket)]
    for name in images:
        command += ["--image", name]
    for name in pullable:
        command += ["--pullable", name]
    if content is not None:
        command += ["--content", os.fspath(content)]
    process = subprocess.Popen(command, start_new_session=True)
    try:
        deadline = time.monotonic() + 30
        while not _listens(os.fspath(socket)):
            if process.poll() is not None or time.monotonic() > deadline:
                raise TimeoutError("The engine double did not start.")
            time.sleep(0.01)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listens(path: str) -> bool:
    with socketlib.socket(socketlib.AF_UNIX) as attempt:
        return attempt.connect_ex(path) == 0


async def _serve(arguments: argparse.Namespace) -> None:
    loop = asyncio.get_running_loop()
    serving = asyncio.ensure_future(
        EngineDouble(arguments.image, arguments.pullable, arguments.content).serve(arguments.socket)
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, serving.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await serving


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description="A double of a container engine.")
    parser.add_argument("--socket", required=True, help="path of the socket to listen on")
    parser.add_argument("--image", action="append", default=[], help="an image that it has; may be repeated")
    parser.add_argument("--pullable", action="append", default=[], help="an image that it can fetch")
    parser.add_argument("--content", help="a folder with what every image holds")
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
