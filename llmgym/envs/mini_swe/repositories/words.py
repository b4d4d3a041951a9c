"""Words and lines of a text."""

from __future__ import annotations

from llmgym.envs.draw import Draw
from llmgym.envs.mini_swe.repositories.draft import Draft, Suite, fill

__all__ = ["words"]

_TOKENS = '''
"""Words of a text."""

STOP = ($stop)


def $split(text, keep=""):
    """Return the words in lower case; letters, digits and what is to be kept make words."""
    words = []
    current = ""
    for letter in text.lower():
        if letter.isalnum() or letter in keep:
            current += letter
        elif current:
            words.append(current)
            current = ""
    if current:
        words.append(current)
    return words


def $count(words, skip=None):
    """Count words; by default those that say little are left out."""
    if skip is None:
        skip = STOP
    counts = {}
    for word in words:
        if word in skip:
            continue
        counts[word] = counts.get(word, 0) + 1
    return counts


def $top(counts, most=$most):
    """Return the most frequent words with their counts; equals by the alphabet."""
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return ordered[:most]
'''

_LINES = '''
"""Lines of a text."""

from $package.tokens import $split


def $wrap(text, width):
    """Break a text into lines of at most a width; a longer word has a line of its own."""
    lines = []
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = line + " " + word if line else word
    if line:
        lines.append(line)
    return lines


def $index(lines, shortest=$shortest):
    """Return for each word the numbers of the lines that have it, from 1; short words are left out."""
    found = {}
    for number, line in enumerate(lines, 1):
        for word in $split(line):
            if len(word) < shortest:
                continue
            places = found.setdefault(word, [])
            if not places or places[-1] != number:
                places.append(number)
    return found


def $indent(lines, by=$by, first=True):
    """Put blanks before lines, before the first one only if asked; empty lines stay empty."""
    result = []
    for number, line in enumerate(lines):
        if not line or (number == 0 and not first):
            result.append(line)
        else:
            result.append(" " * by + line)
    return result


def $changed(old, new):
    """Return the numbers of the lines that differ, from 1; missing lines differ."""
    numbers = []
    for place in range(max(len(old), len(new))):
        before = old[place] if place < len(old) else None
        after = new[place] if place < len(new) else None
        if before != after:
            numbers.append(place + 1)
    return numbers
'''

_PHRASES = (
    "the river runs past the old mill and the mill stands still",
    "A cat, a dog; a cat and a bird!",
    "Rain falls on the roof - the roof leaks, so rain falls in",
    "two and two make four; four and four make eight",
    "The fox saw the hen. The hen saw the fox, and ran.",
    "green hills, grey stones, green moss on grey stones",
)


def words(draw: Draw) -> Draft:
    """Return a repository about words and lines of a text."""
    package = draw.pick(("wordwork", "lettering", "prose", "scribe", "phrasebook"))
    stop = draw.sample(("the", "a", "and", "of", "on", "in"), 3)
    names = {
        "package": package,
        "stop": ", ".join(f'"{word}"' for word in stop),
        "split": draw.pick(("split_words", "tokens", "words_of")),
        "count": draw.pick(("count_words", "tally", "frequencies")),
        "top": draw.pick(("top", "most_common", "leading")),
        "most": draw.between(2, 4),
        "wrap": draw.pick(("wrap", "fold", "break_lines")),
        "index": draw.pick(("index", "concordance", "where_used")),
        "shortest": draw.between(2, 4),
        "indent": draw.pick(("indent", "shift", "inset")),
        "by": draw.between(2, 5),
        "changed": draw.pick(("changed", "differing", "compare")),
    }
    split, count, top = names["split"], names["count"], names["top"]
    tokens = Suite(
        "tokens", f"from {package}.tokens import STOP, {', '.join(sorted(map(str, (split, count, top))))}"
    )
    offered = ", ".join(sorted(str(names[key]) for key in ("wrap", "index", "indent", "changed")))
    lines = Suite("lines", f"from {package}.lines import {offered}")
    for phrase in draw.sample(_PHRASES, 4):
        tokens.add("split", "", f"{split}({phrase!r})", f"{split}({phrase + '-end'!r}, '-')")
        tokens.add("count", "", f"{count}({split}({phrase!r}))", f"{count}({phrase.lower().split()}, ())")
        tokens.add(
            "top",
            "",
            f"{top}({count}({split}({phrase!r})))",
            f"{top}({{'b': 2, 'a': 2, 'c': {draw.between(1, 5)}}}, 1)",
        )
        width = draw.between(8, 22)
        lines.add(
            "wrap",
            "",
            f"{names['wrap']}({phrase!r}, {width})",
            f"{names['wrap']}({phrase!r}, {draw.between(4, 7)})",
        )
        broken = [part.strip() for part in phrase.replace(";", ",").replace(".", ",").split(",")]
        lines.add("index", "", f"{names['index']}({broken})", f"{names['index']}({broken}, 1)")
        lines.add(
            "indent",
            "",
            f"{names['indent']}({[broken[0], '', 'end']})",
            f"{names['indent']}({broken}, 1, False)",
        )
        other = [*broken[:-1], draw.pick(("new", "last", "end")), "more"]
        lines.add(
            "changed",
            "",
            f"{names['changed']}({broken}, {other})",
            f"{names['changed']}({other}, {broken[:1]})",
        )
    tokens.add("nothing", "", f"{split}('')", f"{count}([])", f"{top}({{}})", "len(STOP)")
    lines.add(
        "nothing", "", f"{names['wrap']}('', 10)", f"{names['changed']}([], [])", f"{names['indent']}([])"
    )
    lines.add("exact_width", "", f"{names['wrap']}('abc de fgh', 6)", f"{names['wrap']}('abc de fgh', 5)")
    modules = {"tokens": fill(_TOKENS, names), "lines": fill(_LINES, names)}
    parts = {"tokens": "words and their counts", "lines": "lines and where words are"}
    return Draft("words", package, "Counts words and lays out lines.", modules, [tokens, lines], parts)
