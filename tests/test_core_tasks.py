from __future__ import annotations

import numpy as np
import pytest
from testing_env import AsyncWeatherEnv, WeatherEnv

from llmgym import Env, Task, TaskSet, tool_call
from llmgym.errors import InvalidTask, UsageError
from llmgym.messages import assistant, user


def ask(city: str = "Oslo", id: str = "call_0"):
    return assistant(None, tool_call("get_weather", {"city": city}, id))


@pytest.mark.parametrize("form", ["index", "numpy", "negative", "task", "row", "public row"])
def test_the_task_can_be_chosen(form):
    env = WeatherEnv(num_tasks=9)
    row = {"prompt": "Weather in Rome?", "city": "Rome", "id": "r1"}
    public = {"responses_create_params": {"input": "Weather in Rome?", "temperature": 0.0}, "city": "Rome"}
    chosen, index, id, params = {
        "index": (4, 4, "train-4", {}),
        "numpy": (np.int64(4), 4, "train-4", {}),
        "negative": (-1, 8, "train-8", {}),
        "task": (Task.of(row), -1, "r1", {}),
        "row": (row, -1, "r1", {}),
        "public row": (public, -1, "given", {"temperature": 0.0}),
    }[form]
    observation, info = env.reset(options={"task": chosen})
    assert (info["task_index"], info["task_id"], env.task.params) == (index, id, params)
    assert type(info["task_index"]) is int
    if index < 0:
        assert observation == [user("Weather in Rome?")] and env.task.data["city"] == "Rome"


def test_what_reset_refuses():
    env = WeatherEnv(num_tasks=3)
    with pytest.raises(UsageError, match="Unknown reset option 'tasks'; this environment knows 'task'"):
        env.reset(options={"tasks": 1})
    for wrong in ("train-0", True, 1.5, [1]):
        with pytest.raises(UsageError, match="to be an index, a Task or a row, found"):
            env.reset(options={"task": wrong})
    with pytest.raises(IndexError, match="Task 3 does not exist: 'weather_task/train' has 3 tasks"):
        env.reset(options={"task": 3})
    with pytest.raises(InvalidTask, match=r"options\['task'\]: expected"):
        env.reset(options={"task": {"city": "Rome"}})


def test_a_task_that_does_not_fit_is_the_callers_mistake():
    class Needy(WeatherEnv):
        def begin(self, task):
            self.city = task.data["city"].upper()

    for row, told in (({"prompt": "?"}, "KeyError: 'city'"), ({"prompt": "?", "city": 5}, "AttributeError")):
        with pytest.raises(InvalidTask, match=f"Task 'given' does not fit Needy: {told}"):
            Needy().reset(options={"task": row})


def test_tools_of_the_task_replace_those_of_the_environment_in_the_info():
    row = {"prompt": "?", "city": "x", "tools": [{"type": "function", "name": "look", "parameters": {}}]}
    info = WeatherEnv().reset(options={"task": row})[1]
    assert [schema["function"]["name"] for schema in info["tools"]] == ["look"]


def test_seeds_decide_everything():
    def play(seed):
        env = AsyncWeatherEnv()
        seen = [
            env.reset(seed=seed),
            env.step(ask()),
            env.reset(),
            env.step(ask()),
            env.stream("x").integers(10**9),
        ]
        return seen

    assert play(3) == play(3) and play(3)[0] != play(4)[0] and play(3)[0] != play(3)[2]


def test_streams_of_an_episode_are_apart():
    env = WeatherEnv()
    env.reset(seed=0)
    one, other = (env.stream(name).integers(2**63, size=4).tolist() for name in ("counterpart", "tool"))
    assert one != other and one == env.stream("counterpart").integers(2**63, size=4).tolist()
    env.reset()
    assert one != env.stream("counterpart").integers(2**63, size=4).tolist()


def test_an_author_must_write_a_task_set_and_a_verifier():
    class Empty(Env):
        pass

    class List(WeatherEnv):
        def task_set(self, dataset, split):
            return [1]

    with pytest.raises(NotImplementedError, match=r"Empty must define task_set\(dataset, split\)"):
        Empty().reset()
    env = Empty()
    env.reset(options={"task": {"prompt": "?"}})
    with pytest.raises(NotImplementedError, match=r"Empty must define verify\(episode\)"):
        env.step("x")
    assert Empty().oracle(env.task) is None
    with pytest.raises(UsageError, match="Expected List.task_set to return a TaskSet, found list"):
        List().reset()


def test_constructor_arguments(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"prompt": "a", "city": "x"}\n{"city": "bad"}\n{"prompt": "b", "city": "y"}\n')

    class Skipping(WeatherEnv):
        def task_set(self, dataset, split):
            return TaskSet.load(dataset, split, on_error=self.on_bad_row)

    assert len(Skipping(dataset=str(path), on_bad_row="skip").tasks) == 2
    with pytest.raises(InvalidTask, match="line 2"):
        Skipping(dataset=str(path)).reset()
    env = WeatherEnv(dataset=[{"prompt": "p", "city": "c"}] * 5, num_tasks=2)
    assert len(env.tasks) == 2 and env.tasks is env.tasks
    env.tasks = env.tasks.take(1)
    assert env.reset(seed=0)[1]["task_index"] == 0
    assert WeatherEnv(split="test").reset(seed=0) != WeatherEnv().reset(seed=0)
    with pytest.raises(UsageError, match="Expected max_turns to be at least 1, found 0"):
        WeatherEnv(max_turns=0)
    assert WeatherEnv().max_turns == WeatherEnv.default_max_turns
