"""Exact arithmetic: integers, fractions, percentages, remainders."""

from __future__ import annotations

from fractions import Fraction

from llmgym.envs.draw import Draw
from llmgym.envs.mcqa.questions.options import Question, Template, decimal, numbers
from llmgym.envs.mcqa.questions.words import GOODS, NAMES

__all__ = ["TEMPLATES"]


def sums(draw: Draw, level: int) -> Question:
    """Add and subtract integers."""
    size = (60, 300, 3000)[level]
    terms = [draw.between(size // 6, size) for _ in range((2, 3, 5)[level])]
    signs = [1] + [draw.pick((1, -1)) for _ in terms[1:]]
    value = sum(sign * term for sign, term in zip(signs, terms, strict=True))
    text = str(terms[0]) + "".join(
        f" {'+' if sign > 0 else '-'} {term}" for sign, term in zip(signs[1:], terms[1:], strict=True)
    )
    flipped = [value - 2 * sign * term for sign, term in zip(signs[1:], terms[1:], strict=True)]
    slips = [value + 10, value - 10, value + 100, value - 100, *flipped]
    return Question(f"What is {text}?", str(value), numbers(value, slips))


def product(draw: Draw, level: int) -> Question:
    """Multiply two integers."""
    low, high = ((4, 15), (12, 99), (101, 999))[level]
    one, two = draw.between(low, high), draw.between(*((3, 12), (12, 99), (23, 99))[level])
    value = one * two
    slips = [one * (two + 1), one * (two - 1), (one + 1) * two, (one - 1) * two, value + 10, value - 10]
    return Question(f"What is {one} × {two}?", str(value), numbers(value, slips))


def precedence(draw: Draw, level: int) -> Question:
    """Evaluate an expression in which the order of operations matters."""
    size = (9, 15, 30)[level]
    a, b, c, d, e, f = (draw.between(2, size) for _ in range(6))
    if level == 0:
        text, value = f"{a} + {b} × {c}", a + b * c
        slips = [(a + b) * c, a * b + c, a + b + c]
    elif level == 1:
        text, value = f"{a} × {b} - {c} × {d} + {e}", a * b - c * d + e
        slips = [(a * b - c) * d + e, a * (b - c) * d + e, a * b - (c * d + e), a * b + c * d + e]
    else:
        text, value = f"({a} + {b}) × ({c} - {d}) - {e} × {f}", (a + b) * (c - d) - e * f
        slips = [
            a + b * (c - d) - e * f,
            ((a + b) * (c - d) - e) * f,
            (a + b) * c - d - e * f,
            a + b * c - d - e * f,
        ]
    return Question(f"What is the value of {text}?", str(value), numbers(value, slips))


def percentage(draw: Draw, level: int) -> Question:
    """Take a percentage of a number, or find the number from its percentage."""
    percent = (5 * draw.between(2, 18), draw.between(11, 89), draw.between(3, 149))[level]
    whole = (20, 100, 100)[level] * draw.between(2, (30, 30, 60)[level])
    part = whole * percent // 100
    if level == 2 and draw.chance(0.5):
        slips = [part * percent // 100, part * (100 - percent) // 100, part * 100, whole + part]
        wrong = numbers(whole, slips, step=10, low=1)
        return Question(f"{part} is {percent}% of which number?", str(whole), wrong)
    slips = [whole - part, part * 10, part + percent, part - percent, whole * (percent + 10) // 100]
    return Question(
        f"What is {percent}% of {whole}?", str(part), numbers(part, [n for n in slips if n > 0], low=0)
    )


def price_changes(draw: Draw, level: int) -> Question:
    """Follow a price through changes by percentages."""
    price = (100, 50, 20)[level] * draw.between(2, 24)
    rise, cut = (draw.between(1, 8) * 5 if level < 2 else draw.between(3, 45) for _ in range(2))
    changes = [(rise, 1), (cut, -1)] if draw.chance(0.5) else [(cut, -1), (rise, 1)]
    if level == 2:
        changes.append((draw.between(2, 30), draw.pick((1, -1))))
    value = Fraction(price)
    for percent, sign in changes:
        value *= Fraction(100 + sign * percent, 100)
    told = [f"{'rises' if sign > 0 else 'falls'} by {percent}%" for percent, sign in changes]
    net = sum(sign * percent for percent, sign in changes)
    slips = [Fraction(price * (100 + net), 100), Fraction(price), Fraction(price + net)]
    wrong = numbers(
        value, slips, render=decimal, step=1 if value.denominator == 1 else Fraction(1, 100), low=0
    )
    steps = ", then ".join(told)
    return Question(f"A price of {price} {steps}. Each change applies to the price at that moment. "
                    "What is the final price?", decimal(value), wrong)  # fmt: skip


def remainder(draw: Draw, level: int) -> Question:
    """Divide with a remainder."""
    divisor = draw.between(*((11, 25), (26, 99), (101, 499))[level])
    quotient = draw.between(*((3, 12), (15, 60), (40, 300))[level])
    rest = draw.between(0, divisor - 1)
    slips = [divisor - rest, quotient, rest + 1]
    wrong = numbers(rest, [n for n in slips if n < divisor], low=0, high=divisor - 1)
    total = divisor * quotient + rest
    return Question(f"What is the remainder when {total} is divided by {divisor}?", str(rest), wrong)


def fraction_sum(draw: Draw, level: int) -> Question:
    """Add, subtract or multiply two fractions."""
    size = (6, 10, 18)[level]
    b, d = draw.sample(range(2, size + 1), 2)
    a, c = draw.between(1, b - 1), draw.between(1, d - 1)
    sign = draw.pick(("+", "-", "×")[: level + 1])
    one, two = Fraction(a, b), Fraction(c, d)
    value = {"+": one + two, "-": one - two, "×": one * two}[sign]
    slips = [
        Fraction(a + c, b + d),
        Fraction(a + c, b * d),
        Fraction(abs(a - c), b * d),
        one * two,
        one + two,
        -value,
    ]
    wrong = numbers(value, slips, step=Fraction(1, value.denominator))
    told = f"What is {a}/{b} {sign} {c}/{d} as an integer or a fraction in lowest terms?"
    return Question(told, str(value), wrong)


def power_remainder(draw: Draw, level: int) -> Question:
    """Find the remainder of a power."""
    modulus = draw.between(*((11, 19), (11, 40), (31, 97))[level])
    base = draw.between(2, (5, 12, 30)[level])
    exponent = draw.between(*((4, 7), (7, 20), (20, 90))[level])
    value = pow(base, exponent, modulus)
    slips = [base * exponent % modulus, pow(base, exponent - 1, modulus), modulus - value, exponent % modulus]
    wrong = numbers(value, [n for n in slips if n < modulus], low=0, high=modulus - 1)
    told = f"What is the remainder when {base}^{exponent} ({base} to the power {exponent}) is divided by {modulus}?"
    return Question(told, str(value), wrong)


def change(draw: Draw, level: int) -> Question:
    """Work out the change after a purchase."""
    kinds = draw.sample(GOODS, level + 1)
    bought = [(draw.between(2, 9 + 6 * level), draw.between(3, 15 + 10 * level)) for _ in kinds]
    cost = sum(amount * price for amount, price in bought)
    paid = cost + draw.between(11, 95)
    listing = " and ".join(
        f"{amount} {kind} at {price} coins each" for kind, (amount, price) in zip(kinds, bought, strict=True)
    )
    slips = [paid - price for _, price in bought] + [paid - cost + price for _, price in bought] + [cost]
    wrong = numbers(paid - cost, [n for n in slips if n > 0], low=1)
    who = draw.pick(NAMES)
    told = f"{who} buys {listing} and pays with {paid} coins. How many coins does {who} get back?"
    return Question(told, str(paid - cost), wrong)


TEMPLATES: tuple[Template, ...] = (
    Template(sums),
    Template(product),
    Template(precedence),
    Template(percentage),
    Template(price_changes),
    Template(remainder),
    Template(fraction_sum),
    Template(power_remainder),
    Template(change),
)
