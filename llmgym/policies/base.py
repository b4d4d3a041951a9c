"""What a policy is, and what it is asked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any

from llmgym.bridge import wait
from llmgym.messages import Message, Messages, Response

if TYPE_CHECKING:
    from typing import Self

    import gymnasium

__all__ = ["Policy", "Request"]


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a policy: a conversation that waits for its next assistant message.

    Attributes:
        messages: The conversation so far.
        tools: The tools that may be called, as Chat schemas.
        seed: A seed for this turn, when the rollout is seeded.
        session: A name that is the same for all turns of one episode, and empty outside an episode.
        turn: Number of assistant turns before this one.
        params: Sampling parameters that the task's row asks for, under the names of ``responses_create_params``:
            ``temperature``, ``top_p``, ``max_output_tokens``, ``tool_choice``, ``parallel_tool_calls``, ...
        env: The environment itself. Only for policies that may look behind the curtain: oracles and replays.
    """

    messages: Messages
    tools: list[dict[str, Any]] = field(default_factory=list)
    seed: int | None = None
    session: str = ""
    turn: int = 0
    params: Mapping[str, Any] = field(default_factory=dict)
    env: gymnasium.Env[Any, Any] | None = field(default=None, repr=False)


class Policy(ABC):
    """Answers requests. Write :meth:`respond`; the rest has a default.

    A policy is also a context manager, synchronous or asynchronous, that closes itself.

    Example:
        >>> class Parrot(Policy):
        ...     async def respond(self, request):
        ...         return Response.of(request.messages[-1]["content"])
        >>> with Parrot() as policy:
        ...     policy([{"role": "user", "content": "hello"}]).text
        'hello'
    """

    @abstractmethod
    async def respond(self, request: Request) -> Response:
        """Return the next assistant message.

        Args:
            request: The conversation and what belongs to it. It is not to be changed.

        Raises:
            InfrastructureError: With the boundary ``policy``, when there is no answer to be had.
        """

    def __call__(
        self, messages: Iterable[Message], *, tools: Iterable[dict[str, Any]] = (), seed: int | None = None
    ) -> Response:
        """Answer from synchronous code.

        Args:
            messages: The conversation so far.
            tools: The tools that may be called, as Chat schemas.
            seed: A seed for this turn.

        Returns:
            The response.
        """
        return wait(self.respond(Request(Messages(messages), list(tools), seed)))

    def describe(self) -> dict[str, Any]:
        """Return what identifies this policy in a record, as JSON values. It never holds a key."""
        return {"kind": type(self).__name__}

    async def close(self) -> None:
        """Free what the policy holds. May be called more than once."""
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        wait(self.close())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
