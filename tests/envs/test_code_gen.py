from __future__ import annotations

import base64
import json
import pickle
import zlib

import gymnasium as gym
import pytest
from envs.code_gen_solutions import RIGHT, WRONG

import llmgym
from llmgym.core import fork
from llmgym.envs.code_gen import CodeGenEnv, CodeGenV1Env
from llmgym.envs.code_gen.livecodebench import public_row, unit_tests_of
from llmgym.errors import InfrastructureError, InvalidTask, UsageError
from llmgym.messages import Response, user
from llmgym.policies.base import Policy
from llmgym.tasks import Task
from llmgym.testing.check import run_checks
from llmgym.verifiers.code import code_sandbox

IDS = {
    "llmgym/CodeGen-v0": "llmgym.envs.code_gen:CodeGenEnv",
    "llmgym/CodeGen-v1": "llmgym.envs.code_gen:CodeGenV1Env",
}
for name, entry_point in IDS.items():
    if name not in gym.registry:
        llmgym.register(name, entry_point)

BOTH = [CodeGenEnv, CodeGenV1Env]


@pytest.fixture(scope="module", autouse=True)
def available():
    try:
        code_sandbox(None)
    except UsageError as error:
        pytest.skip(str(error))


def row(inputs=("3",), outputs=("9",), fn_name=None, **metadata):
    tests = {"inputs": list(inputs), "outputs": list(outputs), "fn_name": fn_name}
    return {
        "responses_create_params": {"input": [user("Square it.")]},
        "verifier_metadata": {"unit_tests": tests, **metadata},
    }


def block(code, before="Here it is.\n", after="\n") -> str:
    return f"{before}```python\n{code}\n```{after}"


SQUARE = block("print(int(input()) ** 2)")


def play(env, answer, task=None) -> tuple[float, dict]:
    env.reset(seed=0, options={"task": row() if task is None else task})
    _, reward, terminated, truncated, info = env.step(answer)
    assert terminated or truncated
    return reward, info


@pytest.mark.filterwarnings("ignore:.*is out of date")
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("llmgym/CodeGen-v0", {}),
        ("llmgym/CodeGen-v0", {"difficulty": "hard", "mode": "call"}),
        ("llmgym/CodeGen-v1", {"difficulty": "easy"}),
    ],
)
def test_conforms(name, arguments):
    for check in run_checks(name, tasks=6, fuzz=60, **arguments):
        assert check.passed is not False, check


class TestPublicRows:
    @pytest.mark.parametrize("kind", BOTH)
    def test_run_with_right_programs_and_wrong_ones(self, kind, shared_data):
        path = shared_data / "code_gen" / "example.jsonl"
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        env = kind(dataset=str(path))
        assert len(env.tasks) == len(rows) == len(RIGHT) == 5
        for index, public in enumerate(rows):
            assert env.tasks[index].row() == public
            reward, info = play(env, block(RIGHT[index]), index)
            count = len(public["verifier_metadata"]["unit_tests"]["inputs"])
            if index == 2:
                # From its third test on, the row wants some answers on one line: no program passes.
                assert reward == 0.0 and info["metrics"]["result"] == [True, True, -2]
            else:
                assert reward == 1.0 and info["metrics"]["result"] == [True] * count
            reward, info = play(env, block(WRONG[index]), index)
            assert reward == 0.0 and info["reason"] == "wrong_answer" and info["metrics"]["result"][-1] == -2
            assert env._call("oracle", env.task) is None


class TestRewards:
    @pytest.mark.parametrize("kind", BOTH)
    @pytest.mark.parametrize(
        ("answer", "reward", "reason"),
        [
            (SQUARE, 1.0, ""),
            ("", 0.0, "empty_response"),
            (" \n ", 0.0, "empty_response"),
            ("print(9)", 0.0, "no_code"),
            ("```\n```", 0.0, "no_code"),
            ("```python\nprint(9)", 0.0, "no_code"),
            (block("print(8)"), 0.0, "wrong_answer"),
            (block("1 / 0"), 0.0, "error"),
            (block("while True: pass"), 0.0, "timeout"),
            (block("import os\nos._exit(0)"), 0.0, "no_result"),
            (block("print(8)") + SQUARE, 1.0, ""),
            (SQUARE + block("print(8)"), 0.0, "wrong_answer"),
            (SQUARE + "```python\nprint(8)", 0.0, "no_code"),
            (SQUARE + "Or:\n```python\nprint(8)", 0.0, "error"),
        ],
    )
    def test_of_responses(self, kind, answer, reward, reason):
        found, info = play(kind(unit_test_timeout_secs=1), answer)
        assert (found, info["reason"]) == (reward, reason), info

    def test_parts_and_turns_are_joined(self):
        env = CodeGenEnv()
        env.reset(seed=0, options={"task": row()})
        call = {"id": "1", "type": "function", "function": {"name": "x", "arguments": "{}"}}
        env.step({"role": "assistant", "content": "```python\nprint(int(input())", "tool_calls": [call]})
        _, reward, *_ = env.step({"role": "assistant", "content": [{"type": "text", "text": " ** 2)\n```"}]})
        assert reward == 1.0

    @pytest.mark.parametrize(
        ("answer", "violates"),
        [
            (f"<think>hm</think>{SQUARE}", True),
            (f"{SQUARE}</think>", True),
            (block("print(int(input()) ** 2)  # <think>"), True),
            (f"<THINK>{SQUARE}", False),
            ({"role": "assistant", "content": SQUARE, "reasoning_content": "<think>a</think>"}, False),
            ({"role": "assistant", "content": SQUARE, "reasoning_content": "<think>a<think>"}, True),
            ({"role": "assistant", "content": SQUARE, "reasoning_content": "a</think></think>"}, True),
        ],
    )
    def test_of_marks_of_reasoning(self, answer, violates):
        for penalty in (0.0, -0.5, 0.25):
            reward, info = play(CodeGenEnv(reasoning_format_penalty=penalty), answer)
            assert reward == (penalty if violates else 1.0)
            assert info["metrics"]["reasoning_format_violation_rate"] == float(violates)
            assert (info["reason"] == "reasoning_format") == violates

    def test_marks_are_looked_for_only_after_a_program_ran(self):
        env = CodeGenEnv(reasoning_format_penalty=-1.0)
        assert play(env, "<think>no code</think>")[0] == 0.0
        assert play(env, f"<think></think>{block('print(8)')}")[0] == -1.0

    def test_no_tests(self):
        empty = row((), ())
        reward, info = play(CodeGenEnv(), SQUARE, empty)
        assert reward == 1.0 and info["vacuous"] and info["metrics"]["result"] == []
        reward, info = play(CodeGenEnv(), block("print("), empty)
        assert reward == 0.0 and info["vacuous"] and info["metrics"]["result"] == [-4]
        reward, info = play(CodeGenV1Env(), SQUARE, empty)
        assert reward == 0.0 and info["vacuous"] and info["reason"] == "no_tests"

    def test_hardened_timeouts(self):
        slow = block("import time\ntry: time.sleep(9)\nexcept Exception: print(9)")
        assert play(CodeGenEnv(unit_test_timeout_secs=1), slow)[0] == 1.0
        reward, info = play(CodeGenV1Env(unit_test_timeout_secs=1), slow)
        assert reward == 0.0 and info["reason"] == "timeout" and info["metrics"]["result"] == [-3]

    def test_hardened_state(self):
        counting = block("import math\nmath.n = getattr(math, 'n', 0) + 1\nprint(math.n)")
        task = row(("", ""), ("1", "2"))
        assert play(CodeGenEnv(), counting, task)[0] == 1.0
        assert play(CodeGenV1Env(), counting, task)[0] == 0.0


class TestMetrics:
    def test_of_a_success(self):
        _, info = play(CodeGenEnv(), SQUARE, row(difficulty="easy"))
        assert info["metrics"] == {
            "difficulty": "easy",
            "extracted_model_output": SQUARE,
            "extracted_model_code": "print(int(input()) ** 2)",
            "result": [True],
            "metadata": {},
            "reasoning_format_violation_rate": 0.0,
            "sandbox": "bubblewrap",
        }
        assert info["components"] == {"reward_easy": 1.0} and not info["vacuous"]

    def test_of_a_failure(self):
        _, info = play(
            CodeGenEnv(), block("print('x' * 1000)"), row(outputs=("y" * 1000,), inputs=("z" * 1000,))
        )
        metadata = info["metrics"]["metadata"]
        assert metadata["error_code"] == -2 and metadata["error_message"].startswith("Wrong answer")
        for name in ("inputs", "expected", "output"):
            assert "...(truncated) ..." in metadata[name] and len(metadata[name]) < 330
        assert info["components"] == {}

    def test_without_a_program(self):
        _, info = play(CodeGenEnv(), "", row(difficulty="hard"))
        assert info["metrics"] == {"difficulty": "hard"} and info["components"] == {"reward_hard": 0.0}


class TestTasks:
    def test_a_fork_is_graded_alike(self):
        env = CodeGenEnv()
        env.reset(seed=1, options={"task": row()})
        assert fork(env).step(SQUARE)[1] == env.step(SQUARE)[1] == 1.0

    @pytest.mark.parametrize(
        "change",
        [
            {"verifier_metadata": None},
            {"verifier_metadata": {}},
            {"verifier_metadata": {"unit_tests": None}},
            {"verifier_metadata": {"unit_tests": {"inputs": [1], "outputs": ["1"]}}},
            {"verifier_metadata": {"unit_tests": {"inputs": ["1"], "outputs": ["1"], "fn_name": 3}}},
            {"verifier_metadata": {}, "public_test_cases": "["},
            {"verifier_metadata": {}, "private_test_cases": "!"},
        ],
    )
    def test_without_tests_cannot_be_played(self, change):
        with pytest.raises(InvalidTask, match="unit|tests|test_cases"):
            CodeGenEnv().reset(seed=0, options={"task": row() | change})

    @pytest.mark.parametrize(
        "arguments",
        [
            {"unit_test_timeout_secs": 0},
            {"unit_test_timeout_secs": "10"},
            {"reasoning_format_penalty": None},
            {"reasoning_format_penalty": float("nan")},
            {"num_processes": 0},
            {"num_processes": 1.5},
            {"difficulty": "extreme"},
            {"mode": "both"},
            {"sandbox": "nowhere"},
            {"sandbox": {"kind": "bubblewrap", "unknown": 1}},
            {"sandbox": "process"},
            {"mode": "call", "dataset": []},
        ],
    )
    def test_wrong_arguments_are_told(self, arguments):
        with pytest.raises(UsageError):
            CodeGenEnv(**arguments)

    def test_a_lost_sandbox_is_no_reward(self, monkeypatch):
        from llmgym.envs.code_gen import env as module

        async def lost(*_, **__):
            raise InfrastructureError("gone", boundary="sandbox")

        monkeypatch.setattr(module, "verify_code", lost)
        with pytest.raises(InfrastructureError, match="gone"):
            play(CodeGenEnv(), SQUARE)

    def test_a_cut_response_is_graded(self):
        env = CodeGenEnv()
        env.reset(seed=0, options={"task": row()})
        message = {"role": "assistant", "content": SQUARE}
        _, reward, terminated, truncated, _ = env.step(Response(message, finish_reason="length"))
        assert reward == 1.0 and truncated and not terminated


def cases(*pairs, kind="stdin"):
    return [{"input": given, "output": right, "testtype": kind} for given, right in pairs]


def packed(value) -> str:
    return base64.b64encode(zlib.compress(pickle.dumps(json.dumps(value)))).decode()


PRINTING = {
    "question_title": "Square",
    "question_content": "Print the square of a number.",
    "platform": "atcoder",
    "question_id": "abc1_a",
    "contest_date": "2024-01-01T00:00:00",
    "starter_code": "",
    "difficulty": "easy",
    "public_test_cases": json.dumps(cases(("3\n", "9\n"))),
    "private_test_cases": packed(cases(("4\n", "16\n"), ("5\n", "25\n"))),
    "metadata": "{}",
}
CALLING = PRINTING | {
    "question_id": "3000",
    "platform": "leetcode",
    "starter_code": "class Solution:\n    def square(self, a: int) -> int:\n        ",
    "public_test_cases": json.dumps(cases(("3", "9"), kind="functional")),
    "private_test_cases": packed(cases(("4", "16"), kind="functional")),
    "metadata": json.dumps({"func_name": "square"}),
}
METHOD = block("class Solution:\n    def square(self, a):\n        return a * a")


class TestLiveCodeBench:
    @pytest.fixture
    def path(self, tmp_path):
        path = tmp_path / "test.jsonl"
        path.write_text("".join(json.dumps(each) + "\n" for each in (PRINTING, CALLING)), encoding="utf-8")
        return path

    def test_files_are_read_as_they_are(self, path):
        env = CodeGenEnv(dataset=str(path))
        assert len(env.tasks) == 2
        reward, info = play(env, SQUARE, 0)
        assert reward == 1.0 and info["metrics"]["result"] == [True] * 3
        assert info["metrics"]["difficulty"] == "easy" and info["components"] == {"reward_easy": 1.0}
        assert env.task.id == "abc1_a" and env.task.data.items() >= PRINTING.items()
        assert "Print the square" in env.task.messages[0]["content"]
        reward, info = play(env, METHOD, 1)
        assert reward == 1.0 and info["metrics"]["result"] == [True] * 2
        assert "def square(self, a: int) -> int:" in env.task.messages[0]["content"]
        assert play(env, block("print(9)"), 0)[0] == 0.0

    def test_rows_in_a_list_too(self):
        env = CodeGenV1Env(dataset=[PRINTING, row()])
        assert play(env, SQUARE, 0)[0] == play(env, SQUARE, 1)[0] == 1.0

    def test_rows_of_a_table_too(self, tmp_path):
        pyarrow = pytest.importorskip("pyarrow")
        parquet = pytest.importorskip("pyarrow.parquet")
        path = tmp_path / "test.parquet"
        parquet.write_table(pyarrow.Table.from_pylist([PRINTING, CALLING]), path)
        env = CodeGenEnv(dataset=str(path))
        assert play(env, SQUARE, 0)[0] == play(env, METHOD, 1)[0] == 1.0

    def test_a_row_that_is_given(self):
        env = CodeGenEnv()
        assert play(env, SQUARE, PRINTING)[0] == 1.0 and env.task.id == "abc1_a"

        class Says(Policy):
            async def respond(self, request):
                return Response.of(SQUARE)

        [rollout] = llmgym.collect("llmgym/CodeGen-v1", Says(), tasks=[PRINTING], progress=False)
        assert rollout.reward == 1.0 and rollout.task_id == "abc1_a"

    def test_the_file_can_be_pickled_and_forked(self, path):
        env = gym.make("llmgym/CodeGen-v1", dataset=str(path))
        env.reset(seed=0)
        again = pickle.loads(pickle.dumps(env))
        assert len(again.unwrapped.tasks) == 2
        assert fork(env).step(SQUARE)[1] == env.step(SQUARE)[1]

    def test_private_tests_may_be_plain(self):
        tests = unit_tests_of(PRINTING | {"private_test_cases": json.dumps(cases(("1", "1")))})
        assert tests.inputs == ["3\n", "1"]
        assert unit_tests_of(PRINTING | {"private_test_cases": ""}).inputs == ["3\n"]

    def test_bad_rows_are_named_or_skipped(self, path):
        path.write_text(path.read_text(encoding="utf-8") + '{"x": 1}\n', encoding="utf-8")
        with pytest.raises(InvalidTask, match="line 3"):
            len(CodeGenEnv(dataset=str(path)).tasks)
        tasks = CodeGenEnv(dataset=str(path), on_bad_row="skip").tasks
        assert len(tasks) == 2 and tasks.skipped == 1

    def test_nothing_is_unpickled(self):
        class Harm:
            def __reduce__(self):
                return (print, ("harm",))

        for content in (
            pickle.dumps(Harm()),
            pickle.dumps(["a"]),
            pickle.dumps(("a", "b")),
            b"",
            b"\x80",
            b"x",
        ):
            private = base64.b64encode(zlib.compress(content)).decode()
            with pytest.raises(InvalidTask, match="private_test_cases"):
                unit_tests_of(PRINTING | {"private_test_cases": private})
        for protocol in range(1, 6):
            text = json.dumps(cases(("1", "1")))
            private = base64.b64encode(zlib.compress(pickle.dumps(text, protocol))).decode()
            assert unit_tests_of(PRINTING | {"private_test_cases": private}).inputs == ["3\n", "1"]

    @pytest.mark.parametrize(
        "change",
        [
            {"private_test_cases": "AAAA"},
            {"private_test_cases": base64.b64encode(zlib.compress(pickle.dumps("[]"))[:-3]).decode()},
            {"public_test_cases": json.dumps([{"input": "1"}])},
            {"public_test_cases": json.dumps([{"input": 1, "output": "1"}])},
            {"public_test_cases": json.dumps(cases(("1", "1"), kind="other"))},
            {"public_test_cases": json.dumps(cases(("1", "1"), kind="functional"))},
            {"public_test_cases": 3},
            {"metadata": "["},
        ],
    )
    def test_what_is_no_test_case_is_told(self, change):
        with pytest.raises(InvalidTask):
            unit_tests_of(PRINTING | change)

    def test_functional_tests_need_a_name(self):
        with pytest.raises(InvalidTask, match="func_name"):
            unit_tests_of(CALLING | {"metadata": "{}"})

    def test_other_rows_stay_as_they_are(self):
        assert public_row(row()) == row()
        assert Task.of(public_row(PRINTING)).data["platform"] == "atcoder"
