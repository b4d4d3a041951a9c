"""What a server's reply means: an answer, a reason to try again, or the end."""

from __future__ import annotations

import email.utils
import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from llmgym.policies.http import Reply

__all__ = ["Fault", "fault_of_error", "fault_of_reply", "parse"]

_RETRIED = frozenset({408, 409, 429})
_NEVER_RETRIED = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
_OVERFLOWS = (400, 413, 422)
_LONGEST_MESSAGE = 500

_OVERFLOW = re.compile(
    r"maximum (?:context|prompt|model) length"
    r"|context_length_exceeded|exceed_context_size"
    r"|exceeds? the (?:\w+ )?context"
    r"|(?:longer|greater) than the (?:model's )?(?:maximum )?(?:context|model) length"
    r"|prompt is too long"
    r"|input token count .{0,40}exceeds"
    r"|`inputs` (?:must have less than|tokens \+)"
    r"|max_tokens must be at least 1, got (?:-|0)",
    re.IGNORECASE,
)
_CONTEXT = re.compile(
    r"(?:maximum (?:context|model) length|context (?:length|size|window))(?: is| of|:)? ?\(?(\d{2,9})",
    re.IGNORECASE,
)
_PAGE = re.compile(r"<[^>]{0,200}>")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why there is no answer.

    Attributes:
        problem: What happened, in a few words. May hold what the server said, keys included: redact before showing.
        retry: Whether trying again may help.
        busy: Whether the endpoint complained of its load, so that everybody should wait.
        retry_after: Seconds that the server asks to wait.
        overflow: Whether the conversation no longer fits the model's context.
        unreachable: Whether no connection could be made at all.
        status: The HTTP status, when there was one.
    """

    problem: str
    retry: bool
    busy: bool = False
    retry_after: float | None = None
    overflow: bool = False
    unreachable: bool = False
    status: int | None = None


def parse(reply: Reply) -> dict[str, Any] | Fault:
    """Return the object in the body of a successful reply.

    JSON is taken strictly: ``NaN``, invalid UTF-8 and cut-off texts are faults. Of duplicate keys the last holds.
    """
    try:
        body = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        text = reply.body[:80].decode("utf-8", "replace")
        found = f"it begins {text!r}" if text.strip() else "it is empty"
        return Fault(f"the body of the reply is not JSON: {found}", retry=True, status=reply.status)
    if not isinstance(body, dict):
        return Fault(
            f"the reply is not a JSON object but {type(body).__name__}", retry=True, status=reply.status
        )
    return body


def fault_of_reply(reply: Reply, token_limit: int = 0, now: float | None = None) -> Fault | None:
    """Judge a reply by its status.

    Args:
        reply: The reply.
        token_limit: Most tokens that the response was allowed; 0 for no limit.
        now: Seconds since the epoch, for a ``Retry-After`` that is a date; ``None`` reads the clock.

    Returns:
        ``None`` for a reply that may hold an answer.
    """
    status = reply.status
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        to = reply.headers.get("Location", "elsewhere")
        return Fault(
            f"HTTP {status}: the server redirects to {to}; use that address as base_url", False, status=status
        )
    try:
        error = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        error = reply.body[:4000].decode("utf-8", "replace")
    fault = fault_of_error(status, error, token_limit)
    wish = reply.headers.get("x-should-retry", "").strip().lower()
    retry = {"true": True, "false": False}.get(wish, fault.retry) and not fault.overflow
    after = _retry_after(reply.headers, time.time() if now is None else now) if retry else None
    return Fault(
        fault.problem,
        retry,
        busy=retry and (fault.busy or after is not None),
        retry_after=after,
        overflow=fault.overflow,
        status=status,
    )


def fault_of_error(status: int, error: Any, token_limit: int = 0) -> Fault:
    """Judge an error as servers describe it.

    Args:
        status: The HTTP status, or the code that stands for it in the error.
        error: The parsed body, or its text.
        token_limit: Most tokens that the response was allowed; 0 for no limit.
    """
    message, code = _read_error(error)
    problem = f"HTTP {status}: {message or 'no explanation'}"
    if status in _OVERFLOWS and _OVERFLOW.search(f"{code} {message}"):
        size = _CONTEXT.search(message)
        if size is not None and 0 < int(size[1]) <= token_limit:
            # No conversation at all would fit: that is a setting, not a long conversation.
            problem += (
                f" (a limit of {token_limit} tokens a response leaves no room for a prompt: lower max_tokens)"
            )
            return Fault(problem, retry=False, status=status)
        return Fault(problem, retry=False, overflow=True, status=status)
    retry = (status in _RETRIED or status >= 500) and not _NEVER_RETRIED.intersection(code.split())
    return Fault(problem, retry, busy=retry and status == 429, status=status)


def _read_error(error: Any) -> tuple[str, str]:
    """Return the message and the codes of an error; servers do not agree where these are."""
    if isinstance(error, Mapping):
        inner = error.get("error")
        if isinstance(inner, Mapping):
            error = inner
        codes = " ".join(str(error[key]) for key in ("code", "type") if error.get(key) is not None)
        for message in (error.get("message"), error.get("detail"), inner, error.get("msg")):
            if isinstance(message, str):
                return _short(message), codes
            if isinstance(message, list):
                texts = [str(each.get("msg", "")) for each in message if isinstance(each, Mapping)]
                return _short("; ".join(filter(None, texts))), codes
        return "", codes
    return _short(_PAGE.sub(" ", error)) if isinstance(error, str) else "", ""


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_MESSAGE else text[:_LONGEST_MESSAGE] + "..."


def _retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds that a server asks to wait; ``None`` when it does not, or makes no sense."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        text = headers.get(name, "").strip()
        if not text:
            continue
        try:
            seconds = float(text) / unit
        except ValueError:
            try:
                seconds = email.utils.parsedate_to_datetime(text).timestamp() - now
            except (TypeError, ValueError, OverflowError):
                continue
        if math.isfinite(seconds):
            return max(0.0, seconds)
    return None
