"""Replies of a judge, kept by what was asked."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson

from llmgym.errors import Error, UsageError

__all__ = ["MEMORY", "Answer", "ReplyCache", "key_of"]

Answer = dict[str, Any]
"""What is kept of a reply, as JSON values: ``items``, ``usage`` and ``model``."""

MEMORY = 20_000
"""How many replies are held in memory; the one that was not asked for the longest goes first."""


def key_of(*parts: Any) -> str:
    """Return a key for JSON values: equal values, in any order of keys, have equal keys."""
    return blake2b(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


class ReplyCache:
    """Keeps replies in memory, and in a file if one is named. Equal questions asked at a time are asked once.

    The file is a line of JSON for each reply, appended with one write, so that several processes may share it. Lines
    that are torn or of another kind are passed over.

    Args:
        path: The file; ``None`` for memory alone.

    Raises:
        UsageError: When the file cannot be read or written.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None):
        self._kept: OrderedDict[str, Answer] = OrderedDict()
        self._asked: dict[tuple[asyncio.AbstractEventLoop, str], asyncio.Future[Answer | Error | None]] = {}
        self._lock = threading.Lock()
        self._path = None if path is None else Path(path).expanduser()
        if self._path is not None:
            try:
                self._load(self._path)
            except OSError as error:
                raise UsageError(f"The judge's cache {str(path)!r} cannot be used: {error}.") from error

    def __len__(self) -> int:
        return len(self._kept)

    async def get(
        self, key: str, ask: Callable[[], Awaitable[Answer]], worth: Callable[[Answer], bool]
    ) -> tuple[Answer, bool]:
        """Return the reply to a question.

        Args:
            key: The question, by :func:`key_of`.
            ask: Asks it.
            worth: Tells whether a reply is to be kept.

        Returns:
            The reply, and whether it was known or somebody else was asking for it.

        Raises:
            Error: What ``ask`` raised, for everybody who waited for it.
        """
        place = asyncio.get_running_loop(), key
        while True:
            with self._lock:
                known = self._kept.get(key)
                if known is not None:
                    self._kept.move_to_end(key)
                    return known, True
                pending = self._asked.get(place)
                if pending is None:
                    mine = self._asked[place] = place[0].create_future()
                    break
            outcome = await asyncio.shield(pending)
            if isinstance(outcome, Error):
                raise outcome
            if outcome is not None:
                return outcome, True
        outcome = None
        try:
            outcome = answer = await ask()
            if worth(answer):
                self._keep(key, answer)
            return answer, False
        except Error as error:
            outcome = error
            raise
        finally:
            # Nothing at all when this one was cancelled: then the next in line asks.
            self._asked.pop(place, None)
            mine.set_result(outcome)

    def _keep(self, key: str, answer: Answer) -> None:
        with self._lock:
            self._remember(key, answer)
            if self._path is not None:
                _append(self._path, orjson.dumps({"key": key, **answer}) + b"\n")

    def _remember(self, key: str, answer: Answer) -> None:
        self._kept[key] = answer
        if len(self._kept) > MEMORY:
            self._kept.popitem(last=False)

    def _load(self, path: Path) -> None:
        torn = False
        if path.exists():
            with path.open("rb") as lines:
                for line in lines:
                    torn = not line.endswith(b"\n")
                    try:
                        row = orjson.loads(line)
                    except orjson.JSONDecodeError:
                        continue
                    if isinstance(row, dict) and isinstance(row.get("items"), list) and "key" in row:
                        self._remember(str(row.pop("key")), row)
        # Also tells whether the file can be written; a torn last line must not swallow the next one.
        _append(path, b"\n" if torn else b"")


def _append(path: Path, line: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, line)
    finally:
        os.close(descriptor)
