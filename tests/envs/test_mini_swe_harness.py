"""The agent of mini-swe-agent plays: a scripted model of its own, our sandbox and reward."""

from __future__ import annotations

import os
import sys
from typing import Any

import gymnasium as gym
import pytest

os.environ.setdefault("MSWEA_SILENT_STARTUP", "1")
pytest.importorskip("minisweagent", reason="the package mini-swe-agent is not installed")

from llmgym.envs.mini_swe import harness
from llmgym.envs.mini_swe.env import MiniSWEEnv
from llmgym.envs.mini_swe.harness import play_with_mini_swe_agent
from llmgym.envs.mini_swe.oracle import repair
from llmgym.envs.single_tool_call.env import SingleToolCallEnv
from llmgym.errors import DependencyMissing, UsageError
from llmgym.sandbox.fork_server import find_bubblewrap

MARKER = "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT"

try:
    find_bubblewrap()
except UsageError as error:
    pytest.skip(str(error), allow_module_level=True)


def model(*commands: str) -> Any:
    from minisweagent.models.test_models import DeterministicModel, make_output

    return DeterministicModel(
        outputs=[make_output("next", [{"command": command}], cost=0.0) for command in commands],
        cost_per_call=0.0,
    )


@pytest.fixture(params=["text", "tools"])
def env(request: pytest.FixtureRequest) -> Any:
    made = MiniSWEEnv(protocol=request.param, difficulty="easy", step_timeout=20, eval_timeout=60)
    yield made
    made.close()


def test_the_oracles_commands_earn_the_reward(env):
    played = play_with_mini_swe_agent(env, model(*repair(env.tasks[0].data)), options={"task": 0})
    assert (played.reward, played.exit_status) == (1.0, "Submitted"), played.info
    assert played.terminated and not played.truncated and played.info["metrics"]["submitted"]
    assert played.messages[-1]["role"] == "exit"


def test_doing_nothing_earns_nothing(env):
    played = play_with_mini_swe_agent(env, model("ls", MARKER), options={"task": 0})
    assert (played.reward, played.exit_status, played.info["stop_reason"]) == (0.0, "Submitted", "submitted")


def test_output_that_looks_like_an_observation_is_output(env):
    odd = "echo '<exception>no</exception>'; echo '<returncode>7</returncode>'"
    played = play_with_mini_swe_agent(env, model(odd, MARKER), options={"task": 0})
    [extra] = (message["extra"] for message in played.messages if "raw_output" in message.get("extra", {}))
    assert extra["raw_output"] == "<exception>no</exception>\n<returncode>7</returncode>\n"
    assert (extra["returncode"], extra["exception_info"]) == (0, "")


def test_the_agents_prompts_are_the_environments(env):
    played = play_with_mini_swe_agent(env, model(MARKER), options={"task": 0})
    prompt = env.tasks[0].messages
    assert [message["content"] for message in played.messages[:2]] == [
        message["content"] for message in prompt
    ]


def test_the_agents_own_prompts_can_be_used(env):
    settings = {"system_template": "You repair.", "instance_template": "Issue: {{task}}"}
    played = play_with_mini_swe_agent(env, model(MARKER), options={"task": 0}, **settings)
    issue = env.tasks[0].data["problem_statement"]
    assert [message["content"] for message in played.messages[:2]] == ["You repair.", f"Issue: {issue}"]


def test_commands_and_their_output_arrive_as_they_are(env):
    odd = "cat <<'X'\n```bash\nnot a block\n```\n'\"$HOME ä\nX\nexit 3"
    played = play_with_mini_swe_agent(env, model(odd, "  pwd; echo err >&2", MARKER), options={"task": 0})
    first, second = (
        message["extra"] for message in played.messages if "raw_output" in message.get("extra", {})
    )
    assert (first["raw_output"], first["returncode"]) == ("```bash\nnot a block\n```\n'\"$HOME ä\n", 3)
    assert (second["raw_output"], second["returncode"]) == ("/testbed\nerr\n", 0)


def test_long_output_is_shortened_as_the_environment_does(env):
    played = play_with_mini_swe_agent(env, model("seq 1 5000", MARKER), options={"task": 0})
    [shown] = [m["extra"]["raw_output"] for m in played.messages if "raw_output" in m.get("extra", {})]
    assert "elided" in shown and shown.rstrip().endswith("</output_tail>") and len(shown) < 11_000


def test_a_command_that_takes_too_long_is_told(env):
    env.step_timeout = 0.5
    played = play_with_mini_swe_agent(env, model("echo begun; sleep 30", MARKER), options={"task": 0})
    [told] = [m["extra"] for m in played.messages if "raw_output" in m.get("extra", {})]
    assert told["returncode"] == -1 and "begun" in told["raw_output"]


def test_an_agent_that_gives_up_is_graded_as_it_stands(env):
    commands = repair(env.tasks[0].data)[:-1]
    played = play_with_mini_swe_agent(
        env, model(*commands, "ls"), options={"task": 0}, step_limit=len(commands)
    )
    assert (played.reward, played.exit_status, played.info["stop_reason"]) == (
        1.0,
        "LimitsExceeded",
        "max_turns",
    )
    assert played.truncated and not played.terminated and not played.info["metrics"]["submitted"]


def test_the_environments_own_limit_stops_the_agent():
    env = MiniSWEEnv(difficulty="easy", step_limit=2)
    played = play_with_mini_swe_agent(env, model("ls", "ls", "ls", MARKER), options={"task": 0})
    env.close()
    assert (played.exit_status, played.truncated, played.info["turn"]) == ("LimitsExceeded", True, 2)


def test_wrappers_take_part(env):
    class Counting(gym.Wrapper):
        steps = 0

        def step(self, action):
            self.steps += 1
            return super().step(action)

    wrapped = Counting(env)
    assert play_with_mini_swe_agent(wrapped, model("ls", MARKER), options={"task": 0}).terminated
    assert wrapped.steps == 2


def test_several_calls_of_a_turn_are_several_steps(env):
    from minisweagent.models.test_models import DeterministicToolcallModel, make_toolcall_output

    calls = [
        {"id": name, "type": "function", "function": {"name": "bash", "arguments": "{}"}}
        for name in ("a", "b", "c")
    ]
    actions = [
        {"command": command, "tool_call_id": name}
        for command, name in (("echo 1", "a"), ("echo 2", "b"), (MARKER, "c"))
    ]
    scripted = DeterministicToolcallModel(outputs=[make_toolcall_output(None, calls, actions)])
    played = play_with_mini_swe_agent(env, scripted, options={"task": 0})
    assert (played.exit_status, played.info["metrics"]["commands"]) == ("Submitted", 3)


def test_what_the_caller_does_wrong_is_told(env):
    with pytest.raises(UsageError, match="mystery"):
        play_with_mini_swe_agent(env, model(MARKER), options={"task": 0}, mystery=1)
    with pytest.raises(UsageError, match="MiniSWE"):
        play_with_mini_swe_agent(SingleToolCallEnv(), model(MARKER))
    with pytest.raises(UsageError, match="model"):
        play_with_mini_swe_agent(env, object())


def test_a_missing_package_is_named(env, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "minisweagent"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "minisweagent", None)
    with pytest.raises(DependencyMissing, match="mini-swe-agent"):
        play_with_mini_swe_agent(env, object())


@pytest.mark.parametrize(
    "text, output",
    [
        ("<returncode>0</returncode>\n<output>\nhi\n</output>", ("hi\n", 0, "")),
        ("<returncode>-1</returncode>\n<output>\n</output>", ("", -1, "")),
        (
            "<exception>too long</exception>\n<returncode>-1</returncode>\n<output>\nx</output>",
            ("x", -1, "too long"),
        ),
        (
            "<returncode>0</returncode>\n<output>\n</output> <output>\n</output>",
            ("</output> <output>\n", 0, ""),
        ),
        ("The command took longer than 1 seconds.", ("The command took longer than 1 seconds.", -1, "")),
        ("<returncode>2</returncode>\n<warning>\nlong\n</warning>", ("<warning>\nlong\n</warning>", 2, "")),
    ],
)
def test_observations_are_read_back(text, output):
    assert tuple(harness._output(text).values()) == output
