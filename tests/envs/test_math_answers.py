from __future__ import annotations

import asyncio

import pytest
from envs import math_solvers_algebra, math_solvers_counting, math_solvers_geometry, math_solvers_probability
from envs.math_solving import TEMPLATES, draws, solved

from llmgym.verifiers.math import verify_math

SOLVERS = {
    **math_solvers_algebra.SOLVERS,
    **math_solvers_counting.SOLVERS,
    **math_solvers_geometry.SOLVERS,
    **math_solvers_probability.SOLVERS,
}
DRAWS = 4


def test_every_kind_of_problem_has_a_solver():
    assert set(SOLVERS) == set(TEMPLATES)


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_the_answer_is_what_a_solver_finds_from_the_text(name):
    async def main():
        for level in range(3):
            checked = 0
            for problem in draws(name, level, 6 * DRAWS):
                found = solved(name, problem, SOLVERS[name])
                if found is None:
                    continue
                checked += 1
                if isinstance(found, str):
                    result = await verify_math(problem.answer, f"\\boxed{{{found}}}", timeout_seconds=30)
                    assert result.score == 1.0, (problem, found, result)
                else:
                    assert found, problem
                if checked == DRAWS:
                    break
            assert checked >= 2, f"level {level}: only {checked} problems could be solved"

    asyncio.run(main())
