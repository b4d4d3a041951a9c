"""Words that questions are made of."""

from __future__ import annotations

__all__ = ["CITIES", "GOODS", "INVENTED", "NAMES", "WORDS"]

NAMES: tuple[str, ...] = (
    "Ada", "Boris", "Chloe", "Devika", "Emma", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kofi", "Lucy",
    "Marta", "Nils", "Omar", "Paula", "Rosa", "Samir", "Tina", "Viktor", "Wendy", "Yusuf",
)  # fmt: skip
"""First names; none contains another."""

INVENTED: tuple[str, ...] = (
    "blems", "cradins", "dolvers", "fintops", "garlits", "hopples", "jundles", "kessams", "lormics", "mavrins",
    "nooters", "plimbos", "quarfs", "rundips", "skelvers", "tombles", "vexins", "wozzles", "yurdens", "zaffrets",
)  # fmt: skip
"""Plural nouns without a meaning, so that common knowledge does not help."""

CITIES: tuple[str, ...] = (
    "Accra", "Bergen", "Cusco", "Dakar", "Exeter", "Fukuoka", "Galway", "Hobart", "Izmir", "Jaipur", "Kyoto",
    "Lyon", "Malmo", "Nairobi", "Oaxaca", "Porto", "Quito", "Riga", "Sofia", "Tartu", "Utrecht", "Varna",
)  # fmt: skip
"""Names for the rows of a table; none contains another."""

GOODS: tuple[str, ...] = (
    "apples", "bolts", "candles", "dishes", "envelopes", "folders", "gloves", "hinges", "jars", "kettles",
    "lamps", "mugs", "notebooks", "pencils", "ribbons", "screws", "towels", "umbrellas", "vases", "whistles",
)  # fmt: skip
"""Things to buy, pack and count; none contains another."""

WORDS: tuple[str, ...] = (
    "abacus", "acrobat", "almond", "anchor", "balloon", "bamboo", "banana", "barrel", "basket", "biscuit",
    "blanket", "bottle", "bracelet", "bridge", "butterfly", "cabbage", "calendar", "camera", "candle", "caravan",
    "carpet", "cathedral", "cinnamon", "committee", "compass", "coral", "cricket", "crocodile", "curtain", "daffodil",
    "desert", "diamond", "dolphin", "domino", "dragon", "eagle", "elephant", "engine", "feather", "festival",
    "flamingo", "forest", "fountain", "galaxy", "garlic", "giraffe", "glacier", "grammar", "guitar", "hammer",
    "harbour", "helmet", "hexagon", "horizon", "iceberg", "indigo", "island", "jacket", "jasmine", "jungle",
    "kangaroo", "kitchen", "ladder", "lantern", "lemonade", "lettuce", "library", "lizard", "magnet", "mandarin",
    "marble", "meadow", "mirror", "mississippi", "monsoon", "mosaic", "mountain", "mushroom", "needle", "notebook",
    "octopus", "orchard", "oxygen", "paddle", "parachute", "parrot", "pebble", "pelican", "pepper", "planet",
    "pyramid", "quarry", "rabbit", "radish", "raspberry", "ribbon", "saddle", "saffron", "satellite", "scissors",
    "shadow", "shepherd", "silver", "spinach", "squirrel", "summer", "sunset", "tangerine", "teapot", "thunder",
    "tobacco", "tomato", "tornado", "trumpet", "tunnel", "turtle", "umbrella", "vanilla", "velvet", "violin",
    "volcano", "walnut", "whisper", "willow", "window", "yellow", "zeppelin", "zigzag",
)  # fmt: skip
"""Common nouns and adjectives in lower case."""
