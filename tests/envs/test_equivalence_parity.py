from __future__ import annotations

import pytest
from envs.equivalence_cases import CASES, DOWN, TEMPLATE, YES, Case

import llmgym
from llmgym.envs.equivalence_llm_judge import EquivalenceLLMJudgeEnv
from llmgym.records import replay


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("judge") / "template.txt"
    path.write_text(f"\n{TEMPLATE}\n", encoding="utf-8")
    return str(path)


def played(case: Case, template: str):
    env = EquivalenceLLMJudgeEnv(
        judge={"kind": "scripted", "replies": case.replies},
        judge_prompt_template_fpath=template,
        fence_answers=False,
        **case.knobs,
    )
    given = case.input
    if case.input == "2 + 2?":
        given = [{"role": "user", "content": given}]
    row = {"responses_create_params": {"input": given}, "expected_answer": "4", **case.row}
    recorded = case.output if isinstance(case.output, str) else {"output": case.output}
    return env, replay(env, {k: v for k, v in row.items() if v is not None}, recorded)


def test_there_are_enough_cases_and_each_has_its_rule():
    assert len(CASES) >= 60
    assert len({case.rule for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_rule(case, template):
    env, rollout = played(case, template)
    assert rollout.reward == case.reward, rollout
    assert env.judge.usage.questions == len(case.replies), "the judge was asked more or less often"
    if case.reward is None:
        assert rollout.outcome == "failed"
        assert rollout.failures[-1].boundary == "judge"
        return
    evaluations = rollout.verdict["metrics"]["judge_evaluations"]
    asked = [each["request"]["input"][-1]["content"] for each in evaluations]
    assert len(asked) == len(case.replies)
    if case.asked is not None:
        assert asked == case.asked
    if case.reason is not None:
        assert rollout.verdict["reason"] == case.reason


def test_a_failed_judge_is_an_error_in_a_step(template):
    env = EquivalenceLLMJudgeEnv(judge={"kind": "scripted", "replies": [DOWN, YES]})
    row = {"prompt": "2 + 2?", "expected_answer": "4"}
    env.reset(options={"task": row})
    with pytest.raises(llmgym.InfrastructureError, match="connection refused") as caught:
        env.step("four")
    assert (caught.value.boundary, caught.value.retryable) == ("judge", True)
    env.reset(options={"task": row})
    assert env.step("four")[1] == 1.0
