"""The environment of mathematical problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmgym.core import Env, Episode
from llmgym.envs.arguments import one_of, unshaped
from llmgym.envs.math_with_judge.generate import DIFFICULTIES, make_problem
from llmgym.envs.math_with_judge.problems import DOMAINS
from llmgym.envs.math_with_judge.prompts import JUDGE_SYSTEM_MESSAGE, JUDGE_TEMPLATE
from llmgym.envs.row_metadata import with_metadata
from llmgym.errors import InvalidTask, UsageError
from llmgym.messages import Action
from llmgym.policies.judge import CONCURRENCY as JUDGE_CONCURRENCY
from llmgym.policies.judge import make_judge
from llmgym.tasks import Task, TaskSet
from llmgym.verdict import Verdict
from llmgym.verifiers.judge import EQUAL_LABEL, NOT_EQUAL_LABEL, Evaluation, JudgePrompt, read_template
from llmgym.verifiers.math import (
    CONCURRENCY,
    TIMEOUT_SECONDS,
    MathResult,
    boxed,
    check_installed,
    library_verdict,
    verify_math,
)
from llmgym.verifiers.math_judge import judge_math

__all__ = ["MathWithJudgeEnv"]


class MathWithJudgeEnv(Env):
    r"""Solve a mathematical problem and put the answer into a box; math-verify compares it with the right one.

    ## Description
    One problem with one exact answer: a number, an expression, a point, a set, an interval, a matrix. The model may
    reason in its text. This is the setting of OpenMathReasoning: the judge is off unless `should_use_judge` is on.

    Procedural tasks are generated together with their exact answers, in LaTeX of varied style. There are 77 kinds of
    problems in six domains: `algebra`, `calculus`, `combinatorics`, `geometry`, `number_theory` and `probability`.

    | difficulty | problems |
    |---|---|
    | `easy` | small numbers, one idea |
    | `medium` | larger numbers, two or three steps |
    | `hard` | a condition more, three dimensions, several terms |

    The right answer never stands in the question, so repeating the question earns nothing.

    ## Action Space
    A response: a string, an assistant message or an `llmgym.Response`. There are no tools. The prompt asks for the
    answer in `\boxed{...}`.

    ## Observation Space
    The conversation so far: `Messages`, a list of Chat messages.

    ## Starting State
    The prompt of the task: for procedural tasks, one user message with the question and the form of the answer.

    ## Rewards
    The text is the concatenation, with nothing between, of the texts of all assistant messages.

    1. *Library pass.* The expected answer, without `\( \)` and `$ $` around it, goes into a box and is parsed as
       LaTeX. math-verify looks for expressions in the text: a box counts before other mathematics, the last of its
       kind before earlier ones (boxes with few characters between them are read as one list); without a box, the
       last expression of the text may count. 1.0 when one of them equals the expected answer as text, as a number to
       6 decimal places, or symbolically; else 0.0. An answer that takes longer than
       `library_verifier_timeout_seconds`, or whose expected answer cannot be read, earns 0.0.
    2. *Judge pass*, only with `should_use_judge` and after a 0.0. The judge compares the expected answer with the
       extracted one, or with the whole text if nothing was extracted. 1.0 when it says "equal", and again with the
       two in each other's place; else 0.0. Of the two labels, the one that occurs first in the last part of its last
       message is the verdict; no label is "not equal".

    A judge that cannot be reached gives no reward at all: `step` raises `InfrastructureError` with the boundary
    `judge`, and a runner records the rollout as failed.

    Known weaknesses of the library pass, kept for parity: `\boxed{43=42}` is accepted for 42, as the last side of an
    equation counts (`strict=True` refuses it); an expression that merely simplifies to the answer, such as an
    unevaluated integral, is accepted; `42\%` is accepted for 0.42; a word is read as a product of letters, so that
    "neve" equals "even".

    ## Episode End
    * Termination: the first response that says something (`answered`).
    * Truncation: `max_turns` responses (each with tool calls or reasoning alone), a response that was cut off
      (`length`, `content_filter`), or `deadline`. What was said is graded all the same.

    ## Information
    At reset `tools` (empty), `task_id`, `task_index`, `params` and `new_messages`; at each step `turn` and
    `new_messages`; at the end also `stop_reason`, `components`, `metrics`, `reason` and `vacuous`.

    `components` has `library_reward` and, where the judge was asked, `first_verdict` and `swap_verdict`: 1.0 for
    "equal", else 0.0. `metrics` has

    * `library_reward`, `symbolic_accuracy` (float): the score of the library pass;
    * `expected_answer` (str); `extracted_answer` (str), where there is one, as math-verify writes it;
    * where the judge was asked, `judge_evaluations` (list): `request`, `response` and `verdict_label` of each
      question; `judge_accuracy` (float): the reward; `judge_calls`, `judge_without_verdict` (int);
      `judge_prompt_tokens`, `judge_completion_tokens` (int), where the judge counts them;
    * `domain`, `template`, `difficulty` (str), where the row's `metadata` tells them.

    A reward of 0.0 has one of these reasons: `wrong_answer`, `no_answer`, `timeout`, `crash`, `too_long`,
    `unreadable_expected_answer`, `false_equation`, `error`; after a judge `not_equal`, `swap_not_equal`,
    `no_verdict`, `empty_judge_reply`.

    ## Arguments
    ```python
    gym.make("llmgym/MathWithJudge-v0", difficulty="hard", domains=["calculus", "probability"])
    ```

    | argument | default | meaning |
    |---|---|---|
    | `should_use_judge` | `False` | whether a judge looks again at what the library pass refused |
    | `library_verifier_timeout_seconds` | `10.0` | seconds that one answer may take |
    | `library_verifier_max_concurrency` | `32` | most answers graded at a time, never more than processors |
    | `strict` | `False` | refuse answers that hold a false equation between numbers |
    | `judge` | `None` | who judges, as in `llmgym/EquivalenceLLMJudge-v0`; `None` takes the judge of the settings |
    | `judge_responses_create_params` | `None` | sampling parameters for the judge, such as `{"temperature": 0}` |
    | `judge_equal_label`, `judge_not_equal_label` | `[[A=B]]`, `[[A!=B]]` | what the judge writes |
    | `judge_system_message` | our own | the system message for the judge; `""` for none |
    | `judge_prompt_template_fpath` | `None` | a file with a prompt of your own; placeholders `{question}`, `{expected_answer}`, `{generated_answer}` |
    | `judge_endpoint_max_concurrency` | `64` | most questions to the judge at a time |
    | `fence_answers` | `True` | put each text between marks that it cannot imitate, and disarm labels and control tokens in it; `False` puts it in as it is |
    | `difficulty` | `"medium"` | `easy`, `medium` or `hard`; procedural tasks only |
    | `domains` | `None` | list of domains; `None` for all; procedural tasks only |
    | `dataset` | `None` | a file, hub id or rows of the public schema |
    | `split`, `num_tasks`, `max_turns`, `deadline`, `tool_timeout`, `on_bad_row`, `render_mode` | | as in `llmgym.Env` |

    A row has `question` and `expected_answer` (text, often between `\( \)` or `$ $`) and, if it likes, `metadata`.
    The extra `math` brings math-verify 0.8.0 and latex2sympy2-extended 1.10.2, whose exact versions parity needs.

    ## References
    NeMo Gym, resource server `math_with_judge`; data sets `nvidia/Nemotron-RL-math-OpenMathReasoning` (112867 rows,
    CC BY 4.0) and AIME24 (30 rows, Apache 2.0).

    ## Version History
    * v0: the public rule, with a prompt for the judge of our own. An answer of more than 64 KiB is graded, where the
      public verifier hangs; expressions of more than 100,000 characters or 200 levels are given up at once.
    """

    def __init__(
        self,
        *,
        should_use_judge: bool = False,
        library_verifier_timeout_seconds: float = TIMEOUT_SECONDS,
        library_verifier_max_concurrency: int = CONCURRENCY,
        strict: bool = False,
        judge: Any = None,
        judge_responses_create_params: Mapping[str, Any] | None = None,
        judge_equal_label: str = EQUAL_LABEL,
        judge_not_equal_label: str = NOT_EQUAL_LABEL,
        judge_system_message: str = JUDGE_SYSTEM_MESSAGE,
        judge_prompt_template_fpath: str | None = None,
        judge_endpoint_max_concurrency: int = JUDGE_CONCURRENCY,
        fence_answers: bool = True,
        difficulty: str = "medium",
        domains: Sequence[str] | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        check_installed()
        if not isinstance(should_use_judge, bool):
            raise UsageError(f"Expected should_use_judge to be true or false, found {should_use_judge!r}.")
        self.should_use_judge = should_use_judge
        _positive("library_verifier_timeout_seconds", library_verifier_timeout_seconds, int | float)
        _positive("library_verifier_max_concurrency", library_verifier_max_concurrency, int)
        self.timeout_seconds = library_verifier_timeout_seconds
        self.max_concurrency = library_verifier_max_concurrency
        self.strict = strict
        file = judge_prompt_template_fpath
        self.prompt = JudgePrompt(
            JUDGE_TEMPLATE if file is None else read_template(file),
            judge_system_message or None,
            judge_equal_label,
            judge_not_equal_label,
            fence_answers,
        )
        self.judge_params = dict(judge_responses_create_params or {})
        if self.judge_params.pop("input", None):
            raise UsageError(
                "Expected no 'input' in judge_responses_create_params: what the judge is asked comes from the template."
            )
        one_of("difficulty", difficulty, DIFFICULTIES)
        if domains is not None:
            if isinstance(domains, str) or not isinstance(domains, Sequence) or not domains:
                raise UsageError(
                    f"Expected domains to be a list of names among {', '.join(DOMAINS)}, or None, found {domains!r}."
                )
            for domain in domains:
                one_of("each of the domains", domain, tuple(DOMAINS))
        unshaped(self.dataset, domains=domains)
        self.difficulty, self.domains = difficulty, None if domains is None else list(domains)
        self.judge = (
            make_judge(judge, concurrency=judge_endpoint_max_concurrency) if self.should_use_judge else None
        )

    def task_set(self, dataset: Any, split: str) -> TaskSet:
        """Return procedural tasks, or those of a data set."""
        if dataset is not None:
            return TaskSet.load(dataset, split, on_error=self.on_bad_row)
        return TaskSet.procedural(make_problem, split=split, difficulty=self.difficulty, domains=self.domains)

    def begin(self, task: Task) -> None:
        """Check that the task can be graded.

        Raises:
            InvalidTask: When the question or the expected answer is missing or no text.
        """
        for name in ("question", "expected_answer"):
            if not isinstance(task.data.get(name), str):
                raise InvalidTask(
                    f"Task {task.id!r}: expected {name!r} to be a text, found {task.data.get(name)!r}."
                )

    async def verify(self, episode: Episode) -> Verdict:
        """Grade what was said, by the public rule.

        Raises:
            InfrastructureError: When the judge cannot be reached (boundary ``judge``), or no process for math-verify
                can be started (boundary ``sandbox``).
        """
        data, text = episode.task.data, episode.output_text
        expected, judge = data["expected_answer"], self.judge
        result = await self._library(expected, text)
        if judge is None:
            verdict = library_verdict(expected, result)
        else:

            async def compare(one: str, other: str) -> Evaluation:
                return await judge.compare(
                    self.prompt, data["question"], one, other, params=self.judge_params
                )

            verdict = await judge_math(expected, text, result, compare)
        return with_metadata(verdict, episode.task, ("domain", "template", "difficulty"))

    async def oracle(self, task: Task) -> list[Action] | None:
        """Return the expected answer in a box; ``None`` when math-verify does not accept it as equal to itself."""
        answer = boxed(task.data["expected_answer"])
        result = await self._library(task.data["expected_answer"], answer)
        return [answer] if result.score == 1.0 else None

    async def _library(self, expected: str, text: str) -> MathResult:
        return await verify_math(
            expected,
            text,
            timeout_seconds=self.timeout_seconds,
            max_concurrency=self.max_concurrency,
            strict=self.strict,
        )


def _positive(name: str, value: Any, kind: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, kind) or not 0 < value < float("inf"):
        number = "whole number" if kind is int else "number"
        raise UsageError(f"Expected {name} to be a {number} above 0, found {value!r}.")
