from __future__ import annotations

import asyncio

import pytest
from verifiers.code_attacks import (
    CALL,
    CANARY,
    CANARY_CALL,
    HONEST,
    HONEST_CALL,
    INPUTS,
    OUTPUTS,
    STATEFUL,
    STDIN,
    SWALLOWED,
)

from llmgym.errors import UsageError
from llmgym.verifiers.code import CodeResult, code_sandbox, verify_code

GIGABYTE = 1 << 30


@pytest.fixture(scope="module", autouse=True)
def available():
    try:
        code_sandbox(None)
    except UsageError as error:
        pytest.skip(str(error))


async def graded(code, fn_name=None, fresh=False, seconds=1.0) -> CodeResult:
    tests = {"inputs": INPUTS, "outputs": OUTPUTS, "fn_name": fn_name}
    return await verify_code(
        code, tests, fresh_processes=fresh, unit_test_timeout_secs=seconds, memory_bytes=GIGABYTE
    )


@pytest.fixture(scope="module", params=[False, True], ids=["shared process", "fresh processes"])
def attacked(request):
    """All attacks at once, with honest programs and wrong ones between and after them."""
    fresh = request.param

    async def run():
        jobs = {}
        for kind, name, attacks in (("stdin", None, STDIN), ("call", "f", CALL)):
            for number, (attack, code) in enumerate(attacks.items()):
                jobs[kind, attack] = graded(code, name, fresh)
                if number % 5 == 0:
                    jobs[kind, f"honest {number}"] = graded(HONEST_CALL if name else HONEST, name, fresh, 10)
                    jobs[kind, f"canary {number}"] = graded(CANARY_CALL if name else CANARY, name, fresh, 10)
        found = dict(zip(jobs, await asyncio.gather(*jobs.values()), strict=True))
        for kind, name, honest, canary in (
            ("stdin", None, HONEST, CANARY),
            ("call", "f", HONEST_CALL, CANARY_CALL),
        ):
            found[kind, "honest after"] = await graded(honest, name, fresh, 10)
            found[kind, "canary after"] = await graded(canary, name, fresh, 10)
        return found

    return asyncio.run(run())


def test_there_are_attacks_enough():
    assert len(STDIN) + len(CALL) >= 80


@pytest.mark.parametrize("attack", STDIN)
def test_attacks_on_programs_that_print(attack, attacked):
    assert not attacked["stdin", attack].passed


@pytest.mark.parametrize("attack", CALL)
def test_attacks_on_functions(attack, attacked):
    assert not attacked["call", attack].passed


def test_honest_programs_pass_beside_them_and_canaries_do_not(attacked):
    honest = [result for (_, name), result in attacked.items() if name.startswith("honest")]
    canaries = [result for (_, name), result in attacked.items() if name.startswith("canary")]
    assert len(honest) == len(canaries) >= 15
    assert all(result.result == [True] * 3 for result in honest)
    assert all(len(result.result) == 2 and result.result[0] is True for result in canaries)


@pytest.mark.parametrize("attack", SWALLOWED)
def test_a_swallowed_timeout_is_a_success_only_where_tests_share_a_process(attack):
    async def both():
        code = SWALLOWED[attack]
        return await asyncio.gather(graded(code, seconds=0.3), graded(code, fresh=True, seconds=0.3))

    shared, fresh = asyncio.run(both())
    assert shared.result == [True] * 3, shared
    assert fresh.result == [-3], fresh


@pytest.mark.parametrize("attack", STATEFUL)
def test_state_is_kept_only_where_tests_share_a_process(attack):
    async def both():
        return await asyncio.gather(
            graded(STATEFUL[attack], seconds=10), graded(STATEFUL[attack], fresh=True, seconds=10)
        )

    shared, fresh = asyncio.run(both())
    assert shared.result == [True] * 3, shared
    assert fresh.result == [True, -2], fresh


def test_no_expected_output_is_sent_into_the_sandbox(monkeypatch):
    from llmgym.verifiers import code as module

    sent = []

    class Spy:
        backend = "bubblewrap"

        def __init__(self, inner):
            self.inner = inner

        async def __aenter__(self):
            await self.inner.start()
            return self

        async def __aexit__(self, *_):
            await self.inner.close()

        async def run(self, program):
            sent.append(program)
            return await self.inner.run(program)

    make = module.make_sandbox
    monkeypatch.setattr(module, "make_sandbox", lambda *a, **k: Spy(make(*a, **k)))
    tests = {"inputs": ["in-7531"], "outputs": ["out-8642"]}
    assert not asyncio.run(verify_code("print(input())", tests)).passed
    (program,) = sent
    assert b"in-7531" in program.stdin and b"8642" not in program.stdin and "8642" not in program.python
    assert not program.argv and not program.env
