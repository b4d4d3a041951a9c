"""The multiple-choice environment."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

from llmgym import bridge
from llmgym.core import Env, Episode
from llmgym.envs.arguments import one_of, unshaped
from llmgym.envs.mcqa.generate import DIFFICULTIES, make_question
from llmgym.envs.mcqa.prompts import STYLES
from llmgym.envs.mcqa.questions import DOMAINS
from llmgym.envs.row_metadata import with_metadata
from llmgym.errors import InvalidTask, UsageError
from llmgym.messages import Action
from llmgym.tasks import Task, TaskSet
from llmgym.threads import in_thread
from llmgym.verdict import Verdict
from llmgym.verifiers.choice import GRADING_MODES, grade_choice

__all__ = ["MCQAEnv"]

DEFAULT_MODE = "strict_single_letter_boxed"
ROW_MODES = tuple(mode for mode in GRADING_MODES if mode != "lenient_answer_colon_md")

# The styles of prompt whose answers a mode can read, the one that asks for just this form first.
_STYLES_OF_MODE = {
    "strict_single_letter_boxed": ("boxed_letter", "pattern"),
    "lenient_boxed": ("boxed_option", "boxed_letter", "pattern"),
    "lenient_answer_colon": ("answer_colon", "pattern"),
    "lenient_answer_colon_md": ("answer_colon", "pattern"),
}


class MCQAEnv(Env):
    r"""Answer a multiple-choice question in the form that the prompt asks for.

    ## Description
    One question, 2 to 10 options with letters, one of them right. The model may reason in its text; what counts is
    the letter that it states in the form asked for.

    Procedural tasks are generated and checked: the right option is computed exactly, every wrong one is a plausible
    slip that is known to be wrong, no option's text contains another's, and the place of the right one is drawn
    uniformly. There are twelve domains: `arithmetic`, `counting`, `dates`, `geometry`, `logic`, `number_theory`,
    `ordering`, `probability`, `sequences`, `tables`, `text` and `units`.

    | difficulty | options | questions |
    |---|---|---|
    | `easy` | 3-4 | small numbers, one step |
    | `medium` | 4-6 | larger numbers, two or three steps |
    | `hard` | 7-10 | large numbers, many steps, more conditions |

    A few kinds of question have fewer possible answers, such as the seven days of the week, and then fewer options.

    ## Action Space
    A response: a string, an assistant message or an `llmgym.Response`. There are no tools. The prompt asks for one
    of these forms:

    | answer style | form | grading mode of the row |
    |---|---|---|
    | `boxed_letter` | `\boxed{B}` | `strict_single_letter_boxed` |
    | `boxed_option` | `\boxed{B}` or `\boxed{text of the option}` | `lenient_boxed` |
    | `answer_colon` | a line `Answer: B` | `lenient_answer_colon` |
    | `pattern` | whatever `template_metadata.output_regex` finds | `strict_single_letter_boxed` |

    ## Observation Space
    The conversation so far: `Messages`, a list of Chat messages.

    ## Starting State
    The prompt of the task: for procedural tasks, one user message with the question, the options and the form.

    ## Rewards
    1.0 when the letter that was extracted equals `expected_answer`, else 0.0. The text is the concatenation, with
    nothing between, of the texts of all assistant messages, stripped. The letter is extracted

    1. by `template_metadata.output_regex`, if the row has one: the last match, ignoring case (of a list of patterns,
       the first that yields an answer). One letter counts as it is, even if it is not an option; any other match
       must equal the text of an option.
    2. if that gave nothing, by the grading mode, and it must be the letter of an option:
       * `strict_single_letter_boxed` (default): the content of the last `\boxed{...}`, without `\text{...}` around
         it, has exactly one letter of a to z, a capital (`\boxed{(B)}`), or begins with a capital and one of
         `: ) . -` (`\boxed{B. Paris}`). A small letter is no answer.
       * `lenient_boxed`: as before; else the only option whose text is part of the box.
       * `lenient_answer_colon`: the rest of the line after the *first* `Answer:` is a letter (small or capital) or
         the text of an option.
       * `lenient_answer_colon_md`: like that with Markdown around it, from the last `Answer:` back to the first;
         a letter at the beginning or, failing that, the last capital that stands alone. A list of different
         options (`A or B`) is refused.

    Texts are compared in lower case, with blanks collapsed. An empty text earns 0.0.

    ## Episode End
    * Termination: the first response that says something (`answered`).
    * Truncation: `max_turns` responses (each with tool calls or reasoning alone), a response that was cut off
      (`length`, `content_filter`), or `deadline`. What was said is graded all the same.

    ## Information
    At reset `tools` (empty), `task_id`, `task_index` and `new_messages`; at each step `turn` and
    `new_messages`; at the end also `stop_reason`, `components`, `metrics`, `reason` and `vacuous`. `metrics` has

    * `expected_answer` (str);
    * `extracted_answer` (str), where there is one;
    * `domain`, `difficulty` (str), where the row's `metadata` tells them as text.

    A reward of 0.0 has one of these reasons: `no_answer`, `wrong_answer`, `no_expected_answer`,
    `output_regex_groups` (a pattern with several groups), `output_regex_too_slow`, `output_regex_failed`.

    ## Arguments
    ```python
    gym.make("llmgym/MCQA-v0", difficulty="hard", domains=["logic", "dates"], num_options=10)
    ```

    | argument | default | meaning |
    |---|---|---|
    | `difficulty` | `"medium"` | `easy`, `medium` or `hard`; of procedural tasks only |
    | `grading_mode` | `None` | one of the four modes, instead of each row's; procedural prompts then ask for its form |
    | `answer_style` | `None` | one of the four styles; `None` mixes them; procedural tasks only |
    | `num_options` | `None` | 2 to 10 options in every task; procedural tasks only |
    | `domains` | `None` | list of domains; `None` for all; procedural tasks only |
    | `dataset` | `None` | a file, hub id or rows of the public schema |
    | `split`, `num_tasks`, `max_turns`, `deadline`, `tool_timeout`, `on_bad_row`, `render_mode` | | as in `llmgym.Env` |

    A row has `options` (list of objects of a letter and its text; null texts are left out), `expected_answer` (a
    letter), and if it likes `grading_mode` (one of the first three), `template_metadata`, `metadata`, `uuid`.

    ## References
    NeMo Gym, resource server `mcqa`; data set `nvidia/Nemotron-RL-knowledge-mcqa` (27568 rows, Apache 2.0).

    ## Version History
    * v0: the public rule; a pattern that crashes or never ends there is a reward of 0.0 with a reason here.
    """

    def __init__(
        self,
        *,
        difficulty: str = "medium",
        grading_mode: str | None = None,
        answer_style: str | None = None,
        num_options: int | None = None,
        domains: Sequence[str] | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        one_of("difficulty", difficulty, DIFFICULTIES)
        if grading_mode is not None:
            one_of("grading_mode", grading_mode, GRADING_MODES)
        if answer_style is not None:
            one_of("answer_style", answer_style, tuple(STYLES))
        if num_options is not None and (
            not isinstance(num_options, int) or isinstance(num_options, bool) or not 2 <= num_options <= 10
        ):
            raise UsageError(
                f"Expected num_options to be an integer from 2 to 10 or None, found {num_options!r}."
            )
        if domains is not None:
            if isinstance(domains, str) or not isinstance(domains, Sequence) or not domains:
                raise UsageError(
                    f"Expected domains to be a list of names among {', '.join(DOMAINS)}, or None, found {domains!r}."
                )
            for domain in domains:
                one_of("each of the domains", domain, tuple(DOMAINS))
        unshaped(self.dataset, answer_style=answer_style, num_options=num_options, domains=domains)
        if grading_mode is not None:
            fitting = _STYLES_OF_MODE[grading_mode]
            if answer_style is not None and answer_style not in fitting:
                raise UsageError(
                    f"The grading mode {grading_mode!r} cannot read answers of the style {answer_style!r}; expected "
                    f"answer_style to be one of {', '.join(fitting)}, or None."
                )
            answer_style = answer_style or fitting[0]
        self.difficulty, self.grading_mode, self.answer_style = difficulty, grading_mode, answer_style
        self.num_options, self.domains = num_options, None if domains is None else list(domains)

    def task_set(self, dataset: Any, split: str) -> TaskSet:
        """Return procedural tasks, or those of a data set."""
        if dataset is not None:
            return TaskSet.load(dataset, split, on_error=self.on_bad_row)
        return TaskSet.procedural(
            make_question,
            split=split,
            difficulty=self.difficulty,
            answer_style=self.answer_style,
            num_options=self.num_options,
            domains=self.domains,
        )

    def begin(self, task: Task) -> None:
        """Check that the task can be graded.

        Raises:
            InvalidTask: When a field is missing or of the wrong kind.
        """
        if not isinstance(task.data.get("options"), list):
            raise InvalidTask(
                f"Task {task.id!r}: expected 'options' to be a list of objects of a letter and its text, found "
                f"{task.data.get('options')!r}."
            )
        mode = task.data.get("grading_mode")
        if mode is not None and mode not in ROW_MODES:
            raise InvalidTask(
                f"Task {task.id!r}: expected 'grading_mode' to be one of {', '.join(ROW_MODES)}, found {mode!r}."
            )
        if not isinstance(task.data.get("expected_answer"), str):
            raise InvalidTask(
                f"Task {task.id!r}: expected 'expected_answer' to be a letter, found {task.data.get('expected_answer')!r}."
            )
        pattern = _pattern(task)
        if not isinstance(pattern, str | list | None):
            raise InvalidTask(
                f"Task {task.id!r}: expected 'output_regex' to be a pattern or a list of patterns, found {pattern!r}."
            )
        self._grade(task, "")

    def verify(self, episode: Episode) -> Verdict | Awaitable[Verdict]:
        """Grade the letter that the responses state, by the public rule."""
        if _pattern(episode.task) is None:
            return self._verdict(episode)
        # A row's pattern is searched in another process, and the event loop must not wait for that.
        return in_thread(self._verdict, episode)

    def _verdict(self, episode: Episode) -> Verdict:
        verdict = self._grade(episode.task, episode.output_text)
        return with_metadata(verdict, episode.task, ("domain", "difficulty"))

    def oracle(self, task: Task) -> list[Action] | None:
        """Return the right letter in the form that the row's grading reads.

        ``None`` when no form of it earns the reward, as when the expected letter is not an option.
        """
        if _pattern(task) is None:
            return self._paying_form(task)
        return bridge.wait(in_thread(self._paying_form, task))

    def _paying_form(self, task: Task) -> list[Action] | None:
        letter = task.data["expected_answer"].strip().upper()
        for answer in _forms(letter, self._mode(task), _pattern(task)):
            if self._grade(task, answer).reward == 1.0:
                return [answer]
        return None

    def _mode(self, task: Task) -> str:
        return self.grading_mode or task.data.get("grading_mode") or DEFAULT_MODE

    def _grade(self, task: Task, text: str) -> Verdict:
        data = task.data
        return grade_choice(
            text,
            data["options"],
            data["expected_answer"],
            grading_mode=self._mode(task),
            output_regex=_pattern(task),
        )


def _pattern(task: Task) -> Any:
    template = task.data.get("template_metadata")
    return (template.get("output_regex") or None) if isinstance(template, Mapping) else None


def _forms(letter: str, mode: str, pattern: Any) -> list[str]:
    """Return ways to state a letter, the one that a pattern or a mode asks for first."""
    patterns = [pattern] if isinstance(pattern, str) else pattern or []
    forms = [_matching(each, letter) for each in patterns if isinstance(each, str)]
    boxed, colon = f"\\boxed{{{letter}}}", f"Answer: {letter}"
    return [*forms, *((boxed, colon) if mode.endswith("boxed") else (colon, boxed)), letter]


def _matching(pattern: str, letter: str) -> str:
    """Return a text that a simple pattern finds: its group replaced by the letter, its blanks by one blank."""
    text = re.sub(r"\(\?[^()]*\)", "", pattern)
    text = re.sub(r"(?<!\\)\(.*(?<!\\)\)", lambda _: letter, text, count=1)
    text = re.sub(r"\\\(\?|\\b|[\^$]", "", text)
    text = re.sub(r"\\s[*+?]?", " ", text)
    return re.sub(r"\\(.)", r"\1", text).strip()
