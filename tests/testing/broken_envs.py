"""Environments with one defect each, and some that are sound in unusual ways."""

from __future__ import annotations

import asyncio
import json
import os
import random
import threading
import time

import numpy as np
from testing_env import AsyncWeatherEnv, WeatherEnv

from llmgym import TaskSet, Verdict, tool

never = threading.Event()
opened: list[int] = []


class WithMetric(WeatherEnv):
    """Reports one metric; the subclasses make it wrong."""

    def metric(self):
        return 1.5

    def verify(self, episode):
        return Verdict(super().verify(episode), metrics={"metric": self.metric()})


class GlobalRandomEnv(WithMetric):
    def metric(self):
        return random.random()


class GlobalNumpyEnv(WithMetric):
    def metric(self):
        return float(np.random.random())


class OwnGeneratorEnv(WithMetric):
    def metric(self):
        return float(np.random.default_rng().random())


class ClockEnv(WithMetric):
    def metric(self):
        return time.time_ns()


class CounterEnv(WithMetric):
    count = 0

    def metric(self):
        CounterEnv.count += 1
        return CounterEnv.count


class HashOrderEnv(WithMetric):
    def metric(self):
        return list({"sun", "rain", "snow", "hail", "wind", "fog"})


class SetEnv(WithMetric):
    def metric(self):
        return {"a"}


class TupleEnv(WithMetric):
    def metric(self):
        return (1, 2)


class NaNEnv(WithMetric):
    def metric(self):
        return float("nan")


class ReplacingEnv(WeatherEnv):
    def verify(self, episode):
        episode.messages[0] = {"role": "user", "content": "Another prompt."}
        return super().verify(episode)


class EditingEnv(WeatherEnv):
    def verify(self, episode):
        episode.messages[-1]["note"] = "seen"
        episode.messages[0]["note"] = "seen"
        return super().verify(episode)


class ForgettingEnv(WeatherEnv):
    def verify(self, episode):
        del episode.messages[1:]
        return super().verify(episode)


class SharingEnv(WeatherEnv):
    looked: dict[str, int] = {}

    @tool
    def get_weather(self, city: str) -> int:
        """Current weather of a city.

        Args:
            city: Name of the city.
        """
        self.looked[city] = self.looked.get(city, 0) + 1
        return self.looked[city]

    def begin(self, task):
        self.looked.clear()


class LockedEnv(WeatherEnv):
    def begin(self, task):
        self.lock = threading.Lock()


class WrongOracleEnv(WeatherEnv):
    def oracle(self, task):
        return ["It is cold."]


class EndlessOracleEnv(WeatherEnv):
    def oracle(self, task):
        return super().oracle(task)[:1]


class GenerousEnv(WeatherEnv):
    def verify(self, episode):
        return 1.0


class TalkativeEnv(WeatherEnv):
    """Pays any text at all."""

    def verify(self, episode):
        return float(bool(episode.output_text.strip()) or super().verify(episode))


class StrictJsonEnv(WeatherEnv):
    def verify(self, episode):
        if episode.last_message_text.startswith("["):
            json.loads(episode.last_message_text)
        return super().verify(episode)


class EncodingEnv(WeatherEnv):
    def verify(self, episode):
        episode.output_text.encode()
        return super().verify(episode)


class ThreadEnv(WeatherEnv):
    def begin(self, task):
        threading.Thread(target=never.wait, daemon=True).start()


class FileEnv(WeatherEnv):
    def begin(self, task):
        opened.append(os.open(os.devnull, os.O_RDONLY))


class TaskEnv(AsyncWeatherEnv):
    async def begin(self, task):
        self.background = asyncio.create_task(asyncio.sleep(3600))


class SeedlessEnv(WeatherEnv):
    def reset(self, *, seed=None, options=None):
        return super().reset(options=options)


class ChangingEnv(WeatherEnv):
    """Is another environment each time it is made."""

    made = 0

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        ChangingEnv.made += 1
        self.number = ChangingEnv.made

    def task_set(self, dataset, split):
        return TaskSet.load([{"prompt": f"Weather {self.number}?", "city": "Lima"}])


# Sound.


class AsyncOracleEnv(AsyncWeatherEnv):
    async def oracle(self, task):
        await asyncio.sleep(0)
        # Only a running episode has one.
        assert self.episode.task is task
        return super().oracle(task)


class NoOracleEnv(WeatherEnv):
    def oracle(self, task):
        return None


class VacuousEnv(WeatherEnv):
    vacuous = True

    def verify(self, episode):
        return 1.0


class NoForkEnv(WeatherEnv):
    def fork(self):
        raise NotImplementedError("it holds a process")
