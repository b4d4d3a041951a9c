from __future__ import annotations

import asyncio
import gc
import json
import os
import signal

import gymnasium as gym
import pytest
from envs.mini_swe_playing import IDS, SUBMIT, a_row, need_sandbox, play, register

import llmgym
from llmgym.envs.mini_swe import MiniSWEEnv, MiniSWEV1Env
from llmgym.envs.mini_swe.oracle import repair, say
from llmgym.envs.mini_swe.patches import apply_patch
from llmgym.errors import InvalidTask, ResetNeeded, UsageError
from llmgym.messages import Response, assistant, tool_call
from llmgym.records.verification import verify_rows
from llmgym.sandbox.process import UnsafeSandboxWarning
from llmgym.testing.check import run_checks

pytestmark = pytest.mark.filterwarnings("ignore:.*is out of date:DeprecationWarning")
register()


@pytest.fixture(autouse=True)
def sandbox():
    need_sandbox()


def made(kind=MiniSWEEnv, **arguments) -> gym.Env:
    return kind(**arguments)


@pytest.fixture
def row() -> dict:
    return a_row(kept=6)


@pytest.mark.parametrize(("name", "protocol"), [*zip(IDS, ("text", "tools"), strict=True)])
def test_conforms(name, protocol):
    for check in run_checks(name, tasks=2, fuzz=30, protocol=protocol, step_limit=8, difficulty="easy"):
        assert check.passed is not False, check


class TestOracle:
    @pytest.mark.parametrize("kind", [MiniSWEEnv, MiniSWEV1Env])
    @pytest.mark.parametrize("protocol", ["text", "tools"])
    @pytest.mark.parametrize("difficulty", ["easy", "medium", "hard"])
    def test_earns_all(self, kind, protocol, difficulty):
        env = made(kind, protocol=protocol, difficulty=difficulty)
        env.reset(seed=11)
        for action in env.oracle(env.task):
            _, reward, terminated, truncated, info = env.step(action)
        assert (reward, terminated, truncated) == (1.0, True, False)
        assert info["stop_reason"] == "submitted" and info["reason"] == ""
        metrics = info["metrics"]
        assert metrics["resolved"] and metrics["submitted"] and metrics["sandbox"] == "bubblewrap"
        assert metrics["steps"] == metrics["commands"] == len(env.oracle(env.task))
        assert metrics["patch"] == make_again(env.task)
        assert metrics["tests"] == metrics["tests_passed"] > 10
        assert ("patch_applied" in metrics) == (kind is MiniSWEV1Env)
        assert info["components"] == {"fail_to_pass": 1.0, "pass_to_pass": 1.0}
        env.close()

    def test_needs_nothing_but_a_shell(self, row):
        assert all("python" not in command and "git" not in command for command in repair(row))

    def test_of_a_public_row_applies_its_patch(self):
        first, last = repair({"patch": "diff --git a/x b/x\n", "files": None})
        assert "git apply" in first and last.startswith(SUBMIT) and "git diff --cached" in last


def make_again(task) -> str:
    from llmgym.envs.mini_swe.patches import make_patch

    files = task.data["files"]
    return make_patch(files, apply_patch(files, task.data["patch"]))


class TestTextProtocol:
    def test_runs_one_command_in_a_message(self, row):
        env = made()
        _, info = env.reset(seed=0, options={"task": row})
        assert info["tools"] == [] and info["task_id"] == row["instance_id"]
        observation, reward, *_ = env.step("THOUGHT: where am I?\n\n```bash\npwd\n```")
        assert observation[-1] == {
            "role": "user",
            "content": "<returncode>0</returncode>\n<output>\n/testbed\n</output>",
        }
        assert reward == 0.0
        env.close()

    @pytest.mark.parametrize(
        ("said", "told"),
        [
            ("I am done.", "but 0 were found"),
            ("", "but 0 were found"),
            ("```bash\nls\n```\n```bash\npwd\n```", "but 2 were found"),
            ("```sh\nls\n```", "but 0 were found"),
            (Response(assistant(None) | {"reasoning_content": "hm"}), "but 0 were found"),
        ],
    )
    def test_a_wrong_form_is_told_and_takes_a_step(self, row, said, told):
        env = made(step_limit=2)
        env.reset(seed=0, options={"task": row})
        observation, _, terminated, truncated, _ = env.step(said)
        assert observation[-1]["role"] == "user" and told in observation[-1]["content"]
        assert not terminated and not truncated
        _, _, terminated, truncated, info = env.step(said)
        assert (terminated, truncated, info["stop_reason"]) == (False, True, "max_turns")
        assert info["metrics"]["commands"] == 0 and info["metrics"]["steps"] == 2

    def test_has_no_tools_to_call(self, row):
        env = made()
        env.reset(seed=0, options={"task": row})
        observation, *_ = env.step(assistant(None, tool_call("bash", {"command": "touch made"}, "c")))
        assert observation[-1]["role"] == "tool" and "There is no tool 'bash'" in observation[-1]["content"]
        observation, *_ = env.step("```bash\nls made\n```")
        assert "<returncode>2</returncode>" in observation[-1]["content"]
        env.close()

    @pytest.mark.parametrize(
        "marker", ["COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT", "MINI_SWE_AGENT_FINAL_OUTPUT"]
    )
    def test_hands_in_whatever_the_exit_status(self, row, marker):
        reward, info = play(made(), [*repair(row)[:-1], f"echo; echo {marker}; false"], row)
        assert (reward, info["stop_reason"]) == (1.0, "submitted")

    def test_shows_the_last_output(self, row):
        env = made()
        env.reset(seed=0, options={"task": row})
        observation, *_ = env.step(f"```bash\n{SUBMIT}; echo patch\n```")
        assert observation[-1]["content"].endswith("FINAL_OUTPUT\npatch\n</output>")


class TestToolProtocol:
    def test_runs_several_calls_in_order(self, row):
        env = made(protocol="tools")
        _, info = env.reset(seed=0, options={"task": row})
        (schema,) = info["tools"]
        assert schema["function"]["name"] == "bash"
        assert schema["function"]["parameters"]["required"] == ["command"]
        calls = [
            tool_call("bash", {"command": command}, command) for command in ("echo 1 > a", "cat a", "false")
        ]
        observation, *_ = env.step(assistant("now", *calls))
        assert [message["role"] for message in observation[-3:]] == ["tool"] * 3
        assert observation[-2]["content"] == "<returncode>0</returncode>\n<output>\n1\n</output>"
        assert observation[-1]["content"] == "<returncode>1</returncode>\n<output>\n</output>"
        env.close()

    def test_no_call_is_told(self, row):
        env = made(protocol="tools")
        env.reset(seed=0, options={"task": row})
        for said in ("Done.", "```bash\nls\n```", Response(assistant(None) | {"reasoning_content": "hm"})):
            observation, _, terminated, truncated, _ = env.step(said)
            assert observation[-1]["role"] == "user" and "calls no tool" in observation[-1]["content"]
            assert not terminated and not truncated
        env.close()

    def test_bad_calls_are_answered(self, row):
        env = made(protocol="tools")
        env.reset(seed=0, options={"task": row})
        bad = [
            tool_call("python", {"x": 1}, "a"),
            tool_call("bash", {"cmd": "ls"}, "b"),
            tool_call("bash", {}, "c"),
        ]
        observation, *_ = env.step(assistant(None, *bad, tool_call("bash", {"command": "echo ok"}, "d")))
        assert ["error" in message["content"] for message in observation[-4:]] == [True, True, True, False]
        env.close()

    @pytest.mark.parametrize("ending", ["; false", "; echo MINI_SWE_AGENT_FINAL_OUTPUT; exit 3"])
    def test_handing_in_needs_success(self, row, ending):
        env = made(protocol="tools")
        env.reset(seed=0, options={"task": row})
        for action in say([SUBMIT + ending, "echo MINI_SWE_AGENT_FINAL_OUTPUT"], "tools"):
            _, _, terminated, truncated, _ = env.step(action)
            assert not terminated and not truncated
        env.close()

    def test_nothing_runs_after_handing_in(self, row):
        env = made(protocol="tools")
        env.reset(seed=0, options={"task": row})
        mend, submit = repair(row)
        calls = [
            tool_call("bash", {"command": command}, str(place))
            for place, command in enumerate((mend, submit, "rm -r *"))
        ]
        observation, reward, terminated, *_ = env.step(assistant(None, *calls))
        assert (reward, terminated) == (1.0, True)
        assert sum(message["role"] == "tool" for message in observation) == 2

    def test_two_steps_of_the_public_instructions(self, row):
        commands = [repair(row)[0], "git diff -- . > patch.txt", f"{SUBMIT} && cat patch.txt"]
        for kind in (MiniSWEEnv, MiniSWEV1Env):
            reward, info = play(made(kind, protocol="tools"), commands, row)
            assert reward == 1.0, info


class TestCommands:
    def test_start_in_the_repository_with_the_public_variables(self, row):
        env = made()
        env.reset(seed=0, options={"task": row})
        names = "PAGER MANPAGER LESS PIP_PROGRESS_BAR TQDM_DISABLE"
        observation, *_ = env.step(
            f"```bash\nfor name in {names}; do echo ${{!name}}; done; echo err >&2\n```"
        )
        assert observation[-1]["content"].endswith("<output>\ncat\ncat\n-R\noff\n1\nerr\n</output>")
        env.close()

    def test_share_files_but_not_shells(self, row):
        env = made()
        env.reset(seed=0, options={"task": row})
        for command in ("cd /tmp; export X=1; touch /testbed/kept", "pwd; echo [$X]; ls kept"):
            observation, *_ = env.step(f"```bash\n{command}\n```")
        assert observation[-1]["content"].endswith("<output>\n/testbed\n[]\nkept\n</output>")
        env.close()

    def test_that_take_too_long_are_stopped(self, row):
        env = made(step_timeout=0.5)
        env.reset(seed=0, options={"task": row})
        observation, *_ = env.step("```bash\necho begun; sleep 60\n```")
        assert (
            "longer than 0.5 seconds" in observation[-1]["content"] and "begun" in observation[-1]["content"]
        )
        observation, *_ = env.step("```bash\necho on\n```")
        assert observation[-1]["content"].endswith("on\n</output>")
        env.close()

    @pytest.mark.parametrize("protocol", ["text", "tools"])
    def test_the_deadline_of_a_tool_call_leaves_the_sandbox_there(self, row, protocol):
        env = made(protocol=protocol, tool_timeout=0.5)
        env.reset(seed=0, options={"task": row})
        said = [env.step(action)[0][-1]["content"] for action in say(["sleep 60", "echo on"], protocol)]
        assert "longer than 0.5 seconds" in said[0] and said[1].endswith("on\n</output>")
        env.close()

    @pytest.mark.parametrize(
        ("command", "code"),
        [("echo \0", 127), (f"echo {'x' * 200_000}", 126), ("echo \ud800", 0), ("no-such-program", 127)],
    )
    def test_that_no_shell_can_run_are_answered(self, row, command, code):
        env = made()
        env.reset(seed=0, options={"task": row})
        observation, *_ = env.step(f"```bash\n{command}\n```")
        assert f"<returncode>{code}</returncode>" in observation[-1]["content"]
        json.dumps(list(observation)).encode()
        env.close()

    def test_repeated_ones_are_warned_of(self, row):
        env = made(collapse_limit=2)
        env.reset(seed=0, options={"task": row})
        told = [
            env.step(f"```bash\n{command}\n```")[0][-1]["content"] for command in ("ls", "ls", "pwd", "ls")
        ]
        assert ["in a row" in text for text in told] == [False, True, False, False]
        env.close()

    def test_long_output_is_cut(self, row):
        env = made()
        env.reset(seed=0, options={"task": row})
        observation, *_ = env.step("```bash\nhead -c 12000 /dev/zero | tr '\\0' x\n```")
        assert "2000 characters elided" in observation[-1]["content"]
        observation, *_ = env.step("```bash\nhead -c 3000000 /dev/zero | tr '\\0' x; echo the end\n```")
        assert observation[-1]["content"].endswith("the end\n\n</output_tail>")
        env.close()


class TestEvaluation:
    def test_live_grades_a_model_that_never_handed_in(self, row):
        reward, info = play(made(step_limit=1), repair(row)[:1], row)
        assert (reward, info["stop_reason"]) == (1.0, "max_turns")
        assert info["metrics"]["submitted"] is False and info["metrics"]["evaluation"] == "live"

    def test_clean_does_not(self, row):
        reward, info = play(made(MiniSWEV1Env, step_limit=1), repair(row)[:1], row)
        assert (reward, info["reason"], info["stop_reason"]) == (0.0, "not_submitted", "max_turns")

    def test_the_argument_chooses(self, row):
        assert play(made(evaluation="clean", step_limit=1), repair(row)[:1], row)[0] == 0.0
        assert play(made(MiniSWEV1Env, evaluation="live", step_limit=1), repair(row)[:1], row)[0] == 1.0

    def test_a_response_that_was_cut_off_ends_the_episode(self, row):
        env = made()
        env.reset(seed=0, options={"task": row})
        env.step(say(repair(row)[:1], "text")[0])
        _, reward, terminated, truncated, info = env.step(
            Response(assistant("```bash\nls"), finish_reason="length")
        )
        assert (reward, terminated, truncated, info["stop_reason"]) == (1.0, False, True, "length")

    def test_clean_takes_a_patch_alone(self, row):
        right = f"cat <<'EOF'\nCOMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT\n{row['patch']}EOF"
        reward, info = play(made(MiniSWEV1Env), [right], row)
        assert reward == 1.0 and info["metrics"]["patch"] == row["patch"] and info["metrics"]["patch_applied"]
        reward, info = play(made(), [right], row)
        assert reward == 0.0 and info["metrics"]["patch"] == ""
        wrong = right.replace("\n-", "\n-?", 1)
        reward, info = play(made(MiniSWEV1Env), [repair(row)[0], wrong], row)
        assert (reward, info["reason"], info["metrics"]["patch_applied"]) == (0.0, "patch_failed", False)
        assert "does not apply" in info["metrics"]["eval_error"]

    def test_new_and_deleted_files_take_part(self, row):
        package = row["repo"].partition("/")[2]
        path = row["patch"].split("\n")[0].split(" b/")[1]
        mended = apply_patch(row["files"], row["patch"])[path]
        moved = [
            f"cat > {package}/mended.py <<'EOF'\n{mended}EOF",
            f"rm {path}; echo 'from {package}.mended import *' > {path}",
            SUBMIT,
        ]
        names = [
            line.split("import ")[1].split(", ") for line in row["test_patch"].split("\n") if "import" in line
        ]
        assert names or True
        reward, info = play(made(MiniSWEV1Env), moved, row)
        assert "new file mode" in info["metrics"]["patch"]
        assert reward == 1.0, info

    def test_no_tests_earn_nothing(self, row):
        reward, info = play(made(), repair(row), {**row, "FAIL_TO_PASS": [], "PASS_TO_PASS": []})
        assert (reward, info["reason"]) == (0.0, "no_tests")

    def test_names_of_tests_may_be_json(self, row):
        told = {**row, "FAIL_TO_PASS": json.dumps(row["FAIL_TO_PASS"]), "PASS_TO_PASS": "[]"}
        assert play(made(), repair(row), told)[0] == 1.0


class TestTheBox:
    def test_holds_no_answer(self):
        for seed in (1, 2, 3):
            row = a_row(seed, "medium")
            env = made(difficulty="medium")
            env.reset(seed=0, options={"task": row})
            told = env.step(
                "```bash\ngrep -rn . --include=* /testbed /work /tmp 2>/dev/null | wc -l; git log --oneline | wc -l\n```"
            )
            assert "<returncode>0" in told[0][-1]["content"]
            everything = "{ cat $(find /testbed /work /tmp -type f -not -path '*/.git/*'); git log --all -p; git stash list; env; }"
            hidden = [name.rpartition(".")[2] for name in row["FAIL_TO_PASS"]]
            added = [
                line[1:].strip()
                for line in row["patch"].split("\n")
                if line.startswith("+") and line[1:2] == " "
            ]
            path = row["patch"].split("\n")[0].split(" b/")[1]
            searched = "|".join(hidden)
            told = env.step(f"```bash\n{everything} 2>/dev/null | grep -c -w -E '{searched}'\n```")
            for name in hidden:
                assert name not in "".join(row["files"].values()) or name.rstrip("0123456789_v") in name
            gold = apply_patch(row["files"], row["patch"])[path]
            assert added and gold not in row["files"].values()
            told = env.step(
                f"```bash\ngit log --all --format=%H -- {path} | while read c; do git show $c:{path} | sha1sum; done | sort -u | wc -l\n```"
            )
            assert "<output>\n1\n</output>" in told[0][-1]["content"], (
                "the file has another version in its past"
            )
            env.close()

    def test_has_the_past_that_the_row_tells(self, row):
        env = made()
        env.reset(seed=0, options={"task": row})
        told = env.step("```bash\ngit rev-parse HEAD; git status --short; git log --oneline | wc -l\n```")[0][
            -1
        ]["content"]
        assert told.endswith(f"<output>\n{row['base_commit']}\n{len(row['history'])}\n</output>")
        env.close()

    def test_its_own_tests_do_not_fail(self, row):
        env = made()
        env.reset(seed=0, options={"task": row})
        told = env.step("```bash\npython3 -m unittest 2>&1 | tail -1\n```")[0][-1]["content"]
        assert told.endswith("<output>\nOK\n</output>")
        env.close()

    def test_is_gone_after_the_episode(self, row):
        env = made(MiniSWEV1Env)
        env.reset(seed=0, options={"task": row})
        box = env._box.sandbox
        env.step(f"```bash\nsetsid sleep 1000 > /dev/null 2>&1 & {SUBMIT}\n```")
        assert env._box is None and box._handle is None
        with pytest.raises(ResetNeeded):
            env.step("```bash\nls\n```")

    def test_is_gone_after_close_and_after_another_reset(self, row):
        env = made()
        env.reset(seed=0, options={"task": row})
        first = env._box.sandbox
        env.reset(seed=0, options={"task": row})
        second = env._box.sandbox
        assert first is not second and first._handle is None and second._handle is not None
        env.close()
        assert second._handle is None
        env.close()

    @pytest.mark.parametrize("protocol", ["text", "tools"])
    def test_that_is_killed_is_the_worlds_fault_and_tried_again(self, row, protocol):
        killed = []

        class Killer(llmgym.OraclePolicy):
            async def respond(self, request):
                if request.turn == 1 and not killed:
                    box = request.env.unwrapped._box.sandbox
                    killed.append(box)
                    signal.pidfd_send_signal(box._handle, signal.SIGKILL)
                return await super().respond(request)

        arguments = {"tasks": [row], "protocol": protocol, "progress": False, "retry_delay": 0.0}
        [made] = llmgym.collect("llmgym/MiniSWE-v1", Killer(), attempts=1, **arguments)
        assert (made.outcome, made.reward, made.failures[0].boundary) == ("failed", None, "sandbox")
        killed.clear()
        [made] = llmgym.collect("llmgym/MiniSWE-v1", Killer(), attempts=2, **arguments)
        assert (made.outcome, made.reward, made.attempt) == ("completed", 1.0, 2)

    def test_a_cancelled_rollout_leaves_none(self, row):
        class Slow(llmgym.OraclePolicy):
            async def respond(self, request):
                await asyncio.sleep(60)

        async def main():
            rollouts = llmgym.rollouts("llmgym/MiniSWE-v0", Slow(), tasks=4, concurrency=4)
            waiting = asyncio.ensure_future(anext(rollouts))
            await asyncio.sleep(1.5)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            await rollouts.aclose()

        gc.collect()
        asyncio.run(main())
        before = len(os.listdir("/proc/self/fd"))
        asyncio.run(main())
        gc.collect()
        assert len(os.listdir("/proc/self/fd")) <= before


class TestReplay:
    """A recording is played again command by command: what the sandbox says is not taken from the record."""

    @pytest.mark.parametrize("protocol", ["text", "tools"])
    def test_of_our_own_records(self, protocol):
        played = llmgym.collect(
            "llmgym/MiniSWE-v1", llmgym.OraclePolicy(), tasks=1, protocol=protocol, progress=False
        )
        [again] = verify_rows([played[0].to_dict()])
        assert (again.recorded, again.reward, again.changed) == (1.0, 1.0, False)
        assert again.rollout.messages == played[0].messages

    @pytest.mark.parametrize(("repaired", "reward"), [(True, 1.0), (False, 0.0)])
    def test_of_public_ones(self, row, repaired, reward):
        def item(role, kind, text):
            return {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}

        said = say(repair(row), "text") if repaired else [f"```bash\n{SUBMIT}\n```"]
        output = []
        for text in said:
            output += [item("assistant", "output_text", text), item("user", "input_text", "as it was then")]
        public = {
            **row,
            "responses_create_params": {"input": []},
            "response": {"output": output},
            "reward": reward,
        }
        [again] = verify_rows([public], "llmgym/MiniSWE-v0")
        assert again.reward == again.recorded == reward

    @pytest.mark.parametrize(("repaired", "reward"), [(True, 1.0), (False, 0.0)])
    def test_of_public_ones_with_tools(self, row, repaired, reward):
        output = []
        for number, command in enumerate(repair(row) if repaired else [SUBMIT]):
            call = {"call_id": str(number), "name": "bash", "arguments": json.dumps({"command": command})}
            output += [{"type": "function_call", **call}]
            output += [{"type": "function_call_output", "call_id": str(number), "output": "as it was then"}]
        public = {
            **row,
            "responses_create_params": {"input": []},
            "response": {"output": output},
            "reward": reward,
        }
        [again] = verify_rows([public], "llmgym/MiniSWE-v0", protocol="tools")
        assert again.reward == again.recorded == reward


class TestArguments:
    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            ({"protocol": "json"}, "protocol"),
            ({"difficulty": "extreme"}, "difficulty"),
            ({"evaluation": "golden"}, "evaluation"),
            ({"step_limit": 0}, "step_limit"),
            ({"step_limit": True}, "step_limit"),
            ({"step_timeout": 0}, "step_timeout"),
            ({"eval_timeout": float("inf")}, "eval_timeout"),
            ({"tool_timeout": 0}, "tool_timeout"),
            ({"collapse_limit": -1}, "collapse_limit"),
        ],
    )
    def test_wrong_ones_are_refused(self, arguments, told):
        with pytest.raises(UsageError, match=told):
            MiniSWEEnv(**arguments)

    def test_defaults_are_the_public_ones(self):
        env = MiniSWEEnv()
        assert (env.max_turns, env.step_timeout, env.eval_timeout, env.collapse_limit) == (250, 600, 1800, 3)
        assert (env.evaluation, MiniSWEV1Env().evaluation) == ("live", "clean")
        assert MiniSWEEnv(max_turns=7).max_turns == 7

    def test_process_sandbox_is_taken_when_asked_for(self, row):
        with pytest.warns(UnsafeSandboxWarning):
            reward, info = play(
                made(MiniSWEV1Env, sandbox={"kind": "process", "unsafe": True}), repair(row), row
            )
        assert (reward, info["metrics"]["sandbox"]) == (1.0, "process")


class TestRows:
    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"files": []}, "'files'"),
            ({"files": {"a.py": 1}}, "'files'"),
            ({"files": {"../a.py": ""}}, "leads out"),
            ({"files": {"/a.py": ""}}, "leads out"),
            ({"FAIL_TO_PASS": "x"}, "list of tests"),
            ({"FAIL_TO_PASS": [1]}, "names of tests"),
            ({"FAIL_TO_PASS": ["tests.test_x.X.test_y"]}, "in none of its files"),
            ({"test_patch": "--- a/none\n+++ b/none\n@@ -1 +1 @@\n-a\n+b\n"}, "cannot be read"),
            ({"problem_statement": None}, "problem_statement"),
        ],
    )
    def test_bad_ones_are_refused(self, row, change, told):
        with pytest.raises(InvalidTask, match=told):
            made().reset(options={"task": {**row, **change}})

    def test_messages_of_the_row_replace_both(self, row):
        row["responses_create_params"] = {"input": [{"role": "user", "content": "Mend it."}]}
        observation, _ = made(dataset=[row]).reset(seed=0)
        assert [message["content"] for message in observation] == ["Mend it."]

    def test_rows_of_the_instance_alone_are_read(self, row):
        del row["responses_create_params"]
        env = made(dataset=[row])
        observation, info = env.reset(seed=0)
        assert row["problem_statement"] in observation[1]["content"] and info["task_id"] == row["instance_id"]
        env.close()

    def test_public_rows_need_a_container(self, shared_data):
        for name in ("mini_swe_agent", "mini_swe_agent_2"):
            env = made(dataset=str(shared_data / name / "example.jsonl"))
            assert "/testbed" in env.tasks[0].messages[1]["content"]
            with pytest.raises(UsageError, match="need a container"):
                env.reset(seed=0)
