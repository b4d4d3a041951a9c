"""Words for made-up tasks and their solutions.

No word begins with a letter that follows the first letter of another one in the alphabet (a, c, e, ... never b, d, f,
...), so that any text of these words keeps the instruction against adjacent words with consecutive first letters. No
keyword is part of another word, so that keywords can be counted.
"""

from __future__ import annotations

__all__ = [
    "ADJECTIVES",
    "ENDINGS",
    "KEYWORDS",
    "NOUNS",
    "PHRASE_ENDS",
    "PHRASE_MIDDLES",
    "PHRASE_STARTS",
    "PLACEHOLDERS",
    "PLURALS",
    "VERBS",
]

NOUNS = tuple(
    "apple artist castle cellar city coast cottage court engine evening garage garden gate island kitchen "
    "meadow mill mirror morning museum oak office orchard school shop station street stream "
    "summer uncle ocean winter window workshop yard year".split()
)
"""Things, one of each."""

PLURALS = tuple(
    "actors apples artists aunts cakes camels cards chairs cities clocks clouds coins cooks cousins cows cups eagles "
    "engines evenings eyes games geese gifts goats guests ideas inns islands kings kites mice "
    "minutes mountains museums oaks oceans onions owls quilts queens shelves ships singers sisters snacks "
    "songs stars stones stories storms streets uncles umbrellas waves wheels windows winds wizards wolves "
    "women yards years".split()
)
"""Things, several of each."""

ADJECTIVES = tuple(
    "able active ancient calm careful cheap clean clear cold common cool curious eager early easy elegant empty "
    "enormous equal exact gentle glad golden good grand gray great green icy kind main mild modern modest "
    "quick quiet safe secret serious sharp shy silent silver simple slow small smart smooth soft sour strong sunny "
    "sweet usual warm wet white wide wild wise young".split()
)
"""What things can be."""

VERBS = tuple(
    "admire adopt answer ask accept call carry catch choose clean collect cook count cover cross earn enjoy enter "
    "examine explore gather greet guard guide imagine improve invite kick keep knit know make mark measure meet mend mix "
    "move offer open order own quote save see seek sell send serve share shape show sing sort study use "
    "want warn wash watch wear welcome write".split()
)
"""What things can do to others."""

KEYWORDS = tuple(
    "acrobat almanac amethyst anthem arrow avocado caravan carnival cathedral celery chimney cinnamon compass coral "
    "cricket cucumber eclipse embassy emerald epilogue espresso expedition galaxy gazelle geyser ginger glacier "
    "granite guitar gymnast igloo inkwell iris ivory kangaroo kayak kernel kiosk koala magnet mandolin mango "
    "maple meteor mosaic mustard oboe octopus omelet opal orchestra origami oxygen quarry quartz quiver saffron "
    "sapphire saxophone scarecrow seahorse sculptor sequoia shamrock skeleton sphinx spinach squid syrup "
    "ukulele umpire uranium walnut walrus waterfall whistle wicker willow windmill woodpecker "
    "yacht yodel yogurt".split()
)
"""Words that tasks ask for or forbid; no text of the other words holds any of them."""

PHRASE_STARTS = tuple("accountants astronauts gardeners mechanics engineers scientists".split())
PHRASE_MIDDLES = tuple(
    "always sometimes mostly certainly ask carry measure answer open choose clever earnest generous average children "
    "clients colleagues customers users outside indoors upstairs online".split()
)
PHRASE_ENDS = tuple(
    "anonymously enthusiastically generously unexpectedly wholeheartedly simultaneously".split()
)

PLACEHOLDERS = tuple(
    "address amount city company country email age item manager quantity street year office".split()
)

ENDINGS = (
    "Is a gentle answer enough?",
    "Can I assist you again?",
    "Would you ask me again soon?",
    "Are you eager as we are?",
)
"""Phrases that a response can be asked to end with."""
