"""The sources of small modules that repositories of every family have beside their own."""

from __future__ import annotations

__all__ = ["CHECKS", "FIGURES", "PAGES", "RANGES", "SETTINGS", "TEXT"]

CHECKS = '''
"""Checks of arguments."""


def require_name(text):
    """Return a name without the blanks around it; an empty one is refused."""
    name = text.strip()
    if not name:
        raise ValueError("a name is needed")
    return name


def require_positive(number):
    """Return a number that is above zero."""
    if number <= 0:
        raise ValueError("a number above zero is needed")
    return number


def clamp(value, low, high):
    """Return the value, or the bound that it crosses."""
    if value < low:
        return low
    if value > high:
        return high
    return value
'''

TEXT = '''
"""Text for people."""


def shorten(text, width, mark="$mark"):
    """Cut a text to a width; the mark stands for what is missing and counts."""
    if len(text) <= width:
        return text
    return text[:width - len(mark)] + mark


def slug(text):
    """Return lower-case words joined by dashes."""
    words = []
    for word in text.lower().split():
        kept = "".join(letter for letter in word if letter.isalnum())
        if not kept:
            continue
        words.append(kept)
    return "-".join(words)


def columns(rows, gap=$gap):
    """Lay out rows of texts in columns that are as wide as their widest cell."""
    if not rows:
        return []
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths)]
        lines.append((" " * gap).join(cells).rstrip())
    return lines
'''

RANGES = '''
"""Half-open ranges of numbers: (start, end), the end left out."""


def overlaps(one, other):
    """Tell whether two ranges share a number."""
    return one[0] < other[1] and other[0] < one[1]


def merge(ranges):
    """Join ranges that overlap or touch; the result is in order."""
    merged = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def covered(ranges):
    """Count the numbers in at least one range."""
    return sum(end - start for start, end in merge(ranges))


def gaps(ranges, low, high):
    """Return what the ranges leave free between two bounds."""
    free = []
    at = low
    for start, end in merge(ranges):
        if start > at:
            free.append((at, min(start, high)))
        at = max(at, end)
        if at >= high:
            break
    if at < high:
        free.append((at, high))
    return free
'''

SETTINGS = '''
"""Settings: defaults, overrides, and lines of a file."""

DEFAULTS = {"retries": $retries, "verbose": False, "limits": {"low": $low, "high": $high}}


def merged(given, defaults=None):
    """Return the defaults with what is given put over them, level by level."""
    result = dict(DEFAULTS if defaults is None else defaults)
    for key, value in given.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merged(value, result[key])
        else:
            result[key] = value
    return result


def lookup(settings, path, default=None):
    """Follow a dotted path."""
    here = settings
    for part in path.split("."):
        if not isinstance(here, dict) or part not in here:
            return default
        here = here[part]
    return here


def read_lines(lines):
    """Read "key = value" lines; blank lines and lines that begin with # are left out."""
    found = {}
    for line in lines:
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        key, sign, value = text.partition("=")
        if not sign:
            raise ValueError("no sign in line: " + text)
        found[key.strip()] = value.strip()
    return found
'''

FIGURES = '''
"""Figures about lists of numbers."""


def mean(numbers):
    """Return the mean; of no numbers it is 0."""
    if not numbers:
        return 0
    return sum(numbers) / len(numbers)


def median(numbers):
    """Return the middle number, or the mean of the middle two."""
    ordered = sorted(numbers)
    half = len(ordered) // 2
    if len(ordered) % 2 == 1:
        return ordered[half]
    return (ordered[half - 1] + ordered[half]) / 2


def moving(numbers, size=$size):
    """Return the sums of all runs of a size."""
    return [sum(numbers[start:start + size]) for start in range(len(numbers) - size + 1)]


def buckets(numbers, width):
    """Count numbers by the multiple of the width below them."""
    counts = {}
    for number in numbers:
        start = number // width * width
        counts[start] = counts.get(start, 0) + 1
    return counts
'''

PAGES = '''
"""Lists in pages. The first page is number 1."""


def page_count(total, size):
    """Return how many pages hold so many items; even none take one page."""
    return max(1, (total + size - 1) // size)


def page(items, number, size=$page):
    """Return the items of a page."""
    last = page_count(len(items), size)
    if number < 1 or number > last:
        raise IndexError("no such page")
    start = (number - 1) * size
    return items[start:start + size]


def neighbours(number, last, reach=1):
    """Return the page numbers around one, itself included."""
    return list(range(max(1, number - reach), min(last, number + reach) + 1))
'''
