"""Judging whether two answers agree: labels, prompts, and texts that cannot give orders to the judge.

Nothing here asks a judge. A :class:`JudgePrompt` says what to ask, ``judge.compare`` of
:class:`llmgym.policies.judge.Judge` asks it, and what came back is an :class:`Evaluation`.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from llmgym.errors import UsageError
from llmgym.messages import Message
from llmgym.verifiers.fences import fence, quotable

__all__ = [
    "EQUAL_LABEL",
    "NOT_EQUAL_LABEL",
    "Comparison",
    "Evaluation",
    "JudgePrompt",
    "evaluation_metrics",
    "first_label",
    "read_template",
    "verdict_text",
]

EQUAL_LABEL = "[[A=B]]"
"""What a judge writes when the answers agree."""

NOT_EQUAL_LABEL = "[[A!=B]]"
"""What a judge writes when they do not."""

_PLACEHOLDERS = ("question", "expected_answer", "generated_answer", "equal_label", "not_equal_label")


def first_label(
    text: str, equal_label: str = EQUAL_LABEL, not_equal_label: str = NOT_EQUAL_LABEL
) -> bool | None:
    """Read the verdict of a judge.

    The public verifiers' rule: whichever label occurs first wins. Where both begin at the same place, as when one is
    the beginning of the other, the verdict is "not equal".

    Args:
        text: What the judge wrote.
        equal_label: The label of "equal".
        not_equal_label: The label of "not equal".

    Returns:
        Whether the answers are equal; ``None`` when neither label occurs.

    Example:
        >>> first_label("Both name Paris. [[A=B]]"), first_label("INCORRECT", "CORRECT", "INCORRECT"), first_label("?")
        (True, False, None)
    """
    equal, not_equal = text.find(equal_label), text.find(not_equal_label)
    if equal < 0 and not_equal < 0:
        return None
    return equal >= 0 and (not_equal < 0 or equal < not_equal)


def verdict_text(items: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the text that holds a judge's verdict.

    The public verifiers' rule: the last part of the last output item, which must be a message.

    Args:
        items: The output items of the judge, in Responses form.

    Returns:
        The text; ``None`` when there are no items, the last one is no message, or its last part has no text (as a
        refusal).

    Example:
        >>> verdict_text([{"type": "message", "content": [{"type": "output_text", "text": "[[A=B]]"}]}])
        '[[A=B]]'
        >>> verdict_text([{"type": "reasoning", "summary": []}]) is None
        True
    """
    last = items[-1] if items else None
    if not isinstance(last, Mapping) or last.get("type") != "message":
        return None
    content = last.get("content")
    if isinstance(content, str):
        return content
    part = content[-1] if isinstance(content, Sequence) and content else None
    text = part.get("text") if isinstance(part, Mapping) else None
    return text if isinstance(text, str) else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a judge is asked to compare, apart from the words in which it is asked.

    Attributes:
        question: The question; may be empty.
        expected: The answer in the place of the right one.
        answer: The answer in the place of the candidate.
        equal_label: The label of "equal".
        not_equal_label: The label of "not equal".
    """

    question: str
    expected: str
    answer: str
    equal_label: str = EQUAL_LABEL
    not_equal_label: str = NOT_EQUAL_LABEL


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One question to a judge and what it said.

    Attributes:
        request: The question, as the parameters of a Responses request: ``input`` and sampling parameters.
        items: What the judge said, as Responses output items.
        equal: The verdict by :func:`first_label`; ``None`` when there is none to be read.
        verdict_label: The label that was found, if one was.
        usage: Token counts, where the judge gives them.
        model: Name of the judge's model, where it is told.
    """

    request: Mapping[str, Any]
    items: Sequence[Mapping[str, Any]]
    equal: bool | None
    verdict_label: str | None
    usage: Mapping[str, int] = field(default_factory=dict)
    model: str | None = None

    @classmethod
    def of(
        cls,
        request: Mapping[str, Any],
        items: Sequence[Mapping[str, Any]],
        comparison: Comparison,
        usage: Mapping[str, int] | None = None,
        model: str | None = None,
    ) -> Evaluation:
        """Read the verdict out of a judge's output items."""
        text = verdict_text(items)
        equal = first_label(text or "", comparison.equal_label, comparison.not_equal_label)
        label = {True: comparison.equal_label, False: comparison.not_equal_label, None: None}[equal]
        return cls(request, items, equal, label, usage or {}, model)

    def to_dict(self) -> dict[str, Any]:
        """Return what the public verifiers tell of an evaluation: ``request``, ``response`` and ``verdict_label``."""
        response: dict[str, Any] = {"output": [dict(item) for item in self.items]}
        if self.model is not None:
            response["model"] = self.model
        if self.usage:
            response["usage"] = dict(self.usage)
        return {"request": dict(self.request), "response": response, "verdict_label": self.verdict_label}


def evaluation_metrics(evaluations: Sequence[Evaluation]) -> dict[str, Any]:
    """Return what a verdict tells of the questions that were put to a judge.

    Args:
        evaluations: The questions and their answers, in order.

    Returns:
        ``judge_evaluations`` (``request``, ``response`` and ``verdict_label`` of each), ``judge_calls`` (how many),
        ``judge_without_verdict`` (how many answers without a label) and, where the judge tells,
        ``judge_prompt_tokens`` and ``judge_completion_tokens``.
    """
    metrics: dict[str, Any] = {
        "judge_evaluations": [evaluation.to_dict() for evaluation in evaluations],
        "judge_calls": len(evaluations),
        "judge_without_verdict": sum(evaluation.equal is None for evaluation in evaluations),
    }
    for name in ("prompt_tokens", "completion_tokens"):
        counts = [int(evaluation.usage[name]) for evaluation in evaluations if name in evaluation.usage]
        if counts:
            metrics[f"judge_{name}"] = sum(counts)
    return metrics


@dataclass(frozen=True, slots=True)
class JudgePrompt:
    """What a judge is asked: a template, an optional system message, and two labels.

    Attributes:
        template: Text with the placeholders ``{question}``, ``{expected_answer}`` and ``{generated_answer}``, and if
            it likes ``{equal_label}`` and ``{not_equal_label}``; a brace that is no placeholder is doubled.
        system: A system message before it.
        equal_label: The label of "equal".
        not_equal_label: The label of "not equal".
        fenced: Whether each text is put between delimiters that it cannot imitate, and made unable to act as
            anything but text (:mod:`llmgym.verifiers.fences`). Without, texts are put in as they are.

    Raises:
        UsageError: When a label is empty, both are the same, or the template cannot be filled in.

    Example:
        >>> prompt = JudgePrompt("Q: {question} Gold: {expected_answer} Answer: {generated_answer}", fenced=False)
        >>> prompt.messages("2 + 2?", "4", "four")
        [{'role': 'user', 'content': 'Q: 2 + 2? Gold: 4 Answer: four'}]
    """

    template: str
    system: str | None = None
    equal_label: str = EQUAL_LABEL
    not_equal_label: str = NOT_EQUAL_LABEL
    fenced: bool = True

    def __post_init__(self) -> None:
        for name in ("equal_label", "not_equal_label"):
            label = getattr(self, name)
            if not isinstance(label, str) or not label.strip():
                raise UsageError(f"Expected judge_{name} to be a text that is not empty, found {label!r}.")
        if self.equal_label == self.not_equal_label:
            raise UsageError(
                f"Expected two different labels for the judge, found {self.equal_label!r} twice."
            )
        _check_template(self.template)

    def messages(self, question: str, expected_answer: str, generated_answer: str) -> list[Message]:
        """Return the question to the judge as Chat messages.

        Args:
            question: The question that was to be answered.
            expected_answer: The answer in the place of the right one.
            generated_answer: The answer in the place of the candidate.
        """
        texts: tuple[str, ...] = (question, expected_answer, generated_answer)
        if self.fenced:
            texts = fence(texts, (self.equal_label, self.not_equal_label))
        else:
            texts = tuple(quotable(text) for text in texts)
        values = dict(zip(_PLACEHOLDERS, (*texts, self.equal_label, self.not_equal_label), strict=True))
        asked: Message = {"role": "user", "content": self.template.format(**values)}
        return [asked] if self.system is None else [{"role": "system", "content": self.system}, asked]

    def comparison(self, question: str, expected_answer: str, generated_answer: str) -> Comparison:
        """Return the same question without the words."""
        return Comparison(question, expected_answer, generated_answer, self.equal_label, self.not_equal_label)


def read_template(path: str) -> str:
    """Read a template from a file; blanks around it are dropped, as the public server does.

    Args:
        path: The file.

    Raises:
        UsageError: When it cannot be read, or cannot be filled in.
    """
    try:
        template = Path(path).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The judge's prompt template {path!r} cannot be read: {error}.") from error
    _check_template(template, f" in {path!r}")
    return template


def _check_template(template: str, where: str = "") -> None:
    known = ", ".join(f"{{{name}}}" for name in _PLACEHOLDERS[:3])
    fault = "it is not a text"
    found: list[str] = []
    if isinstance(template, str):
        try:
            parts = list(string.Formatter().parse(template))
        except ValueError as error:
            fault, parts = str(error), []
        else:
            fault = ""
        found = [name for _, name, _, _ in parts if name is not None]
        odd = [name for _, name, form, conversion in parts if name is not None and (form or conversion)]
        strange = [name for name in found if name not in _PLACEHOLDERS] + odd
        if strange:
            fault = f"it has {{{strange[0]}}}"
        elif not fault and not {"expected_answer", "generated_answer"} <= set(found):
            fault = "it lacks an answer"
    if fault:
        raise UsageError(
            f"Expected the judge's prompt template{where} to have the placeholders {known}, and every other brace "
            f"doubled; {fault}."
        )
