"""Read points in time as the public tools do, which hand them to ``pandas.Timestamp``.

It takes nearly any notation: ISO 8601, "12/01/2023 9am", "Dec 1, 2023". ISO is read here, everything else by dateutil,
as in pandas. What would depend on the clock ("today", or a time without a date) is taken from the date that the
prompts name, so that a rollout can be repeated.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

from dateutil import parser  # type: ignore[import-untyped]

__all__ = ["NOW", "at_or_after", "timestamp"]

NOW = datetime(2023, 11, 30, 23, 59)
"""The present, for all tools and tasks."""

_LONGEST = 100
_ISO = re.compile(
    r"\s*(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6})\d*)?)?(Z|[+-]\d\d:?\d\d)?)?\s*",
    re.ASCII,
)
_NEVER = frozenset({"", "NaT", "nat", "NAT", "nan", "NaN", "NAN"})
_CLOCK = re.compile(r"\d{1,2}:")
_DAYS = frozenset(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))


def timestamp(value: Any) -> datetime | None:
    """Return the point in time that a value names, or ``None`` for "not a time" (an empty value), which is valid.

    Args:
        value: A text, or a number of nanoseconds since 1970.

    Raises:
        ValueError: When the text is no point in time, in the words of pandas.
        TypeError: When the value is neither text nor a number.

    Example:
        >>> timestamp("2023-12-01 9am")
        datetime.datetime(2023, 12, 1, 9, 0)
    """
    if isinstance(value, str):
        return _read(value)
    if value is None or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"Cannot convert input [{value}] of type {type(value)} to Timestamp")
    try:
        return datetime(1970, 1, 1) + timedelta(microseconds=int(value) // 1000)
    except OverflowError:
        raise ValueError(f"Out of bounds nanosecond timestamp {value}") from None


def at_or_after(one: datetime | None, other: datetime | None) -> bool:
    """Tell whether a point in time is not before another one. Nothing compares with an empty value.

    Raises:
        TypeError: When one has a time zone and the other has none.
    """
    if one is None or other is None:
        return False
    if (one.tzinfo is None) != (other.tzinfo is None):
        raise TypeError("Cannot compare tz-naive and tz-aware timestamps")
    return one >= other


@lru_cache(maxsize=4096)
def _read(text: str) -> datetime | None:
    match = _ISO.fullmatch(text)
    if match is None:
        return _read_freely(text)
    year, month, day, hour, minute, second, fraction, zone = match.groups(default="")
    try:
        clock = (int(hour or 0), int(minute or 0), int(second or 0), int(fraction.ljust(6, "0") or 0))
        read = datetime(int(year), int(month), int(day), *clock)
    except ValueError as error:
        raise ValueError(f"{error}: {text}") from None
    return datetime.fromisoformat(f"{read.isoformat()}{'+00:00' if zone == 'Z' else zone}") if zone else read


def _zone(name: str | None, offset: int | None) -> timezone | None:
    # The name of a zone without its offset says nothing to pandas either.
    return None if offset is None else timezone(timedelta(seconds=offset))


def _read_freely(text: str) -> datetime | None:
    if text in _NEVER:
        return None
    if text in ("now", "today"):
        return NOW
    unknown = ValueError(f"Unknown datetime string format, unable to parse: {text}")
    if len(text) > _LONGEST:
        raise unknown
    if text.strip().lower() in _DAYS:
        raise ValueError(f"Unable to parse datetime string: {text}")
    try:
        if abs(float(text)) < 1000 and not text.startswith("0"):
            raise ValueError(f'Given date string "{text}" not likely a datetime')
    except ValueError as error:
        if "not likely" in str(error):
            raise
    start = NOW.replace(hour=0, minute=0) if _CLOCK.match(text) else datetime(1, 1, 1)
    try:
        return parser.parse(text, default=start, tzinfos=_zone)
    except parser.ParserError as error:
        cause = str(error)
        if cause.startswith("Unknown string format"):
            raise unknown from None
        if cause.startswith("String does not contain a date"):
            raise ValueError(f"Unable to parse datetime string: {text}") from None
        raise ValueError(cause) from None
    except (OverflowError, ArithmeticError, TypeError) as error:
        raise ValueError(f"{error}: {text}") from None
