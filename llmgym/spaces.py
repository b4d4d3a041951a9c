"""Spaces of conversations and responses.

None of Gymnasium's own spaces can hold a chat message: ``Text`` has a finite alphabet, ``Dict`` has no optional
keys. These two can, and they are registered with Gymnasium's vector and wrapper utilities.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import gymnasium as gym
from gymnasium.spaces.utils import is_space_dtype_shape_equiv
from gymnasium.vector.utils import batch_differing_spaces
from gymnasium.wrappers.utils import create_zero_array

from llmgym.messages import ROLES, Message, Messages, Response

__all__ = ["MessagesSpace", "ResponseSpace"]

_WORDS = (
    "yes",
    "no",
    "42",
    "the answer is",
    "\\boxed{B}",
    "[]",
    '{"a": 1}',
    "naïve",
    "日本語",
    "Ответ:",
    "🙂",
    "\n",
    "",
)
_ARGUMENTS = (
    "{}",
    "",
    "null",
    "[]",
    '{"city": "Zürich"}',
    '{"count": 1}',
    '{"count": "x"}',
    '{"a": ',
    '{"a": NaN}',
)


class MessagesSpace(gym.Space[Messages]):
    """All conversations: lists of Chat messages.

    A member is a list of dictionaries with a known role. Two such spaces are equal, so environments with different
    tasks can share a vector environment.

    Args:
        seed: Seed of the generator that :meth:`sample` uses.
    """

    def __init__(self, seed: int | None = None):
        super().__init__(None, None, seed)

    @property
    def is_np_flattenable(self) -> bool:
        """A conversation is no fixed-size array."""
        return False

    def sample(self, mask: Any = None, probability: Any = None) -> Messages:
        """Return a short random conversation that begins with a user message.

        Args:
            mask: Not supported; must be ``None``.
            probability: Not supported; must be ``None``.
        """
        _no_masks(self, mask, probability)
        conversation = Messages()
        for turn in range(int(self.np_random.integers(1, 5))):
            role = "assistant" if turn % 2 else "user"
            conversation.append({"role": role, "content": _text(self.np_random)})
        return conversation

    def contains(self, x: Any) -> bool:
        """Tell whether ``x`` is a conversation."""
        return isinstance(x, list) and all(_is_message(message) for message in x)

    def to_jsonable(self, sample_n: Iterable[Messages]) -> list[list[Message]]:
        """Return conversations as plain lists."""
        return [list(messages) for messages in sample_n]

    def from_jsonable(self, sample_n: list[list[Message]]) -> list[Messages]:
        """Return conversations from plain lists."""
        return [Messages(messages) for messages in sample_n]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MessagesSpace)

    def __hash__(self) -> int:
        return hash(MessagesSpace)

    def __repr__(self) -> str:
        return "MessagesSpace()"


class ResponseSpace(gym.Space[Any]):
    """All actions: a string, an assistant message, or a :class:`~llmgym.messages.Response`.

    Samples are assistant messages with text in several scripts, tool calls, and malformed tool calls: whatever a
    model might send, an environment must survive.

    Args:
        tools: Names that sampled tool calls use, besides unknown ones. They do not take part in equality.
        seed: Seed of the generator that :meth:`sample` uses.
    """

    def __init__(self, tools: Sequence[str] = (), seed: int | None = None):
        super().__init__(None, None, seed)
        self.tools = tuple(tools)

    @property
    def is_np_flattenable(self) -> bool:
        """A response is no fixed-size array."""
        return False

    def sample(self, mask: Any = None, probability: Any = None) -> Message:
        """Return a random assistant message.

        Args:
            mask: Not supported; must be ``None``.
            probability: Not supported; must be ``None``.
        """
        _no_masks(self, mask, probability)
        rng = self.np_random
        message: Message = {"role": "assistant", "content": _text(rng)}
        if rng.random() < 0.5:
            names = (*self.tools, "no_such_tool", "")
            message["content"] = None if rng.random() < 0.7 else message["content"]
            message["tool_calls"] = [
                {
                    "id": f"call_{position}",
                    "type": "function",
                    "function": {
                        "name": names[int(rng.integers(len(names)))],
                        "arguments": _ARGUMENTS[int(rng.integers(len(_ARGUMENTS)))],
                    },
                }
                for position in range(int(rng.integers(1, 4)))
            ]
        return message

    def contains(self, x: Any) -> bool:
        """Tell whether ``x`` is an action."""
        if isinstance(x, Response):
            x = x.message
        return isinstance(x, str) or (_is_message(x) and x["role"] == "assistant")

    def to_jsonable(self, sample_n: Iterable[Any]) -> list[Any]:
        """Return actions as strings and messages."""
        return [action.message if isinstance(action, Response) else action for action in sample_n]

    def from_jsonable(self, sample_n: list[Any]) -> list[Any]:
        """Return actions from strings and messages."""
        return json.loads(json.dumps(sample_n))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ResponseSpace)

    def __hash__(self) -> int:
        return hash(ResponseSpace)

    def __repr__(self) -> str:
        return "ResponseSpace()"


def _is_message(x: Any) -> bool:
    if not isinstance(x, dict) or not isinstance(x.get("role"), str) or x["role"] not in ROLES:
        return False
    content = x.get("content")
    if not (content is None or isinstance(content, str | list)):
        return False
    calls = x.get("tool_calls")
    return calls is None or isinstance(calls, list)


def _text(rng: Any) -> str:
    return " ".join(_WORDS[int(index)] for index in rng.integers(len(_WORDS), size=int(rng.integers(1, 6))))


def _no_masks(space: gym.Space[Any], mask: Any, probability: Any) -> None:
    if mask is not None or probability is not None:
        raise ValueError(f"{space} has no masks; call sample() without arguments.")


def _zero_messages(space: MessagesSpace) -> Messages:
    return Messages()


def _zero_response(space: ResponseSpace) -> Message:
    return {"role": "assistant", "content": ""}


def _batch_differing(spaces: Sequence[gym.Space[Any]]) -> gym.spaces.Tuple:
    return gym.spaces.Tuple(spaces)


create_zero_array.register(MessagesSpace, _zero_messages)
create_zero_array.register(ResponseSpace, _zero_response)
for _kind in (MessagesSpace, ResponseSpace):
    is_space_dtype_shape_equiv.register(_kind, lambda one, other: one == other)
    batch_differing_spaces.register(_kind, _batch_differing)
