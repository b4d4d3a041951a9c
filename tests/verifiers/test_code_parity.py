from __future__ import annotations

import asyncio

import pytest
from verifiers.code_cases import CASES, Case

from llmgym.errors import UsageError
from llmgym.verifiers.code import CodeResult, code_sandbox, verify_code


@pytest.fixture(scope="module")
def results() -> dict[str, CodeResult]:
    """What all cases gave, run together."""
    try:
        code_sandbox(None)
    except UsageError as error:
        pytest.skip(str(error))

    async def run() -> list[CodeResult]:
        return await asyncio.gather(*[one(case) for case in CASES])

    async def one(case: Case) -> CodeResult:
        tests = {"inputs": case.inputs, "outputs": case.outputs, "fn_name": case.fn_name}
        return await verify_code(case.code, tests, unit_test_timeout_secs=case.timeout)

    return dict(zip([case.rule + case.code for case in CASES], asyncio.run(run()), strict=True))


def test_there_are_cases_enough():
    assert len(CASES) >= 60
    assert len({case.rule + case.code for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.fn_name or 'stdin'}: {case.rule}")
def test_the_public_rule(case: Case, results):
    result = results[case.rule + case.code]
    assert result.result == case.result and list(map(type, result.result)) == list(map(type, case.result)), (
        result
    )
    assert result.passed == all(each is True for each in case.result)
    assert result.sandbox == "bubblewrap"
    if result.passed:
        assert result.metadata == {}
    else:
        assert result.metadata["error_code"] in (-1, -2, -3, -4) and result.metadata["error_message"]
        assert all(len(str(value)) <= 450 for value in result.metadata.values())
