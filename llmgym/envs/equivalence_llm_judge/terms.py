"""Terms that are known by their definitions."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["TERMS", "Term"]


class Term(NamedTuple):
    """A term and what it means.

    Attributes:
        name: The term.
        meanings: Definitions that name the same thing, as noun phrases.
        near: Terms for other things that are easily mistaken for it.
    """

    name: str
    meanings: tuple[str, ...]
    near: tuple[str, ...]


TERMS: tuple[Term, ...] = (
    Term(
        "prime number",
        (
            "a whole number greater than 1 whose only divisors are 1 and itself",
            "a natural number with exactly two divisors",
        ),
        ("composite number", "odd number"),
    ),
    Term(
        "composite number",
        (
            "a whole number greater than 1 that is not prime",
            "a natural number with more than two divisors",
        ),
        ("prime number", "even number"),
    ),
    Term(
        "perfect number",
        (
            "a natural number that equals the sum of its divisors other than itself",
            "a number such as 6 or 28, to which its proper divisors add up",
        ),
        ("perfect square", "prime number"),
    ),
    Term(
        "factorial",
        (
            "the product of all natural numbers from 1 to a given number",
            "what the exclamation mark behind a number stands for in mathematics",
        ),
        ("exponent", "permutation"),
    ),
    Term(
        "reciprocal",
        ("the number that gives 1 when multiplied by a given number", "1 divided by a given number"),
        ("opposite", "square root"),
    ),
    Term(
        "hypotenuse",
        (
            "the longest side of a right-angled triangle",
            "the side of a right-angled triangle that lies opposite the right angle",
        ),
        ("cathetus", "diagonal"),
    ),
    Term(
        "isosceles triangle",
        (
            "a triangle with at least two equal sides",
            "a triangle with two angles of the same size at its base",
        ),
        ("equilateral triangle", "scalene triangle"),
    ),
    Term(
        "scalene triangle",
        ("a triangle whose three sides all differ in length", "a triangle without two equal sides"),
        ("isosceles triangle", "equilateral triangle"),
    ),
    Term(
        "rhombus",
        ("a quadrilateral with four equal sides", "a parallelogram whose sides all have the same length"),
        ("rectangle", "trapezium"),
    ),
    Term(
        "diameter",
        (
            "the length of a line through the centre of a circle from one side to the other",
            "twice the radius of a circle",
        ),
        ("radius", "circumference"),
    ),
    Term(
        "circumference",
        ("the length of the line that bounds a circle", "the perimeter of a circle"),
        ("diameter", "area"),
    ),
    Term(
        "obtuse angle",
        ("an angle of more than 90 and less than 180 degrees", "an angle between a right and a straight one"),
        ("acute angle", "reflex angle"),
    ),
    Term(
        "acute angle",
        ("an angle of less than 90 degrees", "an angle smaller than a right one"),
        ("obtuse angle", "right angle"),
    ),
    Term(
        "median",
        (
            "the middle value of an odd number of values put in order",
            "the value that splits an ordered list of values into two halves",
        ),
        ("mean", "mode"),
    ),
    Term(
        "mode",
        ("the value that occurs most often in a list", "the most frequent value of a data set"),
        ("median", "range"),
    ),
    Term(
        "numerator",
        ("the number above the line of a fraction", "what is divided in a fraction"),
        ("denominator", "quotient"),
    ),
    Term(
        "denominator",
        ("the number below the line of a fraction", "what a fraction divides by"),
        ("numerator", "divisor"),
    ),
    Term(
        "quotient",
        ("the result of a division", "what one gets by dividing one number by another"),
        ("product", "remainder"),
    ),
    Term(
        "palindrome",
        (
            "a word that reads the same forwards and backwards",
            "a text such as 'level', whose letters come in the same order from either end",
        ),
        ("anagram", "acronym"),
    ),
    Term(
        "anagram",
        (
            "a word made from the letters of another one in a different order",
            "a rearrangement of the letters of a word",
        ),
        ("palindrome", "synonym"),
    ),
    Term(
        "synonym",
        (
            "a word with the same meaning as another one",
            "a word that may stand for another without a change of sense",
        ),
        ("antonym", "homonym"),
    ),
    Term(
        "antonym",
        ("a word with the opposite meaning of another one", "what 'hot' is to 'cold'"),
        ("synonym", "acronym"),
    ),
    Term(
        "acronym",
        (
            "a word made from the first letters of other words",
            "an abbreviation of initials that is spoken like a word",
        ),
        ("anagram", "antonym"),
    ),
    Term(
        "vowel",
        ("a letter such as a, e, i, o or u", "a speech sound made with an open vocal tract"),
        ("consonant", "syllable"),
    ),
    Term(
        "isotopes",
        (
            "atoms of the same element with different numbers of neutrons",
            "kinds of atom that share their number of protons and differ in mass",
        ),
        ("ions", "isomers"),
    ),
    Term(
        "ion",
        ("an atom or molecule with an electric charge", "an atom that has lost or gained electrons"),
        ("isotope", "neutron"),
    ),
    Term(
        "proton",
        (
            "the positively charged particle of the atomic nucleus",
            "the particle whose count is the atomic number",
        ),
        ("neutron", "electron"),
    ),
    Term(
        "velocity",
        ("speed together with its direction", "the rate at which position changes, as a vector"),
        ("acceleration", "momentum"),
    ),
    Term(
        "acceleration",
        ("the rate at which velocity changes", "the second derivative of position by time"),
        ("velocity", "force"),
    ),
    Term(
        "density",
        ("mass divided by volume", "how much mass there is in a unit of volume"),
        ("weight", "pressure"),
    ),
    Term(
        "pressure",
        ("force divided by the area on which it acts", "the quantity that is measured in pascals"),
        ("density", "energy"),
    ),
    Term(
        "recursion",
        ("the technique of a function that calls itself", "defining something in terms of itself"),
        ("iteration", "compilation"),
    ),
    Term(
        "queue",
        (
            "a data structure from which the element that came first leaves first",
            "a first-in, first-out collection",
        ),
        ("stack", "tree"),
    ),
    Term(
        "stack",
        (
            "a data structure from which the element that came last leaves first",
            "a last-in, first-out collection",
        ),
        ("queue", "heap"),
    ),
    Term(
        "tautology",
        (
            "a statement of logic that is true in every case",
            "a formula that is true whatever its variables are",
        ),
        ("contradiction", "axiom"),
    ),
    Term(
        "axiom",
        ("a statement that is taken as true without proof", "a starting point of a mathematical theory"),
        ("theorem", "lemma"),
    ),
)
"""The terms."""
