from __future__ import annotations

import asyncio
import math
import time

import pytest

from llmgym.errors import InfrastructureError, UsageError
from llmgym.sandbox.process import UnsafeSandboxWarning
from llmgym.verifiers.code import UnitTests, code_sandbox, verify_code

TESTS = {"inputs": ["2\n", "5\n"], "outputs": ["4\n", "25\n"]}


class TestVerifying:
    @pytest.fixture(autouse=True)
    def available(self):
        try:
            code_sandbox(None)
        except UsageError as error:
            pytest.skip(str(error))

    def test_the_process_backend_gives_the_same(self):
        setting = {"kind": "process", "unsafe": True}
        for fresh in (False, True):
            with pytest.warns(UnsafeSandboxWarning):
                right = asyncio.run(
                    verify_code("print(int(input()) ** 2)", TESTS, sandbox=setting, fresh_processes=fresh)
                )
            assert right.passed and right.sandbox == "process" and right.result == [True, True]

    def test_slow_programs_are_judged_in_pieces(self):
        code = "import time, math\nmath.n = getattr(math, 'n', 0) + 1\ntime.sleep(0.06)\nprint(math.n)"
        count = 12
        tests = {"inputs": [""] * count, "outputs": [str(i + 1) for i in range(count)]}
        assert asyncio.run(verify_code(code, tests)).result == [True] * count
        tests["outputs"][-1] = "0"
        assert asyncio.run(verify_code(code, tests)).result == [True] * (count - 1) + [-2]

    def test_a_wrong_program_is_not_run_to_the_end(self):
        code = "import time\ntime.sleep(0.3)\nprint(1)"
        tests = {"inputs": [""] * 100, "outputs": ["2"] * 100}
        began = time.monotonic()
        assert asyncio.run(verify_code(code, tests)).result == [-2]
        assert time.monotonic() - began < 20

    def test_outputs_may_be_large(self):
        size = 6_000_000
        tests = {"inputs": ["a", "b", "c"], "outputs": [letter * size for letter in "abc"]}
        for fresh in (False, True):
            result = asyncio.run(verify_code(f"print(input() * {size})", tests, fresh_processes=fresh))
            assert result.result == [True] * 3
            wrong = asyncio.run(verify_code(f"print('a' * {size})", tests, fresh_processes=fresh))
            assert wrong.result == [True, -2]
            assert len(wrong.metadata["output"]) < 400

    def test_what_is_too_large_is_wrong(self):
        tests = {"inputs": [""], "outputs": ["x"]}
        assert asyncio.run(verify_code("print('x' * 40_000_000)", tests)).result == [-2]
        call = {"inputs": ["1"], "outputs": ["1"], "fn_name": "f"}
        assert asyncio.run(verify_code("def f(a): return [1] * 3_000_000", call)).result == [False]

    def test_inputs_may_be_large_and_of_any_text(self):
        text = "\u00e9\U0001f600 \x00" * 300_000
        tests = {"inputs": [text], "outputs": [str(len(text))]}
        for fresh in (False, True):
            code = "import sys\nprint(len(sys.stdin.read()))"
            assert asyncio.run(verify_code(code, tests, fresh_processes=fresh)).passed

    def test_fresh_processes_get_one_input_each(self):
        code = (
            "import gc\nfrom io import open as o\nprint(input())\n"
            "text = o('/proc/self/maps').read()\n"
            "assert not [x for x in gc.get_objects() if isinstance(x, (list, dict)) and 'secret' in repr(x)[:9999]]"
        )
        tests = {"inputs": ["one", "secret-2"], "outputs": ["one", "x"]}
        assert asyncio.run(verify_code(code, tests, fresh_processes=True)).result[0] is True

    def test_many_at_a_time_all_end(self):
        async def run():
            jobs = [
                verify_code(f"print(int(input()) ** {2 + i % 2})", TESTS, num_processes=3) for i in range(40)
            ]
            return await asyncio.gather(*jobs)

        results = asyncio.run(run())
        assert [result.passed for result in results] == [i % 2 == 0 for i in range(40)]

    def test_a_cancelled_check_leaves_room_for_the_next(self):
        async def run():
            for _ in range(3):
                task = asyncio.create_task(verify_code("while True: pass", TESTS, num_processes=1))
                await asyncio.sleep(0.3)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            return await verify_code("print(int(input()) ** 2)", TESTS, num_processes=1)

        assert asyncio.run(run()).passed

    def test_a_lost_sandbox_is_no_verdict(self, monkeypatch):
        from llmgym.sandbox.base import broken
        from llmgym.verifiers import code as module

        class Lost:
            backend = "lost"

            async def __aenter__(self):
                return self

            async def __aexit__(self, *_):
                return None

            async def run(self, program):
                raise broken("It is gone.")

        monkeypatch.setattr(module, "make_sandbox", lambda *a, **k: Lost())
        with pytest.raises(InfrastructureError, match="gone") as caught:
            asyncio.run(verify_code("print(1)", TESTS))
        assert caught.value.boundary == "sandbox"

    def test_runs_are_bounded_all_together(self, monkeypatch):
        from llmgym.sandbox.base import Completed
        from llmgym.verifiers import code as module

        runs = []

        class Slow:
            backend = "slow"

            async def __aenter__(self):
                return self

            async def __aexit__(self, *_):
                return None

            async def run(self, program):
                number = len(runs)
                runs.append(number)
                answer = b"O %d 1\n1\nP %d 0\n\n" % (number, number + 1)
                return Completed(0, answer, b"", "exited", seconds=1000.0)

        monkeypatch.setattr(module, "make_sandbox", lambda *a, **k: Slow())
        tests = {"inputs": [""] * 50, "outputs": ["1"] * 50}
        result = asyncio.run(verify_code("print(1)", tests))
        assert set(result.result) == {-1} and 2 <= len(runs) <= 5

    @pytest.mark.parametrize(
        "wrong",
        [
            {"num_processes": 0},
            {"unit_test_timeout_secs": 0},
            {"unit_test_timeout_secs": math.inf},
            {"sandbox": "nowhere"},
            {"sandbox": 3},
        ],
    )
    def test_wrong_arguments_are_told(self, wrong):
        with pytest.raises(UsageError, match="Expected"):
            asyncio.run(verify_code("print(1)", TESTS, **wrong))

    @pytest.mark.parametrize(
        "tests",
        [
            None,
            [],
            {},
            {"inputs": ["1"]},
            {"inputs": "1", "outputs": ["1"]},
            {"inputs": [1], "outputs": ["1"]},
            {"inputs": [], "outputs": [], "fn_name": 3},
        ],
    )
    def test_wrong_tests_are_told(self, tests):
        with pytest.raises(UsageError, match="unit tests"):
            UnitTests.of(tests)
