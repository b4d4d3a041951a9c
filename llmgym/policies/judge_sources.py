"""Whoever answers for a judge: a model, a script, or a rule."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from llmgym.conversion import items_from_message
from llmgym.errors import InfrastructureError, UsageError, boundary
from llmgym.messages import Message, Messages, assistant
from llmgym.policies.base import Policy, Request
from llmgym.policies.judge_cache import Answer
from llmgym.verifiers.judge import Comparison
from llmgym.verifiers.same_answer import same_answer

__all__ = ["ExactSource", "PolicySource", "ScriptedSource", "Source"]


class Source(Protocol):
    """Answers for a judge.

    Attributes:
        shared: Whether it answers the same whoever asks, so that environments may share it.
        kept: Whether its answers are worth keeping.
    """

    shared: bool
    kept: bool

    async def answer(
        self, messages: list[Message], params: Mapping[str, Any], comparison: Comparison | None
    ) -> Answer:
        """Answer a question.

        Args:
            messages: The question in words.
            params: Sampling parameters, under their Responses names.
            comparison: The question apart from the words.

        Raises:
            InfrastructureError: With the boundary ``judge``, when there is no answer to be had.
        """

    def describe(self) -> dict[str, Any]:
        """Return what identifies the source, as JSON values and without secrets."""

    async def close(self) -> None:
        """Free what the source holds."""


class PolicySource:
    """A model as judge.

    Args:
        policy: Any policy.
    """

    shared = True
    kept = True

    def __init__(self, policy: Policy):
        self.policy = policy

    async def answer(
        self, messages: list[Message], params: Mapping[str, Any], comparison: Comparison | None
    ) -> Answer:
        """Ask the model.

        Raises:
            InfrastructureError: When it cannot be reached, or its context cannot hold the question.
        """
        try:
            with boundary("judge"):
                response = await self.policy.respond(Request(Messages(messages), params=params))
        except InfrastructureError as error:
            raise InfrastructureError(
                f"The judge gave no answer: {error}", boundary="judge", retryable=error.retryable
            ) from error
        if response.finish_reason == "length" and not response.message.get("content") and not response.usage:
            raise InfrastructureError(
                "The context of the judge's model cannot hold the question and the answers; take a judge with a "
                "longer context.",
                boundary="judge",
                retryable=False,
            )
        items = response.items or items_from_message(response.message)
        return {"items": items, "usage": dict(response.usage or {}), "model": response.model}

    def describe(self) -> dict[str, Any]:
        """Return the identity of the policy."""
        return self.policy.describe()

    async def close(self) -> None:
        """Close the policy."""
        await self.policy.close()


class ScriptedSource:
    """Says what it was told to say, in order: for tests, and to verify recorded rollouts again.

    Args:
        replies: A text for every question, or a list with a reply for each: a text, a list of raw output items, or
            ``{"error": text}`` for a judge that cannot be reached.

    Raises:
        UsageError: When a reply is of another kind.
    """

    shared = False
    kept = False

    def __init__(self, replies: str | Sequence[Any] = ()):
        if not isinstance(replies, str | Sequence):
            raise UsageError(
                f"Expected the replies of a scripted judge as a list, found {type(replies).__name__}."
            )
        self.replies = replies
        self.said = 0
        for index, reply in enumerate([replies] if isinstance(replies, str) else replies):
            items = isinstance(reply, list | tuple) and all(isinstance(item, Mapping) for item in reply)
            error = isinstance(reply, Mapping) and isinstance(reply.get("error"), str)
            if not (isinstance(reply, str) or items or error):
                raise UsageError(
                    f"Expected reply {index} of the scripted judge to be a text, a list of output items or "
                    f"{{'error': text}}, found {reply!r}."
                )

    async def answer(
        self, messages: list[Message], params: Mapping[str, Any], comparison: Comparison | None
    ) -> Answer:
        """Give the next reply.

        Raises:
            InfrastructureError: When that is the script.
            UsageError: When the script has come to its end.
        """
        reply: Any = self.replies
        if not isinstance(reply, str):
            if self.said >= len(reply):
                raise UsageError(
                    f"The scripted judge was asked more often than the {len(reply)} times that it has replies for."
                )
            reply = reply[self.said]
        self.said += 1
        if isinstance(reply, Mapping):
            raise InfrastructureError(
                f"The judge gave no answer: {reply['error']}",
                boundary="judge",
                retryable=bool(reply.get("retryable", True)),
            )
        items = items_from_message(assistant(reply)) if isinstance(reply, str) else [dict(i) for i in reply]
        return {"items": items, "usage": {}, "model": None}

    def describe(self) -> dict[str, Any]:
        """Return the kind."""
        return {"kind": "scripted"}

    async def close(self) -> None:
        """Nothing is held."""

    def __deepcopy__(self, memo: dict[int, Any]) -> ScriptedSource:
        # The fork of an environment goes on at the same place of the script.
        return copy.copy(self)


class ExactSource:
    """A rule that speaks the protocol of a judge: answers agree when they are the same once written alike.

    It is no language model, and takes other words for the same thing to be different. The rule is
    :func:`llmgym.verifiers.same_answer.same_answer`.
    """

    shared = True
    kept = False

    async def answer(
        self, messages: list[Message], params: Mapping[str, Any], comparison: Comparison | None
    ) -> Answer:
        """Answer with a label.

        Raises:
            UsageError: When the question is given in words alone.
        """
        if comparison is None:
            raise UsageError(
                "The exact judge compares texts and reads no prompt: call judge.compare, not judge.ask."
            )
        equal = same_answer(comparison.expected, comparison.answer)
        label = comparison.equal_label if equal else comparison.not_equal_label
        return {"items": items_from_message(assistant(label)), "usage": {}, "model": None}

    def describe(self) -> dict[str, Any]:
        """Return the kind."""
        return {"kind": "exact"}

    async def close(self) -> None:
        """Nothing is held."""
