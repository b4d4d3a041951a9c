"""Tables of records."""

from __future__ import annotations

from llmgym.envs.draw import Draw
from llmgym.envs.mini_swe.repositories.draft import Draft, Suite, fill

__all__ = ["records"]

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
