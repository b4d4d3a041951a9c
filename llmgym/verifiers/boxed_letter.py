r"""The letter in the first box of the last message, as the public web-search verifier reads it.

The rule is that of ``google_search`` of NeMo Gym, quirks included. It does not read the text of the message but the
Python representation of its list of parts: newlines are written ``\n`` there and backslashes are doubled, and a box
counts wherever it stands in a part, be it a refusal or the title of a citation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmgym.verdict import Verdict

__all__ = ["final_content", "first_box", "grade_boxed_letter", "representation"]

_FIELDS: Mapping[str, tuple[str, ...]] = {
    "output_text": ("annotations", "text", "type", "logprobs"),
    "refusal": ("refusal", "type"),
    "file_citation": ("file_id", "filename", "index", "type"),
    "url_citation": ("end_index", "start_index", "title", "type", "url"),
    "container_file_citation": ("container_id", "end_index", "file_id", "filename", "start_index", "type"),
    "file_path": ("file_id", "index", "type"),
}
"""The fields of each kind of object in the order in which the public server's models declare them."""


def final_content(items: Sequence[Mapping[str, Any]]) -> list[Any] | None:
    """Return the content of the message that is graded.

    The public verifier's rule: the last output item counts, if it is a message of the assistant.

    Args:
        items: The output items of the rollout: reasoning, messages, calls and their outputs.
    """
    if not items:
        return None
    last = items[-1]
    if last.get("type", "message") != "message" or last.get("role", "assistant") != "assistant":
        return None
    content = last.get("content")
    if isinstance(content, str):
        return [{"type": "output_text", "text": content}]
    return content if isinstance(content, list) else None


def representation(content: Sequence[Any] | None) -> str:
    r"""Return the text that is searched: a content list as Python shows it.

    The names of the classes differ from the public ones, which has no effect: no box can begin or end in them.

    Args:
        content: Parts of a message, or ``None``.

    Example:
        >>> print(representation([{"type": "output_text", "text": "So\n\\boxed{B}"}]))
        [output_text(annotations=[], text='So\n\\boxed{B}', type='output_text', logprobs=None)]
    """
    return str(content) if content is None else "[" + ", ".join(map(_shown, content)) + "]"


def first_box(text: str) -> str | None:
    r"""Return what stands between the first ``\boxed{`` and the next closing brace; ``None`` without a box.

    Args:
        text: A text of one line.

    Example:
        >>> first_box(r"not \boxed{A}, but \boxed{B}"), first_box(r"\boxed{\text{C}}")
        ('A', '\\text{C')
    """
    start = text.find("\\boxed{")
    if start < 0:
        return None
    start += len("\\boxed{")
    end = text.find("}", start)
    return None if end < 0 else text[start:end]


def grade_boxed_letter(content: Sequence[Any] | None, expected: str) -> Verdict:
    r"""Grade the option that a message names.

    The public verifier's rule: the reward is 1 when the content of the first box equals the expected answer, as it
    is: the case counts, and so do blanks. Without a box the public verifier crashes; that is a reward of 0 here.

    Args:
        content: The parts of the last message, or ``None`` where the rollout does not end in a message; see
            :func:`final_content`.
        expected: The letter of the right option.

    Returns:
        A verdict with the metric ``parsed_option`` (str), where there is a box. The reason of a reward of 0 is
        ``no_message``, ``no_box`` or ``wrong_option``.

    Example:
        >>> grade_boxed_letter([{"type": "output_text", "text": r"It is \boxed{B}."}], "B").reward
        1.0
    """
    option = first_box(representation(content))
    if option is None:
        return Verdict(0.0, reason="no_message" if content is None else "no_box")
    right = option == expected
    return Verdict(float(right), metrics={"parsed_option": option}, reason="" if right else "wrong_option")


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_shown, value)) + "]"
    kind = value.get("type") if isinstance(value, Mapping) else None
    declared = _FIELDS.get(kind) if isinstance(kind, str) else None
    if declared is None:
        return repr(value)
    defaults: dict[str, Any] = {"annotations": [], "logprobs": None} if kind == "output_text" else {}
    fields = {
        name: value.get(name, defaults.get(name)) for name in declared if name in value or name in defaults
    }
    fields |= {name: item for name, item in value.items() if name not in declared}
    return f"{kind}(" + ", ".join(f"{name}={_shown(item)}" for name, item in fields.items()) + ")"
