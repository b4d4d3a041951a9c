"""A run that makes some rollouts and waits to be killed. Arguments: the file and how many rollouts."""

from __future__ import annotations

import asyncio
import sys
from contextlib import aclosing
from typing import Any

from vector.faults import forever
from vector.seeded_run import DiceEnv, TooledRandomPolicy

from llmgym.vector import collecting

RUN: dict[str, Any] = {"tasks": 20, "repeats": 2, "concurrency": 4, "seed": 3}


class StoppingPolicy(TooledRandomPolicy):
    """Plays some episodes and does not answer in the others."""

    def __init__(self, episodes: int):
        super().__init__()
        self.episodes = episodes

    async def respond(self, request):
        if request.turn == 0:
            self.episodes -= 1
        if self.episodes < 0:
            await forever()
        return await super().respond(request)


async def main(path: str, episodes: int) -> None:
    made = collecting(DiceEnv, StoppingPolicy(episodes), output=path, resume=True, **RUN)
    async with aclosing(made) as running:
        async for _ in running:
            sys.stdout.write("made\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
