"""Arithmetic expressions."""

from __future__ import annotations

from llmgym.envs.draw import Draw
from llmgym.envs.mini_swe.repositories.draft import Draft, Suite, fill

__all__ = ["expressions"]

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
