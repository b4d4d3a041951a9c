"""The instruction-following environment."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from llmgym.core import Env, Episode
from llmgym.envs.arguments import one_of, unshaped
from llmgym.envs.instruction_following.solving import Unsolvable, compose
from llmgym.envs.instruction_following.tasks import DIFFICULTIES, SIZES, make_instruction_task
from llmgym.errors import InvalidTask, UsageError
from llmgym.messages import Action
from llmgym.tasks import Task, TaskSet
from llmgym.threads import in_thread
from llmgym.verdict import Verdict
from llmgym.verifiers.instructions import (
    GRADING_MODES,
    IFBENCH_PACKAGES,
    INSTRUCTIONS,
    PACKAGES,
    SettledInstruction,
    require,
    settle_instructions,
    verdict_of,
)

__all__ = ["InstructionFollowingEnv"]

# With so many characters to check, all instructions together take some ten milliseconds.
_MOST_QUICK = 200_000

_FIELDS = ("instruction_id_list", "prompt", "kwargs", "grading_mode")


class InstructionFollowingEnv(Env):
    """Answer a request in a way that keeps to instructions which can be checked by rule.

    ## Description
    A request, and instructions about the form of the answer: words to use or avoid, lengths, marks, case, language.
    Only the instructions are checked, not what the answer says. There are 54 of them, by family:

    | family | instructions |
    |---|---|
    | `keywords` | `existence`, `frequency`, `forbidden_words`, `letter_frequency`, `word_once`, `word_count_different_numbers`, `exclude_word_harder`, `no_adjacent_consecutive`, `palindrome`, `keyword_specific_position`, `start_end` |
    | `length_constraints`, `paragraphs` | `number_sentences`, `number_paragraphs`, `number_words`, `nth_paragraph_first_word`; `paragraphs`, `paragraphs2` |
    | `detectable_content` | `number_placeholders`, `postscript` |
    | `detectable_format` | `number_bullet_lists`, `constrained_response`, `number_highlighted_sections`, `multiple_sections`, `json_format`, `title`, `sentence_hyphens`, `square_brackets`, `bigram_wrapping` |
    | `combination`, `startend` | `two_responses`, `repeat_prompt`; `end_checker`, `quotation` |
    | `change_case`, `language` | `capital_word_frequency`, `english_capital`, `english_lowercase`; `response_language` |
    | `punctuation` | `no_comma`, `punctuation_dot`, `punctuation_exclamation` |
    | `copy`, `new` | `repeat_phrase`, `copy`, `copying_simple`, `copying_multiple`; `copy_span_idx` |
    | `first_word`, `last_word` | `first_word_sent`, `first_word_answer`; `last_word_sent`, `last_word_answer` |
    | `count`, `letters` | `lowercase_counting`, `counting_composition`, `count_unique`, `count_increment_word`; `letter_counting`, `letter_counting2` |

    ## Action Space
    A response: a string, an assistant message or an `llmgym.Response`. There are no tools.

    ## Observation Space
    The conversation so far: `Messages`, a list of Chat messages.

    ## Starting State
    The prompt of the task. Procedural tasks join one of some 6,000 requests with instructions that can be followed
    all at once, at least one of which an empty text does not follow:

    | difficulty | instructions | thresholds |
    |---|---|---|
    | `easy` | 1-2 | low |
    | `medium` | 2-4 | middling |
    | `hard` | 4-6 | high |

    The four instructions to copy a text stand alone, so they come in `easy` tasks, or with `num_instructions=1`.

    ## Rewards
    With `binary` grading 1.0 when every instruction is followed, else 0.0; with `fraction` grading the share that is
    followed. The text is the first part of the last output item, so a response that ends with a tool call has none.
    An empty text is checked like any other, and follows what only forbids. Not followed is also an instruction whose
    id or arguments are unknown or cannot be checked, and one whose check takes too long. Ids and arguments are paired
    in order; a surplus on either side is ignored. Details of the public rules that a text should not stumble over:

    * Keywords are regular expressions, found in any case and also within words.
    * `number_sentences` counts as NLTK's Punkt tokenizer does; other rules cut at every `.`, `?` and `!` that is not
      part of a title, a number, an acronym or a web address.
    * Where tokens are counted, punctuation marks are tokens, too.
    * A row that leaves out a threshold has it drawn at random, by the episode's own seed.

    A row without instructions earns 1.0 (`binary`) or 0.0 (`fraction`) for any text, and is marked as vacuous.

    ## Episode End
    * Termination: the first response that says something (`answered`).
    * Truncation: `max_turns` responses (each with tool calls or reasoning alone), a response that was cut off
      (`length`, `content_filter`), or `deadline`. What was said is graded all the same.

    ## Information
    At reset `tools` (empty), `task_id`, `task_index`, `params` and `new_messages`; at each step `turn` and
    `new_messages`; at the end also `stop_reason`, `components`, `metrics`, `reason` and `vacuous`. `metrics` has
    `follow_all_instructions` (bool), `follow_instruction_list` (a bool for each instruction) and `share_followed`
    (float), unless the reason is one of the last two of these:

    * `not_followed: ...`: the instructions that were not, with what kept one from being checked (`too_slow`, ...);
    * `no_instructions`;
    * `unknown_grading_mode: ...`: earns 0.0;
    * `refusal`: the text is a refusal, at which the public verifier fails; earns 0.0.

    ## Arguments
    ```python
    gym.make("llmgym/InstructionFollowing-v0", difficulty="hard", grading_mode="fraction")
    ```

    | argument | default | meaning |
    |---|---|---|
    | `difficulty` | `"medium"` | `easy`, `medium` or `hard`; of procedural tasks only |
    | `grading_mode` | `None` | `binary` or `fraction`, instead of what each row says (`binary` if it says nothing) |
    | `num_instructions` | `None` | 1 to 6 instructions in every task; procedural tasks only |
    | `instruction_ids` | `None` | list of ids to choose from; `None` for all; procedural tasks only |
    | `ifbench` | `False` | whether rows may also use the 58 instructions of IFBench; needs `llmgym[ifbench]` |
    | `dataset` | `None` | a file, hub id or rows of the public schema |
    | `split`, `num_tasks`, `max_turns`, `deadline`, `tool_timeout`, `on_bad_row`, `render_mode` | | as in `llmgym.Env` |

    A row has `verifier_metadata` with `instruction_id_list`, `kwargs` (an object or null for each id), `prompt` and,
    if it likes, `grading_mode`; older rows have these four at top level. Grading needs `llmgym[instructions]`.

    ## References
    NeMo Gym, resource server `instruction_following`; data set `nvidia/Nemotron-RL-instruction_following` (46391
    rows, Apache 2.0). Zhou et al., "Instruction-Following Evaluation for Large Language Models", 2023.

    ## Version History
    * v0: the public rules. Random thresholds and the language detector are seeded, and every check is bounded in
      time; a refusal or an unknown grading mode, at which the public verifier fails, is a reward of 0.0.
    """

    def __init__(
        self,
        *,
        difficulty: str = "medium",
        grading_mode: str | None = None,
        num_instructions: int | None = None,
        instruction_ids: Sequence[str] | None = None,
        ifbench: bool = False,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        one_of("difficulty", difficulty, DIFFICULTIES)
        if grading_mode is not None:
            one_of("grading_mode", grading_mode, GRADING_MODES)
        most = SIZES["hard"][1]
        if num_instructions is not None and (
            not isinstance(num_instructions, int)
            or isinstance(num_instructions, bool)
            or not 1 <= num_instructions <= most
        ):
            raise UsageError(
                f"Expected num_instructions to be an integer from 1 to {most} or None, found {num_instructions!r}."
            )
        if instruction_ids is not None:
            if (
                isinstance(instruction_ids, str)
                or not isinstance(instruction_ids, Sequence)
                or not instruction_ids
            ):
                raise UsageError(
                    f"Expected instruction_ids to be a list of ids or None, found {instruction_ids!r}."
                )
            for id in instruction_ids:
                one_of("each of the instruction_ids", id, tuple(INSTRUCTIONS))
        unshaped(self.dataset, num_instructions=num_instructions, instruction_ids=instruction_ids)
        require(*PACKAGES)
        if ifbench:
            require(*IFBENCH_PACKAGES, extra="ifbench")
        self.difficulty, self.grading_mode, self.ifbench = difficulty, grading_mode, ifbench
        self.num_instructions = num_instructions
        self.instruction_ids = None if instruction_ids is None else list(dict.fromkeys(instruction_ids))

    def task_set(self, dataset: Any, split: str) -> TaskSet:
        """Return procedural tasks, or those of a data set."""
        if dataset is not None:
            return TaskSet.load(dataset, split, on_error=self.on_bad_row)
        return TaskSet.procedural(
            make_instruction_task,
            split=split,
            difficulty=self.difficulty,
            num_instructions=self.num_instructions,
            instruction_ids=self.instruction_ids,
            grading_mode=self.grading_mode or "binary",
        )

    def begin(self, task: Task) -> None:
        """Check that the task says what is to be followed.

        Raises:
            InvalidTask: When a field is missing or of the wrong kind.
        """
        fields = _fields(task)
        ids, kwargs = fields.get("instruction_id_list"), fields.get("kwargs")
        if not isinstance(ids, list) or not all(isinstance(id, str) for id in ids):
            raise InvalidTask(
                f"Task {task.id!r}: expected 'instruction_id_list' to be a list of ids, found {ids!r}. Correct the row."
            )
        if not isinstance(kwargs, list) or not all(isinstance(each, Mapping | None) for each in kwargs):
            raise InvalidTask(
                f"Task {task.id!r}: expected 'kwargs' to be a list with an object or null for each instruction, found "
                f"{kwargs!r}. Correct the row."
            )
        if not isinstance(fields.get("grading_mode", ""), str):
            raise InvalidTask(
                f"Task {task.id!r}: expected 'grading_mode' to be a text, found {fields['grading_mode']!r}. "
                "Correct the row."
            )

    def verify(self, episode: Episode) -> Verdict | Awaitable[Verdict]:
        """Check each instruction against the text of the last output item: the public verifier's rule."""
        text = episode.last_item_text
        if not text and _refused(episode):
            return Verdict(0.0, reason="refusal")
        fields = _fields(episode.task)
        # A stream of its own, so that a second verification draws the same thresholds.
        rng = self.stream("instructions")
        instructions = settle_instructions(
            fields["instruction_id_list"], fields["kwargs"], rng, ifbench=self.ifbench
        )
        mode = self.grading_mode or fields.get("grading_mode", "binary")
        few = len(instructions) * len(text) <= _MOST_QUICK
        if few and all(instruction.quick(text) for instruction in instructions):
            return _verdict(text, instructions, mode)
        # The rest is checked in another process, and the event loop must not wait for that.
        return in_thread(_verdict, text, instructions, mode)

    def oracle(self, task: Task) -> list[Action] | None:
        """Return a text that follows every instruction.

        ``None`` where they contradict each other, or leave an argument to chance.
        """
        fields = _fields(task)
        try:
            return [compose(fields["instruction_id_list"], fields["kwargs"])]
        except Unsolvable:
            return None


def _fields(task: Task) -> dict[str, Any]:
    """Return what the row says about grading; older rows say it at top level."""
    metadata = task.data.get("verifier_metadata")
    known = metadata if isinstance(metadata, Mapping) else {}
    return {**{name: task.data[name] for name in _FIELDS if name in task.data}, **known}


def _verdict(text: str, instructions: Sequence[SettledInstruction], mode: str) -> Verdict:
    verdict = verdict_of(text, instructions, mode)
    followed = verdict.metrics.get("follow_instruction_list")
    if not followed:
        return verdict
    return replace(verdict, metrics={**verdict.metrics, "share_followed": sum(followed) / len(followed)})


def _refused(episode: Episode) -> bool:
    """Tell whether the last output item begins with a refusal instead of a text."""
    items = episode.items
    content = items[-1].get("content") if items else None
    first = content[0] if isinstance(content, list) and content else None
    return isinstance(first, Mapping) and first.get("type") == "refusal"
