"""Model servers that run as child processes, shared by whoever wants the same model with the same settings."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from llmgym.errors import InfrastructureError
from llmgym.policies import local_server

__all__ = ["ModelServer", "ServerSettings", "lease", "release"]

START_TIMEOUT = 600.0
"""Seconds that loading a model may take."""

_END_TIMEOUT = 5.0
_LOG_TAIL = 2000
_SPINS = "2000"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What a server is made from. Policies with equal settings share one.

    Attributes:
        model: Path of the weights.
        slots: Conversations at a time.
        context: Tokens of a conversation.
        threads: Threads of the computation.
    """

    model: Path
    slots: int
    context: int
    threads: int


class ModelServer:
    """One child process that serves a model on a free port of this machine.

    Starting blocks until the model is loaded. The child ends when :meth:`stop` is called or this process is gone.

    Args:
        settings: What to serve.

    Attributes:
        url: Base URL for OpenAI-compatible clients.
        native_tools: Whether the model's chat template knows tools.
        context: Tokens of a conversation; fewer than asked for when the model was not trained for as many.

    Raises:
        InfrastructureError: When the server does not start; the boundary is ``policy``.
    """

    def __init__(self, settings: ServerSettings):
        self.settings = settings
        self._owner = os.getpid()
        self._log = tempfile.TemporaryFile()
        # A path, not -m: the child imports nothing of llmgym. -P keeps its folder, which has an http.py, off the path.
        command = [sys.executable, "-P", local_server.__file__, "--parent", str(self._owner)]
        for name in ("model", "slots", "context", "threads"):
            command += [f"--{name}", str(getattr(settings, name))]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            # Threads that wait by spinning for long keep each other off a busy core.
            env={"GOMP_SPINCOUNT": _SPINS} | os.environ,
            # An interrupt at the terminal is for us; we end the child when we are done.
            start_new_session=True,
        )
        try:
            about = json.loads(self._first_line())
        except ValueError:
            problem = self.failure()
            self.stop()
            raise InfrastructureError(
                f"The model server did not start with {settings.model.name}: {problem}", boundary="policy"
            ) from None
        except BaseException:
            self.stop()
            raise
        self.url: str = about["url"]
        self.native_tools: bool = about["native_tools"]
        self.context: int = about["context"]

    @property
    def alive(self) -> bool:
        """Whether the child runs."""
        return self._process.poll() is None

    def failure(self) -> str:
        """Tell how the child ended and the last of what it wrote."""
        status = self._process.poll()
        ended = "it has not answered in time" if status is None else f"it ended with status {status}"
        if self._log.closed:
            return f"{ended}."
        size = os.fstat(self._log.fileno()).st_size
        tail = os.pread(self._log.fileno(), _LOG_TAIL, max(0, size - _LOG_TAIL)).decode("utf-8", "replace")
        lines = [line.strip() for line in tail.splitlines() if line.strip()]
        return f"{ended}: {lines[-1]}" if lines else f"{ended}."

    def stop(self) -> None:
        """End the child and wait for its end. May be called more than once."""
        if os.getpid() != self._owner:
            # A fork of the owner: the child is not ours to end.
            return
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        try:
            self._process.wait(_END_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def _first_line(self) -> bytes:
        """Return what the child tells once it serves; something shorter when it ends or is late."""
        stdout = self._process.stdout
        assert stdout is not None
        deadline = time.monotonic() + START_TIMEOUT
        line = b""
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            while not line.endswith(b"\n") and selector.select(max(0.0, deadline - time.monotonic())):
                read = os.read(stdout.fileno(), 4096)
                if not read:
                    self._process.wait(_END_TIMEOUT)
                    break
                line += read
        return line


class _Entry:
    """A server and how many hold it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.server: ModelServer | None = None
        self.holders = 0


_entries: dict[ServerSettings, _Entry] = {}
# Reentrant, because a policy may be forgotten, and its server released, in the middle of anything.
_lock = threading.RLock()


def lease(settings: ServerSettings) -> ModelServer:
    """Return a running server with these settings, a new one if there is none. Blocks while it starts.

    Args:
        settings: What to serve.

    Raises:
        InfrastructureError: When it does not start.
    """
    with _lock:
        entry = _entries.setdefault(settings, _Entry())
        entry.holders += 1
    try:
        with entry.lock:
            if entry.server is not None and not entry.server.alive:
                entry.server.stop()
                entry.server = None
            if entry.server is None:
                entry.server = ModelServer(settings)
            return entry.server
    except BaseException:
        _leave(entry, settings)
        raise


def release(server: ModelServer) -> None:
    """Give back a leased server. The last to do so ends it.

    Args:
        server: What :func:`lease` returned.
    """
    with _lock:
        entry = _entries.get(server.settings)
    if entry is not None:
        _leave(entry, server.settings)


def _leave(entry: _Entry, settings: ServerSettings) -> None:
    with _lock:
        entry.holders -= 1
        if entry.holders:
            return
        _entries.pop(settings, None)
        server, entry.server = entry.server, None
    if server is not None:
        server.stop()
