"""The environment of short answers that a judge compares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmgym.core import Env, Episode
from llmgym.envs.arguments import one_of, unshaped
from llmgym.envs.equivalence_llm_judge.prompts import JUDGE_TEMPLATE, STYLES
from llmgym.envs.equivalence_llm_judge.questions import DOMAINS
from llmgym.envs.equivalence_llm_judge.tasks import (
    DIFFICULTIES,
    expected_answer,
    make_question_task,
    output_regex,
)
from llmgym.envs.row_metadata import with_metadata
from llmgym.errors import InvalidTask, UsageError
from llmgym.messages import Action
from llmgym.policies.judge import CONCURRENCY, make_judge
from llmgym.tasks import Task, TaskSet
from llmgym.threads import in_thread
from llmgym.verdict import Verdict
from llmgym.verifiers.equivalence import (
    NO_ANSWER,
    Candidate,
    EquivalenceRules,
    extract,
    grade_equivalence,
    last_user_text,
    read_candidate,
)
from llmgym.verifiers.judge import EQUAL_LABEL, NOT_EQUAL_LABEL, Evaluation, JudgePrompt, read_template
from llmgym.verifiers.screening import says_nothing

__all__ = ["EquivalenceLLMJudgeEnv"]


class EquivalenceLLMJudgeEnv(Env):
    r"""Answer a question in a few words; a judge says whether that is the expected answer.

    ## Description
    One question with one short answer: a number, a name, a term. The answer may be worded in any way. A judge, which
    is usually a language model, compares it with the expected one.

    Procedural tasks are generated from facts that hold by definition or can be worked out. There are six domains:
    `dates`, `definitions`, `elements`, `facts`, `numbers` and `units`. `easy` asks for one fact, `medium` for one
    step of working out, `hard` for several. Each row also brings right answers in other words (`paraphrases`) and
    wrong ones that lie near (`near_misses`), to measure a judge with.

    ## Action Space
    A response: a string, an assistant message or an `llmgym.Response`. There are no tools. The prompt asks for one of
    these forms:

    | answer style | form | `output_regex` of the row |
    |---|---|---|
    | `plain` | the answer and nothing else | none |
    | `line` | a line `Answer: ...` | the rest of that line |
    | `boxed` | `\boxed{...}` | what is in the box |

    ## Observation Space
    The conversation so far: `Messages`, a list of Chat messages.

    ## Starting State
    The prompt of the task: for procedural tasks, one user message with the question and the form of the answer.

    ## Rewards
    The answer is the text of the last assistant message, its parts joined by line ends, stripped; an absent or empty
    one becomes `[NO VALID ANSWER EXTRACTED]`. If the row has a `template_metadata.output_regex`, the answer is the
    first group that is not empty (or the whole) of its last match, with `^`, `$` and `.` as in `re.M | re.S`; without
    a match it is the whole text. The judge sees the last user message, the expected answer and this answer. Of the
    two labels, the one that occurs first in the last part of its last message is the verdict; no label is "not
    equal".

    | verdict | reward |
    |---|---|
    | "not equal" | 0.0 |
    | "not equal", but "equal" for the whole text, asked with `check_full_generation_on_fail` for rows with a pattern | `reward_if_full_generation_succeeds` |
    | "equal" | 1.0 |
    | "equal", but not with the answers in each other's place, asked with `check_twice_swap` | `reward_if_swap_fails` |

    If the expected answer of a row with a pattern is longer than `extraction_length_threshold`, the whole text is
    compared, once.

    A judge that cannot be reached gives no reward at all: `step` raises `InfrastructureError` with the boundary
    `judge`, and a runner records the rollout as failed.

    ## Episode End
    * Termination: the first response that says something (`answered`).
    * Truncation: `max_turns` responses (each with tool calls or reasoning alone), a response that was cut off
      (`length`, `content_filter`), or `deadline`. What was said is judged all the same.

    ## Information
    At reset `tools` (empty), `task_id`, `task_index`, `params` and `new_messages`; at each step `turn` and
    `new_messages`; at the end also `stop_reason`, `components`, `metrics`, `reason` and `vacuous`.

    `components` has `first_verdict` and, where they were asked for, `swap_verdict` and `full_generation_verdict`: 1.0
    for "equal", else 0.0. `metrics` has

    * `expected_answer`, `extracted_answer` (str);
    * `judge_evaluations` (list): `request`, `response` and `verdict_label` of each question to the judge;
    * `judge_calls`, `judge_without_verdict` (int): questions, and replies without a label;
    * `judge_prompt_tokens`, `judge_completion_tokens` (int), where the judge counts them;
    * `domain`, `difficulty` (str), where the row's `metadata` tells them.

    A reward below 1.0 has one of these reasons: `not_equal`, `no_verdict`, `swap_not_equal`,
    `full_generation_equal`, `regex_too_slow`, `says_nothing`. A row without an expected answer is `vacuous`.

    ## Arguments
    ```python
    gym.make("llmgym/EquivalenceLLMJudge-v0", judge={"kind": "openai", "model": "...", "base_url": "http://127.0.0.1:8000/v1"})
    ```

    | `judge` | who judges |
    |---|---|
    | `{"kind": "openai", "model": ..., "base_url": ...}` | a model at an OpenAI-compatible endpoint; further keys are those of `llmgym.policies.OpenAIPolicy`, and `cache` (`true`, `false` or a file), `concurrency`, `api_key_env` |
    | `"local"` or `{"kind": "local", ...}` | a small model on this machine; further keys are those of `llmgym.policies.LocalPolicy` |
    | `"exact"` | no language model but a rule: the same words and numbers, however they are written (`llmgym.verifiers.same_answer`). Enough for the procedural tasks, offline |
    | `{"kind": "scripted", "replies": [...]}` | the replies in order: a text, a list of raw output items, or `{"error": ...}` for a judge that cannot be reached |
    | `None` | the `judge` of the settings (`LLMGYM_JUDGE__MODEL`, ...), else their `policy` |

    Equal questions are asked once: answers are kept in memory, for all environments with the same judge.

    | argument | default | meaning |
    |---|---|---|
    | `judge_equal_label`, `judge_not_equal_label` | `[[A=B]]`, `[[A!=B]]` | what the judge writes |
    | `judge_system_message` | `None` | a system message for the judge |
    | `judge_prompt_template_fpath` | `None` | a file with a prompt of your own; placeholders `{question}`, `{expected_answer}`, `{generated_answer}` |
    | `judge_responses_create_params` | `None` | sampling parameters for the judge, such as `{"temperature": 0, "max_output_tokens": 512}` |
    | `judge_endpoint_max_concurrency` | `64` | most questions to the judge at a time |
    | `question_extract_regex` | `None` | pattern for the question in the last user message |
    | `response_extract_regex` | `None` | pattern for the answer of rows without one of their own |
    | `check_twice_swap` | `False` | ask again with the answers in each other's place |
    | `reward_if_swap_fails` | `0.0` | reward when that fails |
    | `use_per_record_regex` | `True` | whether `output_regex` of a row counts |
    | `extraction_length_threshold` | `None` | longest expected answer for which it counts, characters |
    | `check_full_generation_on_fail` | `False` | ask again with the whole text |
    | `reward_if_full_generation_succeeds` | `0.0` | reward when that succeeds |
    | `fence_answers` | `True` | put each text between marks that it cannot imitate, and disarm labels and control tokens in it; `False` puts it in as it is |
    | `screen_answers` | `False` | give 0.0 without asking for answers that say nothing, such as `:` or `Solution` |
    | `difficulty` | `"medium"` | `easy`, `medium` or `hard`; procedural tasks only |
    | `answer_style` | `None` | one of the three styles; `None` mixes them; procedural tasks only |
    | `domains` | `None` | list of domains; `None` for all; procedural tasks only |
    | `dataset` | `None` | a file, hub id or rows of the public schema |
    | `split`, `num_tasks`, `max_turns`, `deadline`, `tool_timeout`, `on_bad_row`, `render_mode` | | as in `llmgym.Env` |

    A row has `expected_answer` (else that of its `metadata`), and if it likes `template_metadata` with
    `output_regex`, `question` (not used for judging), `options`, `metadata`, `uuid`.

    ## References
    NeMo Gym, resource server `equivalence_llm_judge`; data set `nvidia/Nemotron-RL-knowledge-openQA` (Apache 2.0).

    ## Version History
    * v0: the public rule, with a prompt of our own. A pattern that never ends there is a reward of 0.0 here; equal
      questions are asked once; failed calls are tried again.
    """

    def __init__(
        self,
        *,
        judge: Any = None,
        judge_equal_label: str = EQUAL_LABEL,
        judge_not_equal_label: str = NOT_EQUAL_LABEL,
        judge_system_message: str | None = None,
        judge_prompt_template_fpath: str | None = None,
        judge_responses_create_params: Mapping[str, Any] | None = None,
        judge_endpoint_max_concurrency: int = CONCURRENCY,
        question_extract_regex: str | None = None,
        response_extract_regex: str | None = None,
        check_twice_swap: bool = False,
        reward_if_swap_fails: float = 0.0,
        use_per_record_regex: bool = True,
        extraction_length_threshold: int | None = None,
        check_full_generation_on_fail: bool = False,
        reward_if_full_generation_succeeds: float = 0.0,
        fence_answers: bool = True,
        screen_answers: bool = False,
        difficulty: str = "medium",
        answer_style: str | None = None,
        domains: Sequence[str] | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.rules = EquivalenceRules(
            check_twice_swap,
            reward_if_swap_fails,
            use_per_record_regex,
            extraction_length_threshold,
            check_full_generation_on_fail,
            reward_if_full_generation_succeeds,
            response_extract_regex,
        )
        file = judge_prompt_template_fpath
        self.prompt = JudgePrompt(
            JUDGE_TEMPLATE if file is None else read_template(file),
            judge_system_message,
            judge_equal_label,
            judge_not_equal_label,
            fence_answers,
        )
        self.judge_params = dict(judge_responses_create_params or {})
        if self.judge_params.pop("input", None):
            raise UsageError(
                "Expected no 'input' in judge_responses_create_params: the template asks the judge."
            )
        self.question_extract_regex, self.screen_answers = question_extract_regex, screen_answers
        one_of("difficulty", difficulty, DIFFICULTIES)
        if answer_style is not None:
            one_of("answer_style", answer_style, tuple(STYLES))
        if domains is not None and (
            isinstance(domains, str) or not domains or not set(domains) <= set(DOMAINS)
        ):
            raise UsageError(
                f"Expected domains to be a list of some of {', '.join(DOMAINS)}, found {domains!r}."
            )
        unshaped(self.dataset, answer_style=answer_style, domains=domains)
        self.difficulty, self.answer_style = difficulty, answer_style
        self.domains = None if domains is None else list(domains)
        self.judge = make_judge(judge, concurrency=judge_endpoint_max_concurrency)

    def task_set(self, dataset: Any, split: str) -> TaskSet:
        """Return procedural tasks, or those of a data set."""
        if dataset is not None:
            return TaskSet.load(dataset, split, on_error=self.on_bad_row)
        return TaskSet.procedural(
            make_question_task,
            split=split,
            difficulty=self.difficulty,
            answer_style=self.answer_style,
            domains=self.domains,
        )

    def begin(self, task: Task) -> None:
        """Check that the task can be graded.

        Raises:
            InvalidTask: When the expected answer is not a text.
        """
        expected_answer(task)

    async def verify(self, episode: Episode) -> Verdict:
        """Let the judge compare the answer with the expected one, by the public rule.

        Raises:
            InfrastructureError: When the judge cannot be reached; the boundary is ``judge``.
        """
        task = episode.task
        expected = expected_answer(task)
        candidate = await self._candidate(task, episode.items, expected)
        if self.screen_answers and (candidate.text == NO_ANSWER or says_nothing(candidate.text)):
            metrics = {"expected_answer": expected, "extracted_answer": candidate.text, "judge_calls": 0}
            verdict = Verdict(0.0, metrics=metrics, reason="says_nothing")
        else:
            question = await self._question(task)

            async def compare(one: str, other: str) -> Evaluation:
                return await self.judge.compare(self.prompt, question, one, other, params=self.judge_params)

            verdict = await grade_equivalence(candidate, expected, compare, self.rules)
        return with_metadata(verdict, task, ("domain", "difficulty"))

    def oracle(self, task: Task) -> list[Action] | None:
        """Return the expected answer, in a form from which it is extracted unchanged; ``None`` where there is none."""
        expected, pattern = expected_answer(task).strip(), output_regex(task)
        forms = {style.pattern: style.form.format(answer=expected) for style in STYLES.values()}
        if pattern in forms and (pattern or self.rules.response_extract_regex is None):
            return [forms[pattern]] if expected else None
        for form in (expected, *forms.values()):
            item = {"type": "message", "role": "assistant", "content": form}
            if expected and read_candidate([item], expected, pattern, self.rules).text == expected:
                return [form]
        return None

    async def _candidate(self, task: Task, items: list[dict[str, Any]], expected: str) -> Candidate:
        pattern = output_regex(task)
        if pattern or self.rules.response_extract_regex:
            # A pattern is searched in another process, and the event loop must not wait for that.
            return await in_thread(read_candidate, items, expected, pattern, self.rules)
        return read_candidate(items, expected, pattern, self.rules)

    async def _question(self, task: Task) -> str:
        params = (task.source or {}).get("responses_create_params")
        if isinstance(params, Mapping) and isinstance(params.get("input"), str):
            # The public verifier looks for user messages in a list, and finds none in a text.
            return ""
        question = last_user_text(task.messages)
        if self.question_extract_regex is None:
            return question
        found = await in_thread(extract, question, self.question_extract_regex)
        if found.too_slow:
            raise InvalidTask(
                f"Task {task.id!r}: the search with question_extract_regex in the question took more than half a "
                "second; give a simpler pattern."
            )
        return found.text
