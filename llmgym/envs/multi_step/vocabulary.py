"""The terms of the procedural extraction tasks, and their synonyms."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["TERMS", "VOCABULARY", "Term"]


@dataclass(frozen=True, slots=True)
class Term:
    """A word with other words for it.

    Attributes:
        name: The word.
        kind: ``noun``, ``verb`` or ``adjective``, so that a query can use it in a sentence.
        synonyms: At least six other words for it. One of them may be a term as well, or serve two terms.
    """

    name: str
    kind: str
    synonyms: tuple[str, ...]


_NOUNS = """
Anger: Fury, Wrath, Rage, Ire, Indignation, Exasperation, Temper
Joy: Delight, Bliss, Glee, Elation, Jubilation, Mirth
Fear: Dread, Terror, Panic, Fright, Alarm, Trepidation, Worry
Sorrow: Grief, Woe, Heartache, Misery, Mourning, Regret
Worry: Concern, Unease, Disquiet, Anxiety, Apprehension, Care
Courage: Bravery, Valor, Nerve, Grit, Daring, Pluck, Backbone
Wealth: Riches, Fortune, Affluence, Prosperity, Opulence, Means
Poverty: Penury, Destitution, Want, Need, Hardship, Indigence
Hardship: Adversity, Privation, Ordeal, Trial, Affliction, Burden, Toil
Friendship: Comradeship, Amity, Fellowship, Rapport, Camaraderie, Kinship
Quarrel: Row, Dispute, Squabble, Feud, Spat, Altercation, Wrangle
War: Combat, Warfare, Hostilities, Strife, Conflict, Bloodshed
Peace: Truce, Harmony, Accord, Armistice, Concord, Calm, Silence
Theft: Larceny, Robbery, Burglary, Pilferage, Heist, Shoplifting
Fraud: Swindle, Scam, Deceit, Sham, Hoax, Racket, Con
Gossip: Hearsay, Rumor, Tattle, Scandal, Chatter, Idle talk
Knowledge: Learning, Lore, Erudition, Insight, Scholarship, Expertise
Skill: Craft, Knack, Aptitude, Prowess, Dexterity, Expertise
Luck: Chance, Fate, Providence, Serendipity, Godsend, Fortune
Habit: Custom, Routine, Practice, Ritual, Wont, Second nature
Rest: Repose, Respite, Leisure, Breather, Time off, Slumber
Toil: Labor, Drudgery, Effort, Travail, Sweat, Slog, Hard work
Noise: Din, Racket, Clamor, Uproar, Hubbub, Commotion
Silence: Hush, Stillness, Quietude, Muteness, Calm, Lull
Honor: Renown, Esteem, Glory, Prestige, Repute, Distinction
Shame: Disgrace, Humiliation, Chagrin, Ignominy, Dishonor, Embarrassment
"""

_VERBS = """
Wander: Roam, Ramble, Drift, Stray, Rove, Meander, Range
Hurry: Rush, Hasten, Dash, Scurry, Speed up, Make haste
Linger: Dawdle, Tarry, Loiter, Dally, Hang around, Stay behind, Wander
Laugh: Giggle, Chuckle, Snicker, Cackle, Guffaw, Chortle
Weep: Cry, Sob, Wail, Blubber, Whimper, Shed tears
Shout: Yell, Bellow, Holler, Roar, Cry, Call out
Whisper: Murmur, Mutter, Mumble, Breathe, Speak softly, Mouth
Boast: Brag, Crow, Swagger, Show off, Gloat, Strut
Complain: Grumble, Moan, Whine, Gripe, Grouse, Carp, Mutter
Persuade: Convince, Coax, Cajole, Sway, Win over, Talk into
Forbid: Prohibit, Ban, Outlaw, Veto, Disallow, Bar
Permit: Allow, Let, Authorize, Sanction, License, Tolerate
Conceal: Hide, Mask, Bury, Cloak, Cover up, Obscure
Reveal: Disclose, Unveil, Expose, Divulge, Lay bare, Let slip
Gather: Collect, Amass, Assemble, Accumulate, Muster, Hoard
Scatter: Disperse, Strew, Sprinkle, Dispel, Spread out, Sow
Repair: Mend, Fix, Restore, Patch up, Overhaul, Renovate
Ruin: Wreck, Demolish, Destroy, Shatter, Lay waste, Devastate
Borrow: Loan, Scrounge, Cadge, Take on credit, Hire, Rent
Squander: Waste, Fritter away, Lavish, Dissipate, Misspend, Blow
Imitate: Copy, Mimic, Ape, Emulate, Echo, Parrot, Borrow
Invent: Devise, Contrive, Concoct, Dream up, Originate, Coin
Ponder: Muse, Mull over, Reflect, Contemplate, Brood, Deliberate
Guess: Surmise, Conjecture, Speculate, Reckon, Estimate, Suppose
"""

_ADJECTIVES = """
Brittle: Fragile, Breakable, Crisp, Delicate, Frail, Crumbly
Sturdy: Robust, Stout, Hardy, Solid, Durable, Well-built
Shiny: Glossy, Gleaming, Lustrous, Polished, Burnished, Glittering
Murky: Cloudy, Muddy, Gloomy, Turbid, Foggy, Dingy
Crowded: Packed, Jammed, Teeming, Congested, Thronged, Swarming
Lonely: Solitary, Forlorn, Isolated, Friendless, Desolate, Forsaken
Greedy: Grasping, Avaricious, Rapacious, Covetous, Acquisitive, Insatiable
Generous: Openhanded, Charitable, Bountiful, Unselfish, Magnanimous, Giving
Stubborn: Obstinate, Headstrong, Mulish, Pigheaded, Dogged, Unyielding
Timid: Shy, Bashful, Meek, Coy, Retiring, Fainthearted
Rude: Impolite, Discourteous, Insolent, Boorish, Uncivil, Curt
Clumsy: Awkward, Ungainly, Gawky, Lumbering, Bungling, All thumbs
Clever: Shrewd, Astute, Canny, Ingenious, Resourceful, Bright
Foolish: Silly, Daft, Unwise, Absurd, Harebrained, Fatuous
Ancient: Archaic, Antique, Primeval, Venerable, Immemorial, Age-old
Modern: Contemporary, Recent, Up-to-date, Newfangled, Present-day, Novel
Huge: Immense, Colossal, Mammoth, Gigantic, Enormous, Vast
Tiny: Minute, Wee, Petite, Minuscule, Puny, Teeny
Spicy: Peppery, Zesty, Fiery, Tangy, Piquant, Hot
Bland: Insipid, Tasteless, Flavorless, Mild, Watery, Vapid
Wicked: Evil, Vile, Sinful, Villainous, Depraved, Heinous
Fiery: Ardent, Fervent, Impassioned, Heated, Blazing, Torrid
Desolate: Barren, Bleak, Deserted, Uninhabited, Dreary, Godforsaken
Delicate: Dainty, Fine, Flimsy, Gossamer, Exquisite, Wispy
"""


def _parse(text: str, kind: str) -> list[Term]:
    terms = []
    for line in text.strip().splitlines():
        name, _, synonyms = line.partition(": ")
        terms.append(Term(name, kind, tuple(synonyms.split(", "))))
    return terms


TERMS: tuple[Term, ...] = (
    *_parse(_NOUNS, "noun"),
    *_parse(_VERBS, "verb"),
    *_parse(_ADJECTIVES, "adjective"),
)
"""All terms, in a fixed order."""

VOCABULARY: dict[str, Term] = {term.name: term for term in TERMS}
"""The terms by name."""
