from __future__ import annotations

import functools

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from vector.vector_envs import MODES, FragileEnv, WalkEnv, action, assert_same, texts

from llmgym.errors import InfrastructureError, UsageError
from llmgym.vector import AsyncVectorEnv

NEXT, SAME, DISABLED = AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP, AutoresetMode.DISABLED


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("mode", MODES)
def test_everything_is_as_gymnasium_gives_it(mode, asynchronous):
    fns = [functools.partial(WalkEnv, asynchronous=asynchronous, max_turns=3)] * 4
    ours, theirs = AsyncVectorEnv(fns, autoreset_mode=mode), SyncVectorEnv(fns, autoreset_mode=mode)
    rng = np.random.default_rng(0)
    assert_same(ours.reset(seed=5), theirs.reset(seed=5))
    ends = 0
    for _ in range(200):
        actions = [action(rng) for _ in range(4)]
        mine, other = ours.step(actions), theirs.step(actions)
        assert_same(mine, other)
        ended = mine[2] | mine[3]
        ends += ended.sum()
        if mode is DISABLED and ended.any():
            assert_same(*(envs.reset(options={"reset_mask": ended.copy()}) for envs in (ours, theirs)))
    assert ends > 100
    assert mine[1].dtype == np.float64
    assert mine[2].dtype == mine[3].dtype == np.bool_
    ours.close()
    theirs.close()


def vector(mode, num=3, kind=WalkEnv, **kwargs):
    return AsyncVectorEnv([kind] * num, autoreset_mode=mode, **kwargs)


STOP = ["I stop."] * 3
THINKS = {"role": "assistant", "content": None, "reasoning_content": "?"}


def test_next_step():
    envs = vector("NextStep")
    first, _ = envs.reset(seed=0)
    final, rewards, terminated, _, infos = envs.step(STOP)
    assert texts(final) == texts(first)
    assert terminated.all() and (rewards > 0).all()
    assert list(infos["stop_reason"]) == ["answered"] * 3
    begun, rewards, terminated, truncated, infos = envs.step(["ignored"] * 3)
    assert not set(texts(begun)) & set(texts(first))
    assert [len(observation) for observation in begun] == [1] * 3
    assert not (rewards.any() or terminated.any() or truncated.any())
    assert "task_id" in infos and "turn" not in infos


def test_same_step():
    envs = vector("SameStep")
    first, _ = envs.reset(seed=0)
    begun, rewards, terminated, _, infos = envs.step(STOP)
    assert terminated.all() and (rewards > 0).all()
    assert texts(infos["final_obs"]) == texts(first)
    assert [final[-1]["content"] for final in infos["final_obs"]] == STOP
    assert list(infos["final_info"]["stop_reason"]) == ["answered"] * 3
    assert infos["_final_obs"].all() and infos["_final_info"].all()
    assert not set(texts(begun)) & set(texts(first))
    assert [len(observation) for observation in begun] == [1] * 3
    assert "final_obs" not in envs.step([THINKS] * 3)[4]


def test_disabled():
    envs = vector("Disabled")
    first, _ = envs.reset(seed=0)
    envs.step(["I stop.", THINKS, THINKS])
    assert envs.metadata["autoreset_mode"] is DISABLED
    with pytest.raises(
        UsageError, match=r"episodes of environments 0 have ended. In Disabled mode call reset"
    ):
        envs.step(STOP)
    observations, infos = envs.reset(options={"reset_mask": np.array([True, False, False])})
    assert texts(observations)[1:] == texts(first)[1:]
    assert [len(observation) for observation in observations] == [1, 2, 2]
    assert list(infos["_task_id"]) == [True, False, False]
    envs.step(STOP)


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        ([True, False, False], "found list"),
        (np.array([1, 0, 0]), r"found int64 of shape \(3,\)"),
        (np.array([True, False]), r"found bool of shape \(2,\)"),
        (np.zeros(3, dtype=bool), "at least one environment, found none"),
    ],
)
def test_masks_that_are_refused(mask, message):
    envs = vector("Disabled")
    envs.reset(seed=0)
    with pytest.raises(UsageError, match=message):
        envs.reset(options={"reset_mask": mask})


def test_the_options_of_the_caller_are_left_alone():
    envs, options = vector("Disabled"), {"reset_mask": np.array([True, False, True]), "tasks": [1, 2, 3]}
    envs.reset(seed=0)
    _, infos = envs.reset(options=options)
    assert set(options) == {"reset_mask", "tasks"}
    assert list(infos["task_index"]) == [1, 0, 3]


def test_an_unknown_mode():
    with pytest.raises(ValueError, match="Never"):
        vector("Never")


# When the world breaks an environment.

LOOK = "It is cold."


def fragile(mode, broken=1, **kwargs):
    envs = vector(mode, kind=FragileEnv, **kwargs)
    envs.reset(seed=0)
    return envs, envs.envs[broken]


@pytest.mark.parametrize("error", [FragileEnv.error, RuntimeError("no number")])
@pytest.mark.parametrize("mode", MODES)
def test_a_broken_step_is_marked_and_the_others_go_on(mode, error, caplog):
    envs, env = fragile(mode)
    env.breaks, env.error = "step", error
    observations, rewards, terminated, truncated, infos = envs.step([LOOK] * 3)
    assert np.isnan(rewards).tolist() == truncated.tolist() == [False, True, False]
    assert terminated.tolist() == [True, False, True]
    seen = infos["final_info"] if mode is SAME else infos
    boundary = "sandbox" if error is FragileEnv.error else "environment"
    assert list(seen["failure"]["boundary"]) == [None, boundary, None]
    assert seen["failure"]["message"][1] == str(error)
    assert ("Environment 1 raised" in caplog.text) is (boundary == "environment")
    env.breaks = ""
    if mode is DISABLED:
        envs.reset(options={"reset_mask": terminated | truncated})
    else:
        envs.step([LOOK] * 3)
    assert not np.isnan(envs.step([LOOK] * 3)[1]).any()


def test_a_broken_reset_is_marked_until_it_succeeds_next_step():
    envs, env = fragile(NEXT)
    envs.step([LOOK] * 3)
    env.breaks = "reset"
    for _ in range(2):
        _, rewards, _, truncated, infos = envs.step([LOOK] * 3)
        assert np.isnan(rewards).tolist() == truncated.tolist() == [False, True, False]
        assert list(infos["failure"]["boundary"]) == [None, "sandbox", None]
    env.breaks = ""
    observations, rewards, terminated, truncated, infos = envs.step([LOOK] * 3)
    assert not np.isnan(rewards).any() and not terminated[1] and not truncated[1]
    assert len(observations[1]) == 1 and "failure" not in infos


def test_a_broken_reset_is_marked_until_it_succeeds_same_step():
    envs, env = fragile(SAME)
    env.breaks = "reset"
    _, rewards, terminated, truncated, infos = envs.step([LOOK] * 3)
    # The episode itself ended well.
    assert rewards.tolist() == [0.0] * 3 and terminated.all() and infos["_final_obs"].all()
    assert list(infos["failure"]["boundary"]) == [None, "sandbox", None]
    _, rewards, terminated, truncated, infos = envs.step([LOOK] * 3)
    assert np.isnan(rewards).tolist() == truncated.tolist() == [False, True, False]
    assert infos["_final_obs"].tolist() == [True, False, True]
    env.breaks = ""
    observations, rewards, terminated, _, infos = envs.step([LOOK] * 3)
    assert terminated.tolist() == [True, False, True] and len(observations[1]) == 1
    assert envs.step([LOOK] * 3)[2].all()


@pytest.mark.parametrize("mode", MODES)
def test_a_broken_step_can_be_raised(mode):
    envs, env = fragile(mode, on_failure="raise")
    env.breaks = "step"
    with pytest.raises(InfrastructureError, match="the sandbox is gone"):
        envs.step([LOOK] * 3)


def test_a_mistake_of_the_caller_is_raised():
    envs, env = fragile(NEXT)
    with pytest.raises(UsageError, match="found int"):
        envs.step([LOOK, 7, LOOK])
