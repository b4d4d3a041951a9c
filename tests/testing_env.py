"""Small environments that tests bend to their needs."""

from __future__ import annotations

import asyncio

import numpy as np

import llmgym
from llmgym import TaskSet, tool, tool_call
from llmgym.messages import assistant

CITIES = ["Oslo", "Zürich", "東京", "Lima", "Accra", "Perth", "Quito", "Minsk"]


def make_weather_task(rng: np.random.Generator, index: int) -> dict:
    city = CITIES[int(rng.integers(len(CITIES)))]
    return {"prompt": f"Weather in {city}? ({int(rng.integers(10**9))})", "city": city}


class WeatherEnv(llmgym.Env):
    """Ask for the weather; the reward is 1 when the right city was looked up."""

    def task_set(self, dataset, split):
        if dataset is not None:
            return TaskSet.load(dataset, split)
        return TaskSet.procedural(make_weather_task, split=split)

    @tool
    def get_weather(self, city: str) -> dict:
        """Current weather of a city.

        Args:
            city: Name of the city.
        """
        return {"city": city, "weather": "cold"}

    def verify(self, episode):
        return float(
            any(
                call.name == "get_weather" and (call.arguments or {}).get("city") == episode.task.data["city"]
                for call in episode.tool_calls
            )
        )

    def oracle(self, task):
        return [assistant(None, tool_call("get_weather", {"city": task.data["city"]})), "It is cold."]


class AsyncWeatherEnv(WeatherEnv):
    """The same with every hook asynchronous and a counter as state."""

    def __init__(self, *, delay: float = 0.0, **kwargs):
        super().__init__(**kwargs)
        self.delay = delay
        self.begun = 0

    async def begin(self, task):
        await asyncio.sleep(self.delay)
        self.begun += 1

    @tool
    async def get_weather(self, city: str) -> dict:
        """Current weather of a city.

        Args:
            city: Name of the city.
        """
        await asyncio.sleep(self.delay)
        return {"city": city, "weather": "cold"}

    async def verify(self, episode):
        await asyncio.sleep(self.delay)
        return super().verify(episode)
