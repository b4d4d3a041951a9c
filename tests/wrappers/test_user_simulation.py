from __future__ import annotations

import gymnasium as gym
import numpy as np
import pytest
from testing_env import WeatherEnv
from vector.playing import by_key, played, untimed

import llmgym
from llmgym import Response, fork
from llmgym.errors import InfrastructureError, InvalidTask, UsageError
from llmgym.messages import assistant, tool_call
from llmgym.policies.base import Policy
from llmgym.policies.openai import OpenAIPolicy
from llmgym.policies.scripted import RandomPolicy, ReplayPolicy
from llmgym.records import make_env, spec_of
from llmgym.wrappers import PolicyUser, ScriptedUser, UserSimulation
from llmgym.wrappers.user_simulation import STOP

ROW = {"prompt": "Weather in Lima?", "city": "Lima", "user_goal": "Know the weather in Lima."}
LOOK = assistant("Let me look.", tool_call("get_weather", {"city": "Lima"}))


class Spoken(Policy):
    """Says given lines and keeps what it was asked."""

    def __init__(self, *lines):
        self.lines, self.requests = list(lines), []

    async def respond(self, request):
        self.requests.append(request)
        line = self.lines[min(len(self.requests), len(self.lines)) - 1]
        if isinstance(line, Exception):
            raise line
        return Response.of(line)


def begun(user, row=ROW, **kwargs):
    env = UserSimulation(WeatherEnv(**kwargs), user=user)
    env.reset(seed=0, options={"task": row})
    return env


def test_a_policy_plays_the_user_from_the_other_side():
    user = Spoken("And the wind?", f"Thanks. {STOP}")
    env = begun(user)
    env.step(LOOK)
    observation, _, terminated, *_ = env.step("It is cold.")
    assert (observation[-1], terminated) == (llmgym.user("And the wind?"), False)
    *_, terminated, _, info = env.step("Calm.")
    assert (terminated, info["stop_reason"]) == (True, "counterpart_ended")
    system, *conversation = user.requests[-1].messages
    assert system["role"] == "system"
    assert "Know the weather in Lima." in system["content"] and STOP in system["content"]
    # Neither the tool's answer nor the prompt of the assistant is for the user's eyes.
    assert conversation == [
        assistant("Weather in Lima?"),
        llmgym.user("Let me look."),
        llmgym.user("It is cold."),
        assistant("And the wind?"),
        llmgym.user("Calm."),
    ]
    assert [request.turn for request in user.requests] == [1, 2]
    assert len({request.session for request in user.requests}) == 1
    assert len({request.seed for request in user.requests}) == 2


@pytest.mark.parametrize("ending", [STOP, f"Bye {STOP}", "", "  \n"])
def test_how_a_user_ends_the_conversation(ending):
    *_, terminated, _, info = begun(Spoken(ending)).step("It is cold.")
    assert (terminated, info["stop_reason"]) == (True, "counterpart_ended")


def test_what_the_user_wants():
    def system(row=ROW, **kwargs):
        user = Spoken("x")
        begun(PolicyUser(user, **kwargs), row).step("Hm.")
        return user.requests[0].messages[0]["content"]

    bare = {"prompt": "?", "city": "Lima"}
    assert "An ordinary person." in system()
    assert "A sailor." in system({**ROW, "user_persona": "A sailor."})
    assert "Own {goal}." in system(goal="Own {goal}.", persona="A {cook}.")
    assert "A {cook}." in system(goal="Own {goal}.", persona="A {cook}.")
    assert "- sun\n- wind" in system({**bare, "user_turns": ["sun", "wind"]})
    assert system(instructions="{persona}|{goal}|{stop}") == f"An ordinary person.|{ROW['user_goal']}|{STOP}"
    for row in (bare, {**bare, "user_turns": "sun"}, {**bare, "user_turns": []}):
        with pytest.raises(InvalidTask, match="does not say what the user wants"):
            begun(Spoken("x"), row)


def test_a_task_without_a_goal_fails_alone():
    def make():
        return UserSimulation(WeatherEnv(), user=Spoken(STOP))

    policy = ReplayPolicy(["It is cold."])
    made = by_key(played(make, policy, tasks=[ROW, {"prompt": "?", "city": "Lima"}]))
    assert [made[index, 0].outcome for index in (0, 1)] == ["completed", "failed"]
    assert made[1, 0].failures[0].boundary == "dataset"


def test_a_user_that_fails_is_a_failure_of_the_counterpart():
    user = Spoken(InfrastructureError("no answer", boundary="policy", retryable=False))
    with pytest.raises(InfrastructureError, match="no answer") as failed:
        begun(user).step("Hm.")
    assert (failed.value.boundary, failed.value.retryable) == ("counterpart", False)


def test_a_user_does_not_change_the_tasks_that_are_drawn():
    def prompts(env):
        return [env.reset(seed=seed)[0] for seed in (0, 1, None, None)]

    assert prompts(WeatherEnv()) == prompts(UserSimulation(WeatherEnv(), user=["a"]))


def test_the_seeds_of_the_user_depend_on_the_episode_alone():
    def seeds():
        user = Spoken("a")
        env = begun(user)
        for _ in range(3):
            env.step("Hm.")
        return [request.seed for request in user.requests]

    assert seeds() == seeds()


class Guest:
    """A counterpart of the author's own, with a state."""

    def __init__(self):
        self.drawn = 0

    async def begin(self, episode, rng):
        self.rng = rng

    async def reply(self, episode):
        self.drawn = int(self.rng.integers(1000))
        return str(self.drawn)


@pytest.mark.parametrize(
    ("user", "kind"),
    [
        (["a"], ScriptedUser),
        (("a", "b"), ScriptedUser),
        (RandomPolicy(), PolicyUser),
        ({"kind": "random", "seed": 1, "goal": "g"}, PolicyUser),
        ({"model": "m", "base_url": "http://localhost:1/v1", "api_key": "k", "goal": "g"}, PolicyUser),
        (Guest(), Guest),
    ],
)
def test_who_can_be_the_user(user, kind):
    env = UserSimulation(WeatherEnv(), user=user)
    assert type(env.user) is kind
    assert env.unwrapped.counterpart is env.user
    env.reset(seed=0, options={"task": ROW})


def test_the_users_lines_are_those_of_the_task_by_default():
    env = UserSimulation(WeatherEnv())
    env.reset(options={"task": {**ROW, "user_turns": ["sun?"]}})
    assert env.step("Hm.")[0][-1]["content"] == "sun?"


@pytest.mark.parametrize("user", ["hello", 7, None, object()])
def test_who_cannot_be_the_user(user):
    with pytest.raises(UsageError, match="Expected user to be 'scripted', a list of lines"):
        UserSimulation(WeatherEnv(), user=user)


def test_what_can_not_be_wrapped():
    with pytest.raises(UsageError, match="needs an llmgym environment, found CartPoleEnv"):
        UserSimulation(gym.make("CartPole-v1"))


@pytest.mark.parametrize("user", [["a", "b"], {"kind": "random", "seed": 1, "goal": "g"}])
def test_a_spec_that_is_json_makes_it_again(user):
    env = UserSimulation(gym.make("llmgym/SessionState-v0"), user=user)
    spec = gym.envs.registration.EnvSpec.from_json(env.spec.to_json())
    for again in (gym.make(spec), make_env(spec_of(env))):
        for made in (env, again):
            made.reset(seed=4)
        assert env.step("Hm.")[0] == again.step("Hm.")[0]


def test_a_fork_has_a_user_of_its_own():
    env = begun(Guest())
    env.step("Hm.")
    branch = fork(env)
    mine, theirs = env.step("Hm.")[0], branch.step("Hm.")[0]
    assert mine == theirs
    assert branch.step("Hm.")[0] == env.step("Hm.")[0]


def test_a_fork_asks_the_same_policy():
    client = OpenAIPolicy("m", base_url="http://localhost:1/v1", api_key="k")
    assert fork(begun(client)).unwrapped.counterpart.policy is client

    class Numbers(Policy):
        async def respond(self, request):
            return Response.of(str(request.seed))

    env = begun(Numbers())
    branch = fork(env)
    assert branch.user is branch.unwrapped.counterpart is not env.user
    for _ in range(3):
        assert env.step("Hm.")[0] == branch.step("Hm.")[0]


def test_many_at_once_are_the_same_as_one_after_the_other():
    def make():
        return UserSimulation(WeatherEnv(max_turns=4), user=PolicyUser(RandomPolicy(), goal="g"))

    alone, together = (played(make, RandomPolicy(), tasks=12, concurrency=number) for number in (1, 12))
    assert [untimed(one) for _, one in sorted(by_key(alone).items())] == [
        untimed(one) for _, one in sorted(by_key(together).items())
    ]


def test_in_a_vector_environment():
    envs = llmgym.make_vec(
        "llmgym/SessionState-v0", 3, env_wrappers=[lambda env: UserSimulation(env, user=["And now?"])]
    )
    envs.reset(seed=0)
    observations, _, terminated, *_ = envs.step(["Hm."] * 3)
    assert [observation[-1]["content"] for observation in observations] == ["And now?"] * 3
    assert not np.any(terminated)
