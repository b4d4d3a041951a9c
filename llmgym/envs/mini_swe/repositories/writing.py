"""Repositories about text: words and lines, arithmetic expressions, tables of records."""

from __future__ import annotations

from llmgym.envs.draw import Draw
from llmgym.envs.mini_swe.repositories.draft import Draft, Suite, fill

__all__ = ["expressions", "records", "words"]

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


_LEXER = '''
"""From text to tokens."""


def $lex(text):
    """Return the tokens of an expression: numbers as int, everything else as text.

    Raises ValueError for a letter that means nothing.
    """
    found = []
    place = 0
    while place < len(text):
        letter = text[place]
        if letter == " ":
            place += 1
            continue
        if letter.isdigit():
            end = place
            while end < len(text) and text[end].isdigit():
                end += 1
            found.append(int(text[place:end]))
            place = end
        elif letter.isalpha():
            end = place
            while end < len(text) and text[end].isalnum():
                end += 1
            found.append(text[place:end])
            place = end
        elif letter in "+-*/()^":
            found.append(letter)
            place += 1
        else:
            raise ValueError("what is " + letter)
    return found
'''

_PARSER = '''
"""From tokens to a tree of tuples: (operator, left, right)."""

from $package.lexer import $lex

LEVELS = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 3}


def $parse(text):
    """Return the tree of an expression.

    Raises ValueError when it is none.
    """
    tokens = $lex(text)
    tree, rest = _climb(tokens, 1)
    if rest:
        raise ValueError("too much")
    return tree


def _climb(tokens, level):
    left, rest = _atom(tokens)
    while rest and LEVELS.get(rest[0], 0) >= level:
        operator = rest[0]
        above = LEVELS[operator]
        if operator != "^":
            above += 1
        right, rest = _climb(rest[1:], above)
        left = (operator, left, right)
    return left, rest


def _atom(tokens):
    if not tokens:
        raise ValueError("too little")
    first = tokens[0]
    if first == "(":
        tree, rest = _climb(tokens[1:], 1)
        if not rest or rest[0] != ")":
            raise ValueError("not closed")
        return tree, rest[1:]
    if first == "-":
        tree, rest = _climb(tokens[1:], 2)
        return ("-", 0, tree), rest
    if first in LEVELS or first == ")":
        raise ValueError("no number")
    return first, tokens[1:]
'''

_VALUES = '''
"""From a tree to its value."""

from $package.parser import $parse


def $evaluate(text, names=None):
    """Return the value of an expression; a division drops the rest.

    Raises NameError for a name without a value, and ZeroDivisionError.
    """
    return _value($parse(text), names or {})


def _value(tree, names):
    if isinstance(tree, int):
        return tree
    if isinstance(tree, str):
        if tree not in names:
            raise NameError(tree)
        return names[tree]
    operator, left, right = tree
    one, two = _value(left, names), _value(right, names)
    if operator == "+":
        return one + two
    if operator == "-":
        return one - two
    if operator == "*":
        return one * two
    if operator == "/":
        return one // two
    result = 1
    for _ in range(two):
        result *= one
    return result


def $used(text):
    """Return the names in an expression, each once, in order."""
    found = []
    waiting = [$parse(text)]
    while waiting:
        tree = waiting.pop(0)
        if isinstance(tree, str):
            if tree not in found:
                found.append(tree)
        elif isinstance(tree, tuple):
            waiting[:0] = tree[1:]
    return found
'''


def expressions(draw: Draw) -> Draft:
    """Return a repository that reads and computes arithmetic expressions."""
    package = draw.pick(("abacus", "reckoner", "formula", "sums", "calcbox"))
    names = {
        "package": package,
        "lex": draw.pick(("lex", "scan", "tokenise")),
        "parse": draw.pick(("parse", "read", "tree_of")),
        "evaluate": draw.pick(("evaluate", "compute", "value_of")),
        "used": draw.pick(("used", "names_in", "variables")),
    }
    lex, parse, evaluate, used = (names[key] for key in ("lex", "parse", "evaluate", "used"))
    lexer = Suite("lexer", f"from {package}.lexer import {lex}")
    parser = Suite("parser", f"from {package}.parser import {parse}")
    values = Suite("values", f"from {package}.values import {', '.join(sorted((evaluate, used)))}")
    for _ in range(4):
        a, b, c = (draw.between(2, 30) for _ in range(3))
        x, y = draw.sample(("x", "y1", "rate", "n", "total"), 2)
        lexer.add(
            "numbers_and_signs",
            "",
            f"{lex}('{a}+ {b}*({c} - {x})')",
            f"{lex}('{x}/{y}^2')",
            f"{lex}('{a * 37}')",
        )
        parser.add("levels", "", f"{parse}('{a} + {b} * {c}')", f"{parse}('{a} * {b} - {c}')")
        parser.add("left_first", "", f"{parse}('{a} - {b} - {c}')", f"{parse}('{a} / {b} * {c}')")
        parser.add("power_right_first", "", f"{parse}('{a} ^ 2 ^ {x}')", f"{parse}('-{a} + {b}')")
        parser.add("brackets", "", f"{parse}('({a} + {b}) * {c}')", f"{parse}('(({a}))')")
        values.add(
            "value",
            "",
            f"{evaluate}('{a} + {b} * {c} - {b}')",
            f"{evaluate}('({a} - {b}) * -{c}')",
            f"{evaluate}('{a * c} / {b}')",
        )
        values.add(
            "power", "", f"{evaluate}('{a} ^ 2 - {b}')", f"{evaluate}('2 ^ 3 ^ {draw.between(1, 2)} + {c}')"
        )
        values.add(
            "names",
            f"given = {{'{x}': {b}, '{y}': {c}}}",
            f"{evaluate}('{x} * {a} - {y}', given)",
            f"{evaluate}('{x}')",
        )
        values.add("used", "", f"{used}('{y} + {x} * {y} - {a}')", f"{used}('{a} / {b}')")
    lexer.add("unknown_letter", "", f"{lex}('2 % 3')", f"{lex}('')")
    parser.add("wrong", "", *(f"{parse}({text!r})" for text in ("", "1 +", "(1", "1 2", "* 3", "1 + )")))
    values.add("division_by_zero", "", f"{evaluate}('4 / (2 - 2)')", f"{evaluate}('7 / 2')")
    modules = {"lexer": fill(_LEXER, names), "parser": fill(_PARSER, names), "values": fill(_VALUES, names)}
    parts = {"lexer": "tokens", "parser": "the tree of an expression", "values": "values of expressions"}
    return Draft(
        "expressions",
        package,
        "Reads and computes arithmetic expressions.",
        modules,
        [lexer, parser, values],
        parts,
    )


_READING = '''
"""Records from lines of text."""


def $cells(line, mark="$mark"):
    """Split a line at a mark; inside double quotes it is text, and two quotes are one."""
    cells = []
    current = ""
    quoted = False
    place = 0
    while place < len(line):
        letter = line[place]
        if letter == '"' and quoted and line[place + 1:place + 2] == '"':
            current += letter
            place += 1
        elif letter == '"':
            quoted = not quoted
        elif letter == mark and not quoted:
            cells.append(current)
            current = ""
        else:
            current += letter
        place += 1
    if quoted:
        raise ValueError("a quote is not closed")
    cells.append(current)
    return cells


def $number(text):
    """Return a text as int where it is one, else as it is."""
    digits = text[1:] if text.startswith("-") else text
    return int(text) if digits.isdigit() else text


def $load(lines):
    """Return the records of lines, the first of which has the names of the fields.

    Raises ValueError for a line with more or fewer cells.
    """
    names = $cells(lines[0])
    records = []
    for line in lines[1:]:
        if not line.strip():
            continue
        found = $cells(line)
        if len(found) != len(names):
            raise ValueError("cells and names differ")
        records.append({name: $number(cell) for name, cell in zip(names, found)})
    return records
'''

_QUERY = '''
"""Questions about records."""


def $where(records, **wanted):
    """Return the records that have all the values."""
    return [record for record in records if all(record.get(name) == value for name, value in wanted.items())]


def $between(records, field, low=None, high=None):
    """Return the records whose field lies between two bounds, both included."""
    kept = []
    for record in records:
        value = record[field]
        if low is not None and value < low:
            continue
        if high is not None and value > high:
            continue
        kept.append(record)
    return kept


def $group(records, field, value=None):
    """Return counts by the values of a field, or sums of another field."""
    groups = {}
    for record in records:
        amount = 1 if value is None else record[value]
        groups[record[field]] = groups.get(record[field], 0) + amount
    return groups


def $sort(records, *fields, backwards=False):
    """Return the records in the order of fields."""
    return sorted(records, key=lambda record: [record[field] for field in fields], reverse=backwards)


def $with_rank(records, field, name="rank"):
    """Return copies of the records, best first, with their rank; equals share one."""
    ranked = []
    for place, record in enumerate($sort(records, field, backwards=True), 1):
        copy = dict(record)
        copy[name] = place
        if ranked and ranked[-1][field] == record[field]:
            copy[name] = ranked[-1][name]
        ranked.append(copy)
    return ranked
'''


def records(draw: Draw) -> Draft:
    """Return a repository that reads tables of records and answers questions about them."""
    package = draw.pick(("tabular", "cardfile", "rosters", "filings", "registry"))
    names = {
        "package": package,
        "mark": draw.pick((",", ";", "|")),
        "cells": draw.pick(("cells", "split_line", "fields_of")),
        "number": draw.pick(("number", "convert", "typed")),
        "load": draw.pick(("load", "read_table", "records_of")),
        "where": draw.pick(("where", "matching", "select")),
        "between": draw.pick(("between", "in_range", "bounded")),
        "group": draw.pick(("group", "totals_by", "grouped")),
        "sort": draw.pick(("sort", "ordered", "arranged")),
        "with_rank": draw.pick(("with_rank", "ranked", "placed")),
    }
    mark = str(names["mark"])
    reading = Suite(
        "reading",
        f"from {package}.reading import {', '.join(sorted(str(names[k]) for k in ('cells', 'number', 'load')))}",
    )
    offered = ", ".join(sorted(str(names[key]) for key in ("where", "between", "group", "sort", "with_rank")))
    query = Suite("query", f"from {package}.query import {offered}")
    towns, people = ("Arn", "Bex", "Cham", "Dorf"), ("Ann", "Bob", "Cyd", "Dee", "Eve", "Flo")
    for _ in range(4):
        rows = [(name, draw.pick(towns), draw.between(1, 30) * 5) for name in draw.sample(people, 5)]
        text = [mark.join(("name", "town", "points")), *(mark.join(map(str, row)) for row in rows)]
        data = [dict(zip(("name", "town", "points"), row, strict=True)) for row in rows]
        reading.add("load", "", f"{names['load']}({text})", f"{names['load']}({[*text[:2], ' ', text[2]]})")
        word = draw.pick(people)
        quoted = f'"{word}{mark} {draw.pick(towns)}"{mark}x'
        twice = f'"say ""{word}"""{mark}'
        reading.add("quotes", "", f"{names['cells']}({quoted!r})", f"{names['cells']}({twice!r})")
        reading.add(
            "number",
            "",
            f"{names['number']}('-{rows[0][2]}')",
            f"{names['number']}('{rows[1][2]}')",
            f"{names['number']}('{word}')",
        )
        reading.add("misfit", "", f"{names['load']}({[*text, word]})")
        town, points = rows[0][1], rows[1][2]
        setup = f"data = {data}"
        query.add(
            "where",
            setup,
            f"{names['where']}(data, town='{town}')",
            f"{names['where']}(data, town='{town}', points={points})",
        )
        query.add(
            "between",
            setup,
            f"{names['between']}(data, 'points', {points})",
            f"{names['between']}(data, 'points', high={points})",
        )
        query.add(
            "group", setup, f"{names['group']}(data, 'town')", f"{names['group']}(data, 'town', 'points')"
        )
        query.add(
            "sort",
            setup,
            f"[row['name'] for row in {names['sort']}(data, 'town', 'name')]",
            f"{names['sort']}(data, 'points', backwards=True)[0]",
        )
        query.add(
            "rank",
            f"{setup}\ndata[0]['points'] = data[1]['points']",
            f"{names['with_rank']}(data, 'points')",
            "data[0]",
        )
    reading.add("open_quote", "", f"{names['cells']}('\"a')", f"{names['cells']}('')")
    modules = {"reading": fill(_READING, names), "query": fill(_QUERY, names)}
    parts = {"reading": "records from text", "query": "questions about records"}
    return Draft(
        "records",
        package,
        "Reads tables of records and answers questions about them.",
        modules,
        [reading, query],
        parts,
    )
