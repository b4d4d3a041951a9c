"""A recording of what engines and pages answered, so that a run can be repeated offline."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Awaitable, Callable
from hashlib import blake2b
from pathlib import Path

from llmgym.errors import InfrastructureError, UsageError
from llmgym.threads import in_thread

__all__ = ["Tape"]


class Tape:
    """A folder with one file for each question that was asked.

    The first answer to a question is the one that is kept, errors that the model was told included; every later run
    reads it, so that a run repeated from the folder is the same byte for byte. Several processes may share a folder.

    Args:
        folder: The folder; made when it does not exist.
        replay: Answer from the folder alone.

    Raises:
        UsageError: When the folder cannot be used.
    """

    def __init__(self, folder: str | os.PathLike[str], replay: bool = False):
        self.folder, self.replay = Path(folder).expanduser(), replay
        try:
            if not replay:
                self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"The recording {str(folder)!r} cannot be made: {error}.") from error
        if not self.folder.is_dir():
            raise UsageError(
                f"Expected a folder with a recording at {str(folder)!r}, found none. Record a run first."
            )

    async def get(self, tool: str, source: str, argument: str, ask: Callable[[], Awaitable[str]]) -> str:
        """Return the answer to a question.

        Args:
            tool: What is asked: ``search`` or ``browse``.
            source: Who is asked.
            argument: The query or the address.
            ask: Asks it. What it raises is not kept.

        Raises:
            InfrastructureError: When replaying a question that was not recorded, or when the folder fails.
        """
        question = {"tool": tool, "source": source, "argument": argument}
        path = self.folder / f"{_name(question)}.json"
        try:
            known = await in_thread(_read, path)
            if known is not None:
                return known
            if self.replay:
                raise InfrastructureError(
                    f"The recording in {str(self.folder)!r} has no answer to {tool}({argument!r}). Record it first, "
                    "or leave out replay.",
                    boundary="tool",
                    retryable=False,
                )
            answer = await ask()
            return await in_thread(_keep, path, {**question, "answer": answer})
        except OSError as error:
            raise InfrastructureError(
                f"The recording in {str(self.folder)!r} cannot be used: {error}.", boundary="tool"
            ) from error


def _name(question: dict[str, str]) -> str:
    return blake2b(json.dumps(question, sort_keys=True).encode(), digest_size=16).hexdigest()


def _read(path: Path) -> str | None:
    try:
        answer: str = json.loads(path.read_bytes())["answer"]
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise OSError(f"{path.name} is damaged; delete it") from error
    return answer


def _keep(path: Path, record: dict[str, str]) -> str:
    """Write an answer unless there is one, and return the one that is kept."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(json.dumps(record).encode())
        try:
            os.link(temporary, path)
        except FileExistsError:
            return _read(path) or record["answer"]
        return record["answer"]
    finally:
        os.unlink(temporary)
