"""What an encyclopedia can say about each kind of thing, in the text of an article and in a question."""

from __future__ import annotations

from collections.abc import Mapping

from llmgym.envs.google_search.facts import Fact, Kind

__all__ = ["KINDS"]

KINDS: Mapping[str, Kind] = {
    "town": Kind(
        5,
        "the town of {name}",
        "{name} is a town.",
        {
            "province": Fact(
                "province",
                ("It lies in the province of {value}.", "It belongs to the province of {value}."),
                "In which province does {it} lie?",
            ),
            "river": Fact(
                "river",
                ("The river {value} flows through it.", "It was built on both banks of the {value}."),
                "Which river flows through {it}?",
            ),
            "founded": Fact(
                (1100, 1750),
                (
                    "It was founded in {value}.",
                    "The oldest charter of {it} dates from {value}, the year of its foundation.",
                ),
                "In which year was {it} founded?",
            ),
            "elevation": Fact(
                (40, 1400),
                (
                    "It lies {value} metres above the sea.",
                    "The market square is at an elevation of {value} metres.",
                ),
                "How many metres above the sea does {it} lie?",
            ),
            "craft": Fact(
                "craft",
                ("It is known for its {value}.", "For generations {value} has been its pride."),
                "For which craft is {it} known?",
            ),
        },
    ),
    "person": Kind(
        6,
        "{name}",
        "{name} appears in the registers of the academy.",
        {
            "birthplace": Fact(
                "town",
                ("{it} was born in {value}.", "The birthplace of {it} is {value}."),
                "In which town was {it} born?",
                "the town where {it} was born",
            ),
            "born": Fact(
                (1790, 1935),
                ("The year of birth was {value}.", "The baptism was entered in the year of birth, {value}."),
                "In which year was {it} born?",
            ),
            "profession": Fact(
                "profession",
                ("The profession of {it} was that of {value}.", "{it} made a name as {value}."),
                "What was the profession of {it}?",
            ),
            "instrument": Fact(
                "instrument",
                ("In private {it} played the {value}.", "Friends praised how {it} played the {value}."),
                "Which instrument did {it} play?",
            ),
            "teacher": Fact(
                "person",
                ("{it} was taught by {value}.", "The most important teacher of {it} was {value}."),
                "Who taught {it}?",
                "the teacher of {it}",
            ),
        },
    ),
    "company": Kind(
        3,
        "the company {name}",
        "{name} is a company.",
        {
            "founder": Fact(
                "person",
                ("It was founded by {value}.", "The founder of the firm was {value}."),
                "Who founded {it}?",
                "the founder of {it}",
            ),
            "seat": Fact(
                "town",
                ("Its seat is in {value}.", "The head office stands in {value}."),
                "In which town does {it} have its seat?",
                "the town where {it} has its seat",
            ),
            "product": Fact(
                "product", ("It makes {value}.", "It became known for its {value}."), "What does {it} make?"
            ),
            "started": Fact(
                (1820, 1960),
                (
                    "Business began in {value}.",
                    "The first goods were delivered in {value}, the first year of business.",
                ),
                "In which year did {it} begin business?",
            ),
        },
    ),
    "bridge": Kind(
        2,
        "the {name}",
        "The {name} is a bridge.",
        {
            "architect": Fact(
                "person",
                ("It was designed by {value}.", "The plans were drawn by {value}."),
                "Who designed {it}?",
                "the designer of {it}",
            ),
            "place": Fact(
                "town",
                ("It stands in {value}.", "It crosses the river in {value}."),
                "In which town does {it} stand?",
                "the town where {it} stands",
            ),
            "opened": Fact(
                (1840, 1970),
                (
                    "It was opened in {value}.",
                    "The first cart crossed it in {value}, the year it was opened.",
                ),
                "In which year was {it} opened?",
            ),
            "length": Fact(
                (30, 640),
                ("It is {value} metres long.", "Its length is {value} metres."),
                "How many metres long is {it}?",
            ),
            "material": Fact(
                "material",
                ("It was built of {value}.", "The main material is {value}."),
                "Of which material was {it} built?",
            ),
        },
    ),
    "work": Kind(
        2,
        "the novel '{name}'",
        "'{name}' is a novel.",
        {
            "author": Fact(
                "person",
                ("It was written by {value}.", "The author is {value}."),
                "Who wrote {it}?",
                "the author of {it}",
            ),
            "setting": Fact(
                "town",
                ("It is set in {value}.", "The story takes place in {value}."),
                "In which town is {it} set?",
                "the town in which {it} is set",
            ),
            "published": Fact(
                (1830, 1975),
                ("It was published in {value}.", "The first edition is of {value}."),
                "In which year was {it} first published?",
            ),
            "pages": Fact(
                (90, 900),
                ("The first edition has {value} pages.", "It runs to {value} pages."),
                "How many pages does {it} have?",
            ),
        },
    ),
    "species": Kind(
        2,
        "the {name}",
        "The {name} is a rare species.",
        {
            "describer": Fact(
                "person",
                ("It was first described by {value}.", "The first description is by {value}."),
                "Who first described {it}?",
                "the person who first described {it}",
            ),
            "habitat": Fact(
                "town",
                ("It was found first near {value}.", "The first specimen came from the hills of {value}."),
                "Near which town was {it} found first?",
                "the town near which {it} was found first",
            ),
            "described": Fact(
                (1815, 1980),
                ("The description appeared in {value}.", "It has been known to science since {value}."),
                "In which year was {it} first described?",
            ),
            "colour": Fact(
                "colour",
                ("Its colour is {value}.", "It is easily told by its colour, {value}."),
                "Which colour does {it} have?",
            ),
        },
    ),
    "festival": Kind(
        2,
        "the {name}",
        "The {name} is a festival.",
        {
            "host": Fact(
                "town",
                ("It is held in {value}.", "Every year it fills the streets of {value}."),
                "In which town is {it} held?",
                "the town that holds {it}",
            ),
            "patron": Fact(
                "person",
                ("It was begun by {value}.", "The idea came from {value}."),
                "Who began {it}?",
                "the person who began {it}",
            ),
            "month": Fact(
                "month",
                ("It takes place in {value}.", "The date is the second Sunday of {value}."),
                "In which month does {it} take place?",
            ),
            "dish": Fact(
                "dish",
                ("The traditional dish is {value}.", "Visitors eat {value}."),
                "Which dish is traditional at {it}?",
            ),
        },
    ),
}
"""The kinds of things that have articles."""
