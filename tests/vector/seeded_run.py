"""Plays a seeded run of random responses; as a program it prints the records without their times."""

from __future__ import annotations

import sys
from typing import Any

import orjson
from testing_env import AsyncWeatherEnv
from vector.playing import by_key, played, untimed

from llmgym import tool
from llmgym.policies.scripted import RandomPolicy


class DiceEnv(AsyncWeatherEnv):
    """The weather, with tools and a reward that draw from the episode's generators."""

    @tool
    def roll(self, sides: int = 6) -> int:
        """Roll a die."""
        return int(self.np_random.integers(sides)) + 1

    async def verify(self, episode):
        return float(self.stream("judge").random()) + await super().verify(episode)


class TooledRandomPolicy(RandomPolicy):
    """Random responses, with a roll of the die before each."""

    async def respond(self, request):
        response = await super().respond(request)
        call = {"id": "roll", "type": "function", "function": {"name": "roll", "arguments": "{}"}}
        calls = [call, *response.tool_calls] if request.turn < 2 else []
        message = (
            {**response.message, "tool_calls": calls} if calls else {"role": "assistant", "content": "end"}
        )
        return type(response)(message)


def records(concurrency: int, **options: Any) -> list[dict[str, Any]]:
    made = played(
        DiceEnv, TooledRandomPolicy(), concurrency=concurrency, **{"tasks": 8, "repeats": 3, **options}
    )
    return [untimed(rollout) for _, rollout in sorted(by_key(made).items())]


def as_bytes(seen: list[dict[str, Any]]) -> bytes:
    return orjson.dumps(seen, option=orjson.OPT_APPEND_NEWLINE)


if __name__ == "__main__":
    sys.stdout.buffer.write(as_bytes(records(4)))
