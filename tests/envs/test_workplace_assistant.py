"""The environment: public rows, transport and replay, tables, oracle."""

from __future__ import annotations

import asyncio
import json
import pickle

import gymnasium as gym
import pytest
from envs.workplace_tiny import FILES, call, raw

import llmgym
from llmgym import bridge
from llmgym.core import fork
from llmgym.envs.workplace_assistant import WorkplaceAssistantEnv, write_company
from llmgym.envs.workplace_assistant.companies import Source, company_of
from llmgym.errors import InvalidTask, UsageError
from llmgym.messages import Response, assistant, tool_call
from llmgym.testing.check import run_checks

ID = "llmgym/WorkplaceAssistant-v0"

if ID not in gym.registry:
    llmgym.register(ID, "llmgym.envs.workplace_assistant:WorkplaceAssistantEnv")

SEND = {"recipient": "ana.sol@w.example", "subject": "S", "body": "B"}


@pytest.fixture
def tables(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return str(tmp_path)


def row(*truth, **fields):
    return {
        "prompt": "Do it.",
        "ground_truth": list(truth),
        "category": "workplace_assistant_email",
        **fields,
    }


def play(env, task, *actions):
    env.reset(seed=0, options={"task": task})
    for action in actions:
        observation, reward, terminated, truncated, info = env.step(action)
        if terminated or truncated:
            return reward, info
    raise AssertionError("the episode goes on")


def calls(*made):
    return assistant(None, *(tool_call(name, arguments, f"c{i}") for i, (name, arguments) in enumerate(made)))


@pytest.mark.parametrize("kwargs", [{}, {"difficulty": "hard", "company_seed": 5, "company_size": 0.2}])
def test_conforms(kwargs):
    for check in run_checks(ID, tasks=8, fuzz=60, **kwargs):
        assert check.passed is not False, check


def test_public_rows_play_over_the_public_tables(shared_data):
    folder = shared_data / "workplace_assistant"
    env = gym.make(ID, dataset=str(folder / "example.jsonl"), tables=str(folder / "tables")).unwrapped
    lines = [json.loads(line) for line in (folder / "example.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(env.tasks) == len(lines) == 5
    for index, line in enumerate(lines):
        observation, info = env.reset(seed=0, options={"task": index})
        assert [message["role"] for message in observation] == ["system", "user"]
        assert [tool["function"]["name"] for tool in info["tools"]] == env.toolbox.names
        assert env.task.params == {"parallel_tool_calls": False, "temperature": 1.0}
        reward, info = play(env, index, *env.oracle(env.task))
        assert (reward, info["vacuous"], info["reason"]) == (1.0, False, "")
        assert info["metrics"] == {"category": line["category"]}
        assert play(env, index, "Done.")[0] == 0.0
        first, *rest = line["ground_truth"]
        wrong = [
            (first["name"], first["arguments"].replace("0", "1")),
            *((c["name"], c["arguments"]) for c in rest),
        ]
        assert play(env, index, calls(*wrong), "Done.")[0] == 0.0


def test_the_last_mail_of_a_public_row_can_be_found(shared_data):
    folder = shared_data / "workplace_assistant"
    env = WorkplaceAssistantEnv(dataset=str(folder / "example.jsonl"), tables=str(folder / "tables"))
    env.reset(options={"task": 0})
    query = {"query": "carlos Task Update on Develop prototype for report generation", "page_size": 1}
    observation, *_ = env.step(calls(("email_search_emails", query)))
    told = json.loads(observation[-1]["content"])["output"]
    assert told["emails"][0]["email_id"] == "00000057"
    reward, _ = play(
        env,
        0,
        calls(("email_search_emails", query)),
        calls(
            (
                "email_reply_email",
                {"email_id": "00000057", "body": "THANKS for the update - I will get back to you tomorrow."},
            )
        ),
        "Done.",
    )
    assert reward == 1.0


def test_only_calls_count(tables):
    env = WorkplaceAssistantEnv(tables=tables)
    task = row(call("email_send_email", **SEND))
    assert play(env, task, calls(("email_send_email", SEND)), "I did nothing at all.")[0] == 1.0
    assert play(env, task, "I sent it.")[0] == 0.0


def test_a_null_for_an_unknown_argument_works_live_but_not_in_the_replay(tables):
    env = WorkplaceAssistantEnv(tables=tables)
    env.reset(options={"task": row(call("email_send_email", **SEND))})
    observation, *_ = env.step(calls(("email_send_email", {**SEND, "cc": None})))
    assert observation[-1]["content"] == '{"output":"Email sent successfully."}'
    _, reward, *_ = env.step("Done.")
    assert reward == 0.0


def test_an_integer_beyond_64_bits_cannot_be_posted_but_is_replayed(tables):
    env = WorkplaceAssistantEnv(tables=tables)
    env.reset(options={"task": row(call("email_send_email", **SEND))})
    observation, *_ = env.step(calls(("email_send_email", json.dumps({**SEND, "body": 10**30}))))
    assert "Invalid tool call arguments" in observation[-1]["content"]
    assert len(env.workplace.tables["emails"]) == 4
    assert env.step("Done.")[1] == 0.0


def test_failed_calls_count_too(tables):
    env = WorkplaceAssistantEnv(tables=tables)
    made = (
        ("email_send_email", {**SEND, "body": ""}),
        ("email_burn", {}),
        ("email_send_email", "{"),
        ("email_send_email", SEND),
    )
    assert play(env, row(call("email_send_email", **SEND)), calls(*made), "Done.")[0] == 1.0


def test_calls_of_a_response_that_was_cut_off_are_not_executed_but_count(tables):
    env = WorkplaceAssistantEnv(tables=tables)
    action = Response(calls(("email_send_email", SEND)), finish_reason="length")
    reward, info = play(env, row(call("email_send_email", **SEND)), action)
    assert (reward, info["stop_reason"]) == (1.0, "length")
    assert len(env.workplace.tables["emails"]) == 4


def test_six_turns(tables):
    env = WorkplaceAssistantEnv(tables=tables)
    assert env.max_turns == 6
    look = calls(("email_search_emails", {}))
    reward, info = play(
        env, row(call("email_send_email", **SEND)), *[look] * 5, calls(("email_send_email", SEND))
    )
    assert (reward, info["stop_reason"], info["turn"]) == (1.0, "max_turns", 6)
    reward, info = play(env, row(call("email_send_email", **SEND)), *[look] * 6)
    assert (reward, info["turn"]) == (0.0, 6)


def test_components_and_reason(tables):
    env = WorkplaceAssistantEnv(tables=tables)
    task = row(call("email_send_email", **SEND), call("calendar_delete_event", event_id="00000001"))
    _, info = play(env, task, calls(("email_send_email", SEND)), "Done.")
    assert info["components"] == {
        "calendar": 0.0,
        "emails": 1.0,
        "plots": 1.0,
        "project_tasks": 1.0,
        "customers": 1.0,
    }
    assert info["reason"] == "calendar: 4 rows instead of 3"


@pytest.mark.parametrize(
    "truth", [[], "nothing", [call("email_send_email", recipient="x")], [raw("email_burn", "{}")]]
)
def test_a_task_that_changes_nothing_is_vacuous(tables, truth):
    env = WorkplaceAssistantEnv(tables=tables)
    reward, info = play(env, {"prompt": "x", "ground_truth": truth}, "There is nothing to do.")
    assert (reward, info["vacuous"]) == (1.0, True)
    reward, info = play(
        env, {"prompt": "x", "ground_truth": truth}, calls(("email_send_email", SEND)), "Done."
    )
    assert reward == 0.0


@pytest.mark.parametrize(
    "truth",
    [
        None,
        5,
        {},
        [5],
        ["x"],
        [{"name": "x"}],
        [{"name": "x", "arguments": {}}],
        [{"name": 1, "arguments": "{}"}],
    ],
)
def test_a_truth_that_cannot_be_read(tables, truth):
    env = WorkplaceAssistantEnv(tables=tables)
    with pytest.raises(InvalidTask, match="expected 'ground_truth' to be a list of calls"):
        env.reset(options={"task": {"prompt": "x", "ground_truth": truth}})


def test_a_row_without_a_truth():
    with pytest.raises(InvalidTask, match="ground_truth"):
        WorkplaceAssistantEnv().reset(options={"task": {"prompt": "x"}})


def test_public_rows_need_the_public_tables(shared_data):
    env = WorkplaceAssistantEnv(dataset=str(shared_data / "workplace_assistant" / "example.jsonl"))
    with pytest.raises(InvalidTask, match="Give tables= the folder of the CSV files"):
        env.reset(options={"task": 0})


def test_a_procedural_row_brings_its_company():
    made = WorkplaceAssistantEnv(company_seed=4, company_size=0.5)
    task = made.tasks[3]
    assert task.data["company"] == {"seed": 4, "size": 0.5}
    env = WorkplaceAssistantEnv(dataset=[task.row()])
    env.reset(options={"task": 0})
    assert env.workplace.company is company_of(Source(None, 4, 0.5))
    assert play(env, 0, *env.oracle(env.task))[0] == 1.0


@pytest.mark.parametrize(
    "told", [5, {}, {"seed": -1}, {"seed": True}, {"seed": 0, "size": 0}, {"seed": 0, "size": "x"}]
)
def test_a_company_that_cannot_be_read(told):
    with pytest.raises(InvalidTask, match="expected 'company'"):
        WorkplaceAssistantEnv().reset(options={"task": row(company=told)})


def test_written_tables_are_the_company_again(tmp_path):
    write_company(company_of(Source()), tmp_path)
    written = WorkplaceAssistantEnv(tables=str(tmp_path))
    made = WorkplaceAssistantEnv()
    for index in range(10):
        mine, theirs = made.tasks[index], written.tasks[index]
        assert theirs.messages == mine.messages
        assert theirs.data["ground_truth"] == mine.data["ground_truth"]
        assert "company" not in theirs.data
    # A row that was made up also plays over the same company read from files.
    assert play(written, made.tasks[0], *made.oracle(made.tasks[0]))[0] == 1.0


def test_edited_tables_are_read_again(tables, tmp_path):
    env = WorkplaceAssistantEnv(tables=tables)
    env.reset(options={"task": row()})
    assert len(env.workplace.company.directory) == 4
    path = tmp_path / "emails.csv"
    path.write_text(FILES["emails.csv"].replace("Lunch plan", "Dinner plan"), encoding="utf-8")
    import os

    os.utime(path, ns=(1, 1))
    env.reset(options={"task": row()})
    assert env.workplace.company.emails.rows[0][3] == "Dinner plan"


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"difficulty": "brutal"}, "difficulty"),
        ({"company_seed": -1}, "company_seed"),
        ({"company_size": 0}, "company_size"),
        ({"company_size": 1000}, "company_size"),
    ],
)
def test_bad_arguments(kwargs, message):
    with pytest.raises(UsageError, match=message):
        WorkplaceAssistantEnv(**kwargs)


def test_missing_tables(tmp_path):
    with pytest.raises(UsageError, match=r"Expected the file .*emails\.csv"):
        WorkplaceAssistantEnv(tables=str(tmp_path)).reset(options={"task": row()})
    with pytest.raises(UsageError, match=r"emails\.csv"):
        WorkplaceAssistantEnv(tables=str(tmp_path)).reset()


def test_the_oracle_calls_at_once_when_there_are_few_turns():
    for max_turns in (1, 2, 6, 32):
        env = WorkplaceAssistantEnv(difficulty="hard", max_turns=max_turns)
        for index in range(10):
            env.reset(options={"task": index})
            assert play(env, index, *env.oracle(env.task))[0] == 1.0


def test_forks_go_their_own_ways(tables):
    env = WorkplaceAssistantEnv(tables=tables)
    env.reset(options={"task": row(call("email_send_email", **SEND))})
    env.step(calls(("email_delete_email", {"email_id": "00000000"})))
    branch = fork(env)
    branch.step(calls(("email_delete_email", {"email_id": "00000001"})))
    assert len(env.workplace.tables["emails"]) == 3
    assert len(branch.workplace.tables["emails"]) == 2
    assert len(pickle.loads(pickle.dumps(env)).workplace.tables["emails"]) == 3


def test_many_at_once():
    async def one(index):
        env = WorkplaceAssistantEnv(company_seed=11, company_size=0.3)
        return await bridge.call(lambda: play(env, index, *env.oracle(env.tasks[index]))[0])

    async def main():
        return await asyncio.gather(*(one(index) for index in range(12)))

    assert asyncio.run(main()) == [1.0] * 12


def test_a_search_that_never_ends_holds_nobody_up(tables):
    env = WorkplaceAssistantEnv(tables=tables)
    made = {
        "event_name": "a" * 60 + "!",
        "participant_email": "p@q.r",
        "event_start": "2023-12-07",
        "duration": "30",
    }

    async def main():
        beats, over = 0, False

        async def beat():
            nonlocal beats
            while not over:
                await asyncio.sleep(0.001)
                beats += 1

        heart = asyncio.create_task(beat())
        await bridge.call(lambda: env.reset(options={"task": row()}))
        await bridge.call(lambda: env.step(calls(("calendar_create_event", made))))
        observation, *_ = await bridge.call(
            lambda: env.step(calls(("calendar_search_events", {"query": "(a+)+$"})))
        )
        over = True
        await heart
        return beats, observation[-1]["content"]

    beats, told = asyncio.run(main())
    assert "took too long" in told
    assert beats > 3


def test_rendering(tables):
    env = WorkplaceAssistantEnv(tables=tables, render_mode="ansi")
    env.reset(options={"task": row(call("email_send_email", **SEND))})
    env.step(calls(("email_send_email", SEND)))
    assert "Email sent successfully." in env.render()


def test_a_large_company():
    env = WorkplaceAssistantEnv(company_size=11, difficulty="hard")
    for index in range(3):
        env.reset(options={"task": index})
        assert env.workplace.company.is_large
        assert play(env, index, *env.oracle(env.task))[0] == 1.0
