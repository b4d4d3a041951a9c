"""The table of environments: one row each.

Importing :mod:`llmgym` registers them with Gymnasium through string entry points, so nothing heavy is imported until
an environment is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import gymnasium as gym

__all__ = ["SUITE", "Row", "offline_arguments", "register", "register_suite"]


@dataclass(frozen=True, slots=True)
class Row:
    """What the catalogue says about an environment.

    Attributes:
        id: Its Gymnasium id.
        entry_point: ``module:Class``.
        domain: What it is about.
        turns: How many turns an episode takes.
        tools: How many tools it offers, in words.
        public: The public data set that it reads unchanged, with size and licence.
        reward: What the reward means.
        offline: Constructor arguments with which it runs without a model of its own, such as a judge: for checks.
        sandbox: Whether it runs what a model wrote, and needs a sandbox for it.
    """

    id: str
    entry_point: str
    domain: str
    turns: str
    tools: str
    public: str
    reward: str
    offline: Mapping[str, Any] = field(default_factory=dict)
    sandbox: bool = False


SUITE: tuple[Row, ...] = (
    Row(
        "llmgym/Calendar-v0",
        "llmgym.envs.calendar:CalendarEnv",
        "multi-turn instruction following",
        "1 (recorded) or many (live)",
        "none",
        "nvidia/Nemotron-RL-agent-calendar_scheduling (Apache 2.0)",
        "1 when the calendar holds every event and keeps every constraint",
    ),
    Row(
        "llmgym/CodeGen-v0",
        "llmgym.envs.code_gen:CodeGenEnv",
        "programming",
        "1",
        "none",
        "nvidia/nemotron-RL-coding-competitive_coding (23,971 rows, Apache 2.0); LiveCodeBench files",
        "1 when the program passes every test",
        sandbox=True,
    ),
    Row(
        "llmgym/CodeGen-v1",
        "llmgym.envs.code_gen:CodeGenV1Env",
        "programming",
        "1",
        "none",
        "the same rows",
        "1 when the program passes every test, each in a process of its own, and there is one",
        sandbox=True,
    ),
    Row(
        "llmgym/EquivalenceLLMJudge-v0",
        "llmgym.envs.equivalence_llm_judge:EquivalenceLLMJudgeEnv",
        "knowledge, judged short answers",
        "1",
        "none",
        "nvidia/Nemotron-RL-knowledge-openQA (Apache 2.0)",
        "1 when the judge finds the answer equal to the expected one",
        {"judge": "exact"},
    ),
    Row(
        "llmgym/GoogleSearch-v0",
        "llmgym.envs.google_search:GoogleSearchEnv",
        "web search",
        "several",
        "2",
        "nvidia/Nemotron-RL-knowledge-web_search-mcqa (2,907 rows, Apache 2.0)",
        "1 when the first box of the last message holds the right letter",
    ),
    Row(
        "llmgym/InstructionFollowing-v0",
        "llmgym.envs.instruction_following:InstructionFollowingEnv",
        "instruction following",
        "1",
        "none",
        "nvidia/Nemotron-RL-instruction_following (46,391 rows, Apache 2.0)",
        "1 when every instruction is followed, or the share of them",
    ),
    Row(
        "llmgym/MathAdvancedCalculations-v0",
        "llmgym.envs.math_advanced_calculations:MathAdvancedCalculationsEnv",
        "multi-step tool calling",
        "many",
        "11",
        "nvidia/Nemotron-RL-math-advanced_calculations (100 rows, Apache 2.0)",
        "1 when every value was obtained from a tool, exactly",
    ),
    Row(
        "llmgym/MathStackOverflow-v0",
        "llmgym.envs.math_with_judge:MathStackOverflowEnv",
        "mathematics, with a judge",
        "1",
        "none",
        "nvidia/Nemotron-RL-math-stack_overflow (436,307 rows, CC BY-SA 4.0)",
        "1 when math-verify or the judge finds the answer equal to the right one",
        {"judge": "exact"},
    ),
    Row(
        "llmgym/MathWithJudge-v0",
        "llmgym.envs.math_with_judge:MathWithJudgeEnv",
        "mathematics",
        "1",
        "none",
        "nvidia/Nemotron-RL-math-OpenMathReasoning (112,867 rows, CC BY 4.0)",
        "1 when math-verify finds the answer equal to the right one",
    ),
    Row(
        "llmgym/MCQA-v0",
        "llmgym.envs.mcqa:MCQAEnv",
        "knowledge and reasoning",
        "1",
        "none",
        "nvidia/Nemotron-RL-knowledge-mcqa (27,568 rows, Apache 2.0)",
        "1 when the right letter is given in the form asked for",
    ),
    Row(
        "llmgym/MiniSWE-v0",
        "llmgym.envs.mini_swe:MiniSWEEnv",
        "software engineering",
        "many",
        "none, or 1",
        "SWE-Gym/SWE-Gym (2,438 rows, MIT); princeton-nlp/SWE-bench_Verified (500 rows, MIT)",
        "1 when the failing tests pass and the passing ones still do",
        sandbox=True,
    ),
    Row(
        "llmgym/MiniSWE-v1",
        "llmgym.envs.mini_swe:MiniSWEV1Env",
        "software engineering",
        "many",
        "none, or 1",
        "the same rows",
        "the same, for what was handed in, on a fresh tree",
        sandbox=True,
    ),
    Row(
        "llmgym/MultiStep-v0",
        "llmgym.envs.multi_step:MultiStepEnv",
        "multi-step tool calling",
        "several",
        "2",
        "NeMo Gym example_multi_step (77 rows, Apache 2.0)",
        "1 when the last extraction lists the expected values in order",
    ),
    Row(
        "llmgym/SessionState-v0",
        "llmgym.envs.session_state:SessionStateEnv",
        "stateful tools",
        "several",
        "2",
        "NeMo Gym example_session_state_mgmt (5 rows, Apache 2.0)",
        "1 when the counter ends at the expected value",
    ),
    Row(
        "llmgym/SingleToolCall-v0",
        "llmgym.envs.single_tool_call:SingleToolCallEnv",
        "tool calling",
        "2",
        "1",
        "NeMo Gym example_single_tool_call (5 rows, Apache 2.0)",
        "always 1, as in the public environment: a smoke test",
    ),
    Row(
        "llmgym/SingleToolCall-v1",
        "llmgym.envs.single_tool_call:SingleToolCallV1Env",
        "tool calling",
        "2",
        "1",
        "the same rows",
        "1 when the weather of the named city was looked up and an answer given",
    ),
    Row(
        "llmgym/StructuredOutputs-v0",
        "llmgym.envs.structured_outputs:StructuredOutputsEnv",
        "structured output",
        "1",
        "none, or the row's (not run)",
        "nvidia/Nemotron-RL-instruction_following-structured_outputs (9,437 rows; Apache 2.0 and CC BY 4.0 are both "
        "stated)",
        "1 when the answer fits the strict schema",
    ),
    Row(
        "llmgym/WorkplaceAssistant-v0",
        "llmgym.envs.workplace_assistant:WorkplaceAssistantEnv",
        "office work with tools",
        "up to 6",
        "27",
        "nvidia/Nemotron-RL-agent-workplace_assistant (1,255 + 545 rows, Apache 2.0)",
        "1 when the tables end up as the ground truth's actions leave them",
    ),
)


def register(id: str, entry_point: str, *, kwargs: Mapping[str, Any] | None = None, **options: Any) -> None:
    """Register an environment with Gymnasium, with a vector entry point that runs it asynchronously.

    Args:
        id: ``namespace/Name-v0``.
        entry_point: ``module:Class`` of an :class:`llmgym.Env`.
        kwargs: Default constructor arguments, JSON values.
        **options: Anything else that ``gymnasium.register`` takes.
    """
    gym.register(
        id=id,
        entry_point=entry_point,
        vector_entry_point=f"llmgym.vector.entry_points:{id}",
        kwargs=dict(kwargs or {}),
        **options,
    )


def offline_arguments(id: str) -> dict[str, Any]:
    """Return the arguments with which an environment of the suite runs without a model of its own; empty for most."""
    return next((dict(row.offline) for row in SUITE if row.id == id), {})


def register_suite() -> None:
    """Register the suite. A second call changes nothing."""
    for row in SUITE:
        if row.id not in gym.registry:
            register(row.id, row.entry_point)
