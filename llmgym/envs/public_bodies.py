"""The bodies that the public tool servers answer with when a call does not reach its tool.

The public agent decodes the arguments of a call and posts them; the server checks them against a model. Each step
that fails has a text of its own, which the language model reads as the tool's output.
"""

from __future__ import annotations

import json
import math
from typing import Any

from llmgym.toolbox import render

__all__ = ["Refusal", "checked", "posted"]


class Refusal(Exception):
    """A call that does not reach its tool; ``args[0]`` is the body that the model reads."""


def posted(raw: str) -> Any:
    """Return what arrives at the server of the arguments that a model wrote.

    The public rule: the text must be JSON; numbers that JSON lacks (NaN, infinity) become null.

    Raises:
        Refusal: When the text is not JSON, or holds an integer beyond 64 bits, which cannot be posted.

    Example:
        >>> posted('{"a": NaN, "b": 2}')
        {'a': None, 'b': 2}
    """
    try:
        return _finite(json.loads(raw))
    except (ValueError, RecursionError) as error:
        raise Refusal(json.dumps({"error": f"Invalid tool call arguments: {error!r}"})) from None


def checked(model: Any, body: Any) -> Any:
    """Check a body against a pydantic model, as the public server does.

    Args:
        model: The model class.
        body: What was posted.

    Returns:
        An instance of the model.

    Raises:
        Refusal: With the body of the server's answer 422, which names each field at fault.
    """
    from pydantic import ValidationError

    if body is None:
        detail = {"type": "missing", "loc": ["body"], "msg": "Field required", "input": None}
        raise Refusal(render({"detail": [detail]}))
    try:
        return model.model_validate(body)
    except ValidationError as error:
        faults = error.errors(include_url=False)
    details = []
    for fault in faults:
        if fault["type"] == "model_type":
            fault |= {
                "type": "model_attributes_type",
                "msg": "Input should be a valid dictionary or object to extract fields from",
            }
            fault.pop("ctx", None)
        details.append({**fault, "loc": ["body", *fault["loc"]]})
    raise Refusal(render({"detail": details}))


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        raise ValueError("an integer is beyond 64 bits")
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return value
