from __future__ import annotations

import asyncio
import inspect
import json

import numpy as np
import pytest
from envs import code_gen_naive

from llmgym.envs.code_gen.generate import DIFFICULTIES, MODES, make_program_task, row_of
from llmgym.envs.code_gen.problems import FAMILIES, Draw
from llmgym.errors import UsageError
from llmgym.tasks import TaskSet
from llmgym.verifiers.code import code_sandbox, verify_code

ALL = [family for families in FAMILIES.values() for family in families]
SMALL = 60_000
"""Cases whose numbers are larger than this are left to the fast solutions."""
# The rest of the large numbers that cases may have without being many steps.
VALUES = {
    "records",
    "most_frequent",
    "pair_sums",
    "longest_stretch",
    "range_sums",
    "divisible_stretches",
    "steady_window",
}
VALUES |= {"longest_climb", "next_taller", "hoarding", "near_half"}


def numbers(value):
    if isinstance(value, list | tuple):
        for each in value:
            yield from numbers(each)
    elif isinstance(value, int):
        yield value


def small(family, case) -> bool:
    return family.__name__ in VALUES or all(abs(x) <= SMALL for x in numbers(case))


@pytest.fixture(scope="module")
def sandbox():
    try:
        code_sandbox(None)
    except UsageError as error:
        pytest.skip(str(error))


def test_there_are_families_enough():
    assert all(len(FAMILIES[difficulty]) >= 8 for difficulty in DIFFICULTIES)
    assert len({family.__name__ for family in ALL}) == len(ALL) >= 24


@pytest.mark.parametrize("family", ALL, ids=lambda family: family.__name__)
def test_the_fast_solution_agrees_with_a_straightforward_one(family):
    naive, compared = getattr(code_gen_naive, family.__name__), 0
    for seed in range(25):
        problem = family(Draw(seed))
        draw = Draw(1000 + seed)
        for case in [*problem.edges, *(problem.draw_case(draw) for _ in range(4))]:
            if small(family, case):
                assert problem.solved(case) == naive(*case, **problem.knobs), (problem.statement, case)
                compared += 1
    assert compared >= 100


@pytest.mark.parametrize("family", ALL, ids=lambda family: family.__name__)
def test_programs_of_the_oracle_pass_in_both_forms(family, sandbox):
    problem = family(Draw(11))
    rows = [row_of(problem, mode) for mode in MODES]

    async def check():
        return await asyncio.gather(
            *[verify_code(row["solution"], row["verifier_metadata"]["unit_tests"]) for row in rows]
        )

    for row, result in zip(rows, asyncio.run(check()), strict=True):
        tests = row["verifier_metadata"]["unit_tests"]
        assert result.passed and len(result.result) == len(tests["inputs"]) >= 12, result
        assert (tests["fn_name"] is None) == (row is rows[0])


SLOW = (
    "records",
    "pair_sums",
    "multiples_below",
    "divisible_stretches",
    "next_taller",
    "recurrence",
    "near_half",
)


@pytest.mark.parametrize("name", SLOW)
def test_a_straightforward_solution_fails_the_large_test(name, sandbox):
    family = next(family for family in ALL if family.__name__ == name)
    problem = family(Draw(5))
    tests = row_of(problem, "call")["verifier_metadata"]["unit_tests"]
    naive = inspect.getsource(getattr(code_gen_naive, name))
    knobs = "".join(f", {key}={value!r}" for key, value in problem.knobs.items())
    code = f"{naive}\ndef {tests['fn_name']}(*args):\n    return {name}(*args{knobs})"
    if "class Solution" in row_of(problem, "call")["solution"]:
        code = f"{naive}\nclass Solution:\n    def {tests['fn_name']}(self, *args):\n        return {name}(*args{knobs})"
    # Those tests that have numbers too large for it, and so are no fair ones, are left out.
    keep = [
        place
        for place, text in enumerate(tests["inputs"])
        if place == len(tests["inputs"]) - 1 or small(family, [json.loads(line) for line in text.split("\n")])
    ]
    chosen = {
        **tests,
        "inputs": [tests["inputs"][p] for p in keep],
        "outputs": [tests["outputs"][p] for p in keep],
    }
    result = asyncio.run(verify_code(code, chosen, unit_test_timeout_secs=2))
    assert result.result == [True] * (len(keep) - 1) + [-3]


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_rows_are_repeatable_and_of_the_public_schema(difficulty):
    for index in range(4):
        one, other = (
            make_program_task(np.random.default_rng(index), index, difficulty=difficulty) for _ in range(2)
        )
        assert one == other
        assert json.loads(json.dumps(one)) == one
        tests = one["verifier_metadata"]["unit_tests"]
        assert set(tests) == {"inputs", "outputs", "fn_name"}
        assert all(isinstance(text, str) for text in tests["inputs"] + tests["outputs"])
        assert one["verifier_metadata"]["difficulty"] == difficulty
        assert "```python" in one["responses_create_params"]["input"][0]["content"]


def test_the_splits_share_no_problem():
    splits = {
        split: {
            TaskSet.procedural(make_program_task, split=split)[index].data["hash_id"] for index in range(15)
        }
        for split in ("train", "validation", "test")
    }
    assert not splits["train"] & splits["test"] and not splits["train"] & splits["validation"]
    assert len(splits["train"]) > 12


def test_the_right_answers_are_not_all_alike():
    for family in ALL:
        tests = row_of(family(Draw(3)), "stdin")["verifier_metadata"]["unit_tests"]
        assert len(set(tests["outputs"])) >= 3, family.__name__
