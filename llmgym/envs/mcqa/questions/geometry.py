"""Lengths, areas, volumes and angles."""

from __future__ import annotations

from functools import lru_cache
from math import gcd

from llmgym.envs.draw import Draw
from llmgym.envs.mcqa.questions.options import Question, Template, numbers

__all__ = ["TEMPLATES"]


@lru_cache(maxsize=1)
def _triples() -> tuple[tuple[int, int, int], ...]:
    """Return primitive Pythagorean triples with short sides first."""
    found = []
    for m in range(2, 9):
        for n in range(1, m):
            if (m - n) % 2 and gcd(m, n) == 1:
                found.append((m * m - n * n, 2 * m * n, m * m + n * n))
    return tuple(found)


def rectangle(draw: Draw, level: int) -> Question:
    """Relate the sides, the perimeter and the area of a rectangle."""
    wide, high = draw.sample(range(3, (20, 60, 240)[level]), 2)
    area, around = wide * high, 2 * (wide + high)
    kind = draw.below(level + 2)
    if kind == 0:
        told, value = (
            f"A rectangle is {wide} cm wide and {high} cm high. What is its area in square centimetres?",
            area,
        )
    elif kind == 1:
        told, value = (
            f"A rectangle is {wide} cm wide and {high} cm high. What is its perimeter in centimetres?",
            around,
        )
    elif kind == 2:
        told = f"A rectangle is {wide} cm wide and has an area of {area} square centimetres. "
        told, value = told + "What is its perimeter in centimetres?", around
    else:
        told = f"A rectangle is {wide} cm wide and has a perimeter of {around} centimetres. "
        told, value = told + "What is its area in square centimetres?", area
    slips = [area, around, wide + high, 2 * area, wide * around, value + 2 * wide, value - 2, area // 2]
    return Question(told, str(value), numbers(value, slips, step=2, low=1))


def box(draw: Draw, level: int) -> Question:
    """Find the volume or the surface of a box."""
    a, b, c = (draw.between(2, (9, 20, 45)[level]) for _ in range(3))
    volume, surface = a * b * c, 2 * (a * b + b * c + a * c)
    if level == 0 or draw.chance(0.5):
        asked, value = "volume in cubic centimetres", volume
    else:
        asked, value = "surface area (all six faces) in square centimetres", surface
    slips = [
        volume,
        surface,
        surface // 2,
        2 * a * b + 4 * c,
        a + b + c,
        a * b + b * c,
        value * 2,
        (a + 1) * b * c,
    ]
    told = f"A box measures {a} cm by {b} cm by {c} cm. What is its {asked}?"
    return Question(told, str(value), numbers(value, slips, step=2, low=1))


def right_triangle(draw: Draw, level: int) -> Question:
    """Find a side of a right triangle with integer sides."""
    triples = _triples()[: (4, 8, 99)[level]]
    scale = draw.between(1, (5, 6, 9)[level])
    a, b, c = (side * scale for side in draw.pick(triples))
    if level == 0 or draw.chance(0.5):
        told, value = (
            f"A right triangle has legs of {a} cm and {b} cm. How many centimetres long is the hypotenuse?",
            c,
        )
        slips = [a + b, c + 1, c - 1, (a + b) // 2, c + scale, c - scale, abs(a - b)]
    else:
        told = f"A right triangle has a leg of {a} cm and a hypotenuse of {c} cm. How many centimetres long is the other leg?"
        value = b
        slips = [c - a, c + a, b + 1, b - 1, b + scale, b - scale, (a + c) // 2]
    return Question(told, str(value), numbers(value, slips, low=0))


def angle(draw: Draw, level: int) -> Question:
    """Find a missing angle of a triangle or a polygon."""
    corners = (3, draw.between(3, 4), draw.between(4, 7))[level]
    total = 180 * (corners - 2)
    while True:
        known = [draw.between(25, 170 if corners > 3 else 100) for _ in range(corners - 1)]
        value = total - sum(known)
        if 20 <= value <= 170:
            break
    shape = {
        3: "triangle",
        4: "convex quadrilateral",
        5: "convex pentagon",
        6: "convex hexagon",
        7: "convex heptagon",
    }[corners]
    told = f"Inside a {shape}, all angles but one are {', '.join(map(str, known[:-1]))} and {known[-1]} degrees. "
    slips = [
        180 - known[-1],
        value + 10,
        value - 10,
        sum(known) % 180,
        abs(360 - sum(known)),
        180 - value,
        known[0],
    ]
    told += "How many degrees is the last angle?"
    return Question(told, str(value), numbers(value, [n for n in slips if 10 < n < 180], low=1, high=179))


def polygon(draw: Draw, level: int) -> Question:
    """Find the angle sum, the diagonals or one angle of a regular polygon."""
    corners = draw.between(*((5, 12), (8, 30), (20, 90))[level])
    kind = draw.below(2)
    if kind == 0:
        told, value = (
            f"What is the sum of the interior angles of a convex polygon with {corners} corners, in degrees?",
            180 * (corners - 2),
        )
        slips = [180 * corners, 180 * (corners - 1), 360 * (corners - 2), 180 * (corners - 3), 360]
        return Question(told, str(value), numbers(value, slips, step=180, low=180))
    value = corners * (corners - 3) // 2
    told = f"How many diagonals does a convex polygon with {corners} corners have?"
    slips = [
        corners * (corners - 3),
        corners * (corners - 1) // 2,
        corners * (corners - 2) // 2,
        corners - 3,
        value + corners,
    ]
    return Question(told, str(value), numbers(value, slips, low=0))


def distance(draw: Draw, level: int) -> Question:
    """Find the distance between two points of the plane."""
    a, b, c = draw.pick(_triples()[: (3, 8, 99)[level]])
    scale, span = draw.between(1, (3, 4, 6)[level]), (9, 30, 90)[level]
    wide, high, value = a * scale * draw.pick((1, -1)), b * scale * draw.pick((1, -1)), c * scale
    if draw.chance(0.5):
        wide, high = high, wide
    x, y = (draw.between(-span if level else 0, span) for _ in range(2))
    told = f"What is the distance between the points ({x}, {y}) and ({x + wide}, {y + high}) of the plane?"
    slips = [
        abs(wide) + abs(high),
        max(abs(wide), abs(high)),
        abs(abs(wide) - abs(high)),
        value + scale,
        value - scale,
        value + 1,
    ]
    return Question(told, str(value), numbers(value, slips, low=0))


def scaling(draw: Draw, level: int) -> Question:
    """Scale an area or a volume."""
    power = 2 if level == 0 else draw.pick((2, 3))
    factor, size = draw.between(2, (5, 7, 12)[level]), draw.between(3, (20, 60, 250)[level])
    what, unit = {2: ("area", "square"), 3: ("volume", "cubic")}[power]
    shape = {2: draw.pick(("triangle", "kite", "hexagon")), 3: draw.pick(("pyramid", "cylinder", "prism"))}[
        power
    ]
    larger = size * factor**power
    told = f"Every length of a {shape} is multiplied by {factor}. "
    if level and draw.chance(0.4):
        told += f"Its {what} is then {larger} {unit} metres. What was its {what} before, in {unit} metres?"
        value, slips = size, [larger // factor, size * factor, size + factor, size * 2, size + 1]
    else:
        told += f"Its {what} was {size} {unit} metres. What is its {what} now, in {unit} metres?"
        value = larger
        slips = [
            size * factor,
            size * power * factor,
            size * factor**2,
            size * factor**3,
            size + factor,
            size * (factor + 1),
        ]
    return Question(told, str(value), numbers(value, slips, low=0))


TEMPLATES: tuple[Template, ...] = (
    Template(rectangle),
    Template(box),
    Template(right_triangle),
    Template(angle),
    Template(polygon),
    Template(distance),
    Template(scaling),
)
