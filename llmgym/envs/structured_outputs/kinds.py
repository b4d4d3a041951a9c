"""What generated documents are about: kinds of things, and how a sentence states each of their facts."""

from __future__ import annotations

from collections.abc import Mapping

from llmgym.envs.structured_outputs.fields import (
    COUNTRIES,
    TOWNS,
    Field,
    Kind,
    date_text,
    flag,
    listed,
    one,
    person,
    pick,
    real,
    text,
    whole,
)

__all__ = ["KINDS"]

_PLACE = Field(
    "location",
    "object",
    "Where it is",
    None,
    "It is found in {town}, {country}.",
    parts=(
        text("town", "Nearest town", pick(TOWNS), ""),
        text("country", "Country", pick(COUNTRIES), ""),
    ),
)
_REPAIRS = Field(
    "repairs",
    "objects",
    "Repairs, in the order told",
    None,
    "A repair of the {part} in {year} cost {cost} crowns.",
    parts=(
        whole("year", "Year of the repair", 1900, 2022, ""),
        one("part", "What was repaired", ("roof", "foundation", "railing", "drainage", "paintwork"), ""),
        whole("cost", "Cost in crowns", 1000, 99999, ""),
    ),
)
_STAFF = Field(
    "team_members",
    "objects",
    "People named, in the order told",
    None,
    "{name} ({age}) serves as {role}.",
    parts=(
        text("name", "Full name", person, ""),
        one("role", "Role", ("director", "treasurer", "engineer", "guide", "secretary"), ""),
        whole("age", "Age in years", 21, 80, ""),
    ),
)

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "lighthouse",
            (
                ("North", "Grey", "Saint Orla", "Cormorant", "Old", "Split Rock"),
                ("Point Light", "Head Lighthouse", "Reef Beacon", "Skerry Light"),
            ),
            (
                whole("built_year", "Year of construction", 1790, 1990, "Construction of {it} ended in {v}."),
                real("height_m", "Height of the tower in metres", 9, 70, "The tower rises {v} metres."),
                whole(
                    "range_nm",
                    "Range of the light in nautical miles",
                    5,
                    30,
                    "On a clear night the light carries {v} nautical miles.",
                ),
                one(
                    "tower_shape",
                    "Shape of the tower",
                    ("round", "octagonal", "square", "skeletal"),
                    "Its tower is {v}.",
                ),
                text("architect", "Architect", person, "The plans were drawn by {v}."),
                flag(
                    "automated",
                    "Whether it runs without a keeper",
                    "No keeper lives there any more: {it} is automated.|It is not automated and still has a keeper.",
                ),
                listed(
                    "colors",
                    "Colours of the tower, in the order told",
                    ("white", "red", "black", "green", "ochre"),
                    "From the sea one sees these colours: {v}.",
                ),
                text(
                    "first_lit",
                    "Day on which it was first lit, as written",
                    date_text,
                    "It was first lit on {v}.",
                ),
                _PLACE,
                _REPAIRS,
            ),
        ),
        Kind(
            "festival",
            (
                ("Harvest", "Lantern", "River", "Winter", "Copper", "Seven Hills"),
                ("Days", "Festival", "Gathering", "Fair"),
            ),
            (
                whole(
                    "founded_year",
                    "Year in which it was first held",
                    1880,
                    2015,
                    "{it} was first held in {v}.",
                ),
                whole(
                    "visitors",
                    "Visitors at the last edition",
                    300,
                    90000,
                    "The last edition drew {v} visitors.",
                ),
                real("ticket_price", "Price of a ticket in crowns", 5, 120, "A ticket costs {v} crowns."),
                one("season", "Season", ("spring", "summer", "autumn", "winter"), "It takes place in {v}."),
                flag(
                    "free_for_children",
                    "Whether children enter free",
                    "Children enter free.|Children pay like everybody else.",
                ),
                listed(
                    "genres",
                    "Kinds of performance, in the order told",
                    ("brass music", "puppetry", "folk dance", "poetry", "street theatre"),
                    "The programme has {v}.",
                ),
                text("opened_by", "Who opened the last edition", person, "{v} gave the opening speech."),
                text(
                    "opening_date",
                    "First day of the last edition, as written",
                    date_text,
                    "Its gates opened on {v}.",
                ),
                _PLACE,
                _STAFF,
            ),
        ),
        Kind(
            "research_vessel",
            (("RV", "MS", "SV"), ("Aurelia", "Meridian", "Petrel", "Borealis", "Calypsa", "Thule")),
            (
                whole("launch_year", "Year of launch", 1950, 2020, "{it} was launched in {v}."),
                real("length_m", "Length in metres", 20, 140, "She is {v} metres long."),
                whole("crew", "Size of the crew", 6, 90, "A crew of {v} sails her."),
                one(
                    "propulsion",
                    "Kind of propulsion",
                    ("diesel", "diesel-electric", "sail", "hydrogen"),
                    "Her propulsion is {v}.",
                ),
                flag(
                    "ice_class",
                    "Whether she may sail in ice",
                    "She is certified for ice.|She has no certificate for ice.",
                ),
                text("captain", "Captain", person, "Her captain is {v}."),
                listed(
                    "instruments",
                    "Instruments on board, in the order told",
                    ("multibeam sonar", "gravimeter", "water sampler", "weather mast", "core drill"),
                    "On board are {v}.",
                ),
                text("home_port", "Home port", pick(TOWNS), "Her home port is {v}."),
                Field(
                    "last_voyage",
                    "object",
                    "The last voyage",
                    None,
                    "The last voyage took {days} days and led to {destination}.",
                    parts=(
                        text("destination", "Where it led", pick(TOWNS), ""),
                        whole("days", "Length in days", 4, 120, ""),
                    ),
                ),
                _STAFF,
            ),
        ),
        Kind(
            "bridge",
            (
                ("Miller's", "High", "Queen Alva", "Saltgate", "Long", "Weir"),
                ("Bridge", "Viaduct", "Crossing", "Footbridge"),
            ),
            (
                whole("opened_year", "Year of opening", 1820, 2018, "{it} opened in {v}."),
                real("span_m", "Longest span in metres", 12, 900, "Its longest span measures {v} metres."),
                whole("lanes", "Number of lanes", 1, 8, "Traffic has {v} lanes."),
                one(
                    "material",
                    "Main material",
                    ("steel", "stone", "timber", "concrete"),
                    "It is built mainly of {v}.",
                ),
                flag(
                    "toll",
                    "Whether a toll is charged",
                    "Those who cross pay a toll.|Crossing is free of toll.",
                ),
                text("engineer", "Engineer", person, "{v} was the engineer."),
                listed(
                    "carries",
                    "Who may cross, in the order told",
                    ("cars", "trams", "cyclists", "pedestrians", "trains"),
                    "It carries {v}.",
                ),
                text(
                    "river",
                    "What it crosses",
                    pick(("the Arle", "the Venn", "the Tosk", "the Lower Mirna")),
                    "Below it flows {v}.",
                ),
                _PLACE,
                _REPAIRS,
            ),
        ),
        Kind(
            "cooperative",
            (
                ("Blue Heron", "Ironwood", "Commons", "Tidewater", "Orchard Lane"),
                ("Bakery", "Press", "Cycle Works", "Dairy", "Textiles"),
            ),
            (
                whole("founded_year", "Year of foundation", 1900, 2021, "{it} was founded in {v}."),
                whole("employees", "Number of employees", 3, 900, "It has {v} employees."),
                real(
                    "revenue_millions",
                    "Revenue of the last year in millions of crowns",
                    1,
                    90,
                    "Last year's revenue was {v} million crowns.",
                ),
                one(
                    "legal_form",
                    "Legal form",
                    ("cooperative", "foundation", "limited company"),
                    "Its legal form is that of a {v}.",
                ),
                flag(
                    "exports", "Whether it sells abroad", "It sells abroad as well.|It sells nothing abroad."
                ),
                text("chair", "Chair of the board", person, "{v} chairs the board."),
                listed(
                    "products",
                    "Products, in the order told",
                    ("notebooks", "rye bread", "cargo bikes", "wool blankets", "hard cheese", "posters"),
                    "It is known for {v}.",
                ),
                text(
                    "website",
                    "Website",
                    pick(("heron.example", "ironwood.example", "tidewater.example")),
                    "More is told at {v}.",
                ),
                _PLACE,
                _STAFF,
            ),
        ),
    )
}
"""The kinds by name."""
