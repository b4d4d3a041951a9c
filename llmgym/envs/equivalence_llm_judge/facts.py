"""Facts that hold by definition, and ways to write numbers."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["ELEMENTS", "NUMBERS_OF_THINGS", "Element", "in_words", "ordinal", "roman"]


class Element(NamedTuple):
    """A chemical element.

    Attributes:
        number: Its atomic number.
        symbol: Its symbol.
        name: Its name.
        spellings: Other spellings of the name.
    """

    number: int
    symbol: str
    name: str
    spellings: tuple[str, ...] = ()


_ELEMENTS = """
H hydrogen, He helium, Li lithium, Be beryllium, B boron, C carbon, N nitrogen, O oxygen, F fluorine, Ne neon,
Na sodium, Mg magnesium, Al aluminium/aluminum, Si silicon, P phosphorus, S sulfur/sulphur, Cl chlorine, Ar argon,
K potassium, Ca calcium, Sc scandium, Ti titanium, V vanadium, Cr chromium, Mn manganese, Fe iron, Co cobalt,
Ni nickel, Cu copper, Zn zinc, Ga gallium, Ge germanium, As arsenic, Se selenium, Br bromine, Kr krypton,
Rb rubidium, Sr strontium, Y yttrium, Zr zirconium, Nb niobium, Mo molybdenum, Tc technetium, Ru ruthenium,
Rh rhodium, Pd palladium, Ag silver, Cd cadmium, In indium, Sn tin, Sb antimony, Te tellurium, I iodine, Xe xenon,
Cs caesium/cesium, Ba barium, La lanthanum, Ce cerium, Pr praseodymium, Nd neodymium, Pm promethium, Sm samarium,
Eu europium, Gd gadolinium, Tb terbium, Dy dysprosium, Ho holmium, Er erbium, Tm thulium, Yb ytterbium, Lu lutetium,
Hf hafnium, Ta tantalum, W tungsten/wolfram, Re rhenium, Os osmium, Ir iridium, Pt platinum, Au gold, Hg mercury,
Tl thallium, Pb lead, Bi bismuth, Po polonium, At astatine, Rn radon, Fr francium, Ra radium, Ac actinium,
Th thorium, Pa protactinium, U uranium, Np neptunium, Pu plutonium, Am americium, Cm curium, Bk berkelium,
Cf californium, Es einsteinium, Fm fermium, Md mendelevium, No nobelium, Lr lawrencium, Rf rutherfordium, Db dubnium,
Sg seaborgium, Bh bohrium, Hs hassium, Mt meitnerium, Ds darmstadtium, Rg roentgenium, Cn copernicium, Nh nihonium,
Fl flerovium, Mc moscovium, Lv livermorium, Ts tennessine, Og oganesson
"""


def _element(number: int, entry: str) -> Element:
    symbol, names = entry.split()
    name, *spellings = names.split("/")
    return Element(number, symbol, name, tuple(spellings))


ELEMENTS: tuple[Element, ...] = tuple(
    _element(number, entry) for number, entry in enumerate(_ELEMENTS.replace("\n", " ").split(", "), 1)
)
"""The elements, by atomic number."""

NUMBERS_OF_THINGS: tuple[tuple[str, int], ...] = (
    ("the number of sides of a triangle", 3),
    ("the number of sides of a pentagon", 5),
    ("the number of sides of a hexagon", 6),
    ("the number of sides of a heptagon", 7),
    ("the number of sides of an octagon", 8),
    ("the number of sides of a decagon", 10),
    ("the number of sides of a dodecagon", 12),
    ("the number of diagonals of a pentagon", 5),
    ("the number of diagonals of a hexagon", 9),
    ("the number of diagonals of an octagon", 20),
    ("the number of faces of a cube", 6),
    ("the number of edges of a cube", 12),
    ("the number of vertices of a cube", 8),
    ("the number of faces of a tetrahedron", 4),
    ("the number of edges of a tetrahedron", 6),
    ("the number of faces of an octahedron", 8),
    ("the number of edges of an octahedron", 12),
    ("the number of vertices of an icosahedron", 12),
    ("the number of edges of an icosahedron", 30),
    ("the number of faces of a dodecahedron", 12),
    ("the number of vertices of a dodecahedron", 20),
    ("the number of squares of a chessboard", 64),
    ("the number of chess pieces that one player starts with", 16),
    ("the number of letters of the English alphabet", 26),
    ("the number of days of a leap year", 366),
    ("the number of days of a year that is no leap year", 365),
    ("the number of hours of a day", 24),
    ("the number of hours of a week", 168),
    ("the number of minutes of a day", 1440),
    ("the number of seconds of an hour", 3600),
    ("the number of bits of a byte", 8),
    ("the number of degrees of a full turn", 360),
    ("the number of degrees of a right angle", 90),
    ("the number of degrees of the angles of a triangle together", 180),
    ("the number of keys of a standard piano", 88),
    ("the number of semitones of an octave", 12),
    ("the number of cards of a standard deck without jokers", 52),
    ("the number of years of a century", 100),
    ("the number of items of a gross", 144),
    ("the number of pips of a standard die together", 21),
)
"""Noun phrases for numbers that hold by definition, with the number."""


_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()


def in_words(number: int) -> str:
    """Write a number from 0 to 999,999 in English words.

    Example:
        >>> in_words(21_104)
        'twenty-one thousand one hundred and four'
    """
    if number >= 1000:
        rest = number % 1000
        link = " and " if 0 < rest < 100 else " "
        return f"{in_words(number // 1000)} thousand" + (link + in_words(rest) if rest else "")
    if number >= 100:
        rest = number % 100
        return f"{_UNITS[number // 100]} hundred" + (f" and {in_words(rest)}" if rest else "")
    if number >= 20:
        return _TENS[number // 10] + (f"-{_UNITS[number % 10]}" if number % 10 else "")
    return _UNITS[number]


def ordinal(number: int) -> str:
    """Write a number as an ordinal.

    Example:
        >>> ordinal(1), ordinal(12), ordinal(22)
        ('1st', '12th', '22nd')
    """
    last = 0 if number % 100 in (11, 12, 13) else number % 10
    return f"{number}{('th', 'st', 'nd', 'rd')[last] if last < 4 else 'th'}"


_ROMAN = (
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
)


def roman(number: int) -> str:
    """Write a number from 1 to 3,999 in Roman numerals.

    Example:
        >>> roman(1994)
        'MCMXCIV'
    """
    written = ""
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        written += letters * count
    return written
