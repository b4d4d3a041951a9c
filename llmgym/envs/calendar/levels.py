"""What the difficulties of the calendar environment mean."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LEVELS", "Level"]


@dataclass(frozen=True, slots=True)
class Level:
    """The knobs of a difficulty. Probabilities are those of one draw.

    Attributes:
        events: Fewest and most events.
        fill: Least and greatest share of the working hours that the events take up.
        constrained: Probability that an event has a constraint.
        room: Most minutes that a constraint leaves on one side of the hidden slot.
        hours: The working hours to choose from, in minutes after midnight.
        linger: Probability that a constraint waits until after the next event.
        combine: Probability that two requests share a message.
        by_name: Probability that a constraint names its event without the id.
        chat: Probability of small talk after a request.
        decoy: Probability that small talk names times that do not matter.
        last_chat: Probability that the conversation ends with small talk.
        times: Ways to say a time; see :func:`~llmgym.envs.calendar.phrases.said_time`.
        lengths: Ways to say a length; see :func:`~llmgym.envs.calendar.phrases.said_length`.
        orders: Most orders of the requests that are tried.
        prefer: 1 to keep the order that moves the most events, above all at the last request; -1 the fewest.
    """

    events: tuple[int, int]
    fill: tuple[float, float]
    constrained: float
    room: int
    hours: tuple[tuple[int, int], ...]
    linger: float
    combine: float
    by_name: float
    chat: float
    decoy: float
    last_chat: float
    times: tuple[str, ...]
    lengths: tuple[str, ...]
    orders: int
    prefer: int


DAY = (600, 960)

LEVELS: dict[str, Level] = {
    "easy": Level(
        (2, 3),
        (0.25, 0.45),
        0.6,
        120,
        (DAY,),
        0.1,
        0.0,
        0.0,
        0.15,
        0.0,
        0.2,
        ("tight", "spaced"),
        ("minutes",),
        2,
        -1,
    ),
    "medium": Level(
        (4, 5),
        (0.5, 0.75),
        0.75,
        90,
        (DAY,),
        0.4,
        0.1,
        0.0,
        0.25,
        0.1,
        0.1,
        ("tight", "spaced", "full"),
        ("minutes", "short"),
        2,
        1,
    ),
    "hard": Level(
        (6, 7),
        (0.75, 0.92),
        0.9,
        60,
        (DAY,),
        0.6,
        0.15,
        0.2,
        0.35,
        0.25,
        0.05,
        ("tight", "spaced", "full", "clock"),
        ("minutes", "short", "words"),
        5,
        1,
    ),
    "expert": Level(
        (7, 9),
        (0.88, 1.0),
        1.0,
        45,
        (DAY, (540, 900), (660, 1020), (480, 840)),
        0.75,
        0.25,
        0.4,
        0.45,
        0.4,
        0.0,
        ("spaced", "full", "clock", "spoken"),
        ("minutes", "short", "words"),
        8,
        1,
    ),
}
"""The difficulties, from the easiest to the hardest."""
