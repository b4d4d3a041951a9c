"""How a generated question is worded: the ways to ask for an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["STYLES", "Wording", "written_options"]


@dataclass(frozen=True, slots=True)
class Wording:
    """One way to ask.

    No example in a prompt names a letter that could be an option, so echoing a prompt never earns a reward.

    Attributes:
        prompt: The prompt, with ``{problem}`` in place of the question and its options.
        grading_mode: The mode of the public verifier that reads the answer.
        label: How an option is written, with ``{letter}`` and ``{text}``.
        template: Fields of ``template_metadata`` for rows whose answer is found by a pattern.
    """

    prompt: str
    grading_mode: str
    label: str = "{letter}: {text}"
    template: Mapping[str, Any] = field(default_factory=dict)


def written_options(label: str, options: Sequence[tuple[str, str]]) -> str:
    """Return the options as lines of a prompt.

    Args:
        label: How an option is written, with ``{letter}`` and ``{text}``.
        options: Letters and texts.
    """
    return "\n".join([label.format(letter=letter, text=text) for letter, text in options])


STRICT, BOXED, COLON = "strict_single_letter_boxed", "lenient_boxed", "lenient_answer_colon"

_BOXED_LETTER = (
    Wording(
        "{problem}\n\nThink it through, then give the letter of the right option, and only the letter, as \\boxed{{X}}.",
        STRICT,
    ),
    Wording(
        "Solve this multiple-choice question. You may reason first. Close with the capital letter of your choice inside "
        "\\boxed{{}}.\n\n{problem}",
        STRICT,
    ),
    Wording(
        "Exactly one option is right. Which one?\n\n{problem}\n\nYour last line must be \\boxed{{X}}, with X replaced by "
        "one option letter.",
        STRICT,
        "{letter}) {text}",
    ),
)

_BOXED_OPTION = (
    Wording("{problem}\n\nPut the letter of the right option, or its full text, inside \\boxed{{}}.", BOXED),
    Wording(
        "Answer the question below. Write your final choice in \\boxed{{}}: either its letter or the option exactly as "
        "it is written.\n\n{problem}",
        BOXED,
        "{letter}. {text}",
    ),
    Wording(
        "Work out which option is right.\n\n{problem}\n\nState the option you choose once, in \\boxed{{}}, by letter or by "
        "its text.",
        BOXED,
    ),
)

_ANSWER_COLON = (
    Wording(
        "{problem}\n\nReason as you like, then write one line of the form 'Answer: X', where X is the letter.",
        COLON,
    ),
    Wording(
        "Here is a question with several options; one is right. Finish with a line that has 'Answer:' and then the "
        "letter of that option.\n\n{problem}",
        COLON,
        "({letter}) {text}",
    ),
    Wording(
        "{problem}\n\nWrite 'Answer:' only once, at the end, followed by the letter of the right option.",
        COLON,
    ),
)


def _patterned(
    number: int, prompt: str, pattern: str | list[str], label: str = "{letter}: {text}"
) -> Wording:
    template = {
        "template_id": f"llmgym_mcqa_{number:03d}",
        "template_prompt": prompt,
        "output_regex": pattern,
        "prompt_type": "generated",
        "format_type": "mcqa",
    }
    return Wording(prompt, STRICT, label, template)


_PATTERN = (
    _patterned(
        1,
        "{problem}\n\nPick one option. Your last line must read: My choice is X",
        r"My choice is\s+\(?([A-Za-z])\b",
    ),
    _patterned(
        2,
        "Choose the right option and end with a line such as 'Selected = X', where X stands for its letter.\n\n{problem}",
        r"Selected\s*=\s*\(?([A-Za-z])\b",
    ),
    _patterned(
        3,
        "{problem}\n\nWhen you are done, write the letter of the right option between double square brackets: [[X]]",
        r"\[\[\s*([A-Za-z])\s*\]\]",
        "{letter}) {text}",
    ),
    _patterned(
        4,
        "Read the question and decide.\n\n{problem}\n\nEnd your response with: Final letter -> X",
        [r"Final letter\s*->\s*([A-Za-z])\b", r"Final letter\s*:\s*([A-Za-z])\b"],
    ),
    _patterned(
        5,
        "{problem}\n\nGive the letter of the right option inside <choice></choice> tags.",
        r"<choice>\s*([A-Za-z])\s*</choice>",
        "{letter}. {text}",
    ),
)

STYLES: dict[str, tuple[Wording, ...]] = {
    "boxed_letter": _BOXED_LETTER,
    "boxed_option": _BOXED_OPTION,
    "answer_colon": _ANSWER_COLON,
    "pattern": _PATTERN,
}
"""The wordings of each answer style."""
