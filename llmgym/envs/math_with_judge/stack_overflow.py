"""The environment of mathematical problems with the judge on."""

from __future__ import annotations

from typing import Any

from llmgym.envs.math_with_judge.env import MathWithJudgeEnv

__all__ = ["MathStackOverflowEnv"]


class MathStackOverflowEnv(MathWithJudgeEnv):
    r"""Solve a mathematical problem; math-verify compares the answer, and a judge looks again at what it refused.

    ## Description
    The same environment as `llmgym/MathWithJudge-v0`, with the judge on: the setting of problems that were asked on
    Stack Exchange, whose answers are often no plain expressions. It needs a judge, and making it without one says how
    to give one.

    Procedural tasks are those of `llmgym/MathWithJudge-v0`.

    ## Action Space
    A response: a string, an assistant message or an `llmgym.Response`. There are no tools. The prompt asks for the
    answer in `\boxed{...}`.

    ## Observation Space
    The conversation so far: `Messages`, a list of Chat messages.

    ## Starting State
    The prompt of the task.

    ## Rewards
    1.0 when math-verify accepts the answer. Else the judge compares the expected answer with the extracted one, or
    with the whole text if nothing was extracted: 1.0 when it says "equal", and again with the two in each other's
    place; 0.0 otherwise. The details are those of `llmgym/MathWithJudge-v0`.

    A judge that cannot be reached gives no reward at all: `step` raises `InfrastructureError` with the boundary
    `judge`, and a runner records the rollout as failed.

    ## Episode End
    As in `llmgym/MathWithJudge-v0`: the first response that says something ends it; a limit truncates it.

    ## Information
    As in `llmgym/MathWithJudge-v0`.

    ## Arguments
    ```python
    gym.make("llmgym/MathStackOverflow-v0", judge={"kind": "openai", "model": "...", "base_url": "http://127.0.0.1:8000/v1"})
    ```

    Those of `llmgym/MathWithJudge-v0`, with `should_use_judge=True` as the default.

    ## References
    NeMo Gym, resource server `math_with_judge`, configuration `math_stack_overflow`; data set
    `nvidia/Nemotron-RL-math-stack_overflow` (436307 rows, CC BY-SA 4.0).

    ## Version History
    * v0: the public rule, with a prompt for the judge of our own.
    """

    def __init__(self, *, should_use_judge: bool = True, **kwargs: Any):
        super().__init__(should_use_judge=should_use_judge, **kwargs)
