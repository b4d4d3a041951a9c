"""Procedural tasks: a user asks about the weather in exactly one city."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from llmgym.envs.single_tool_call.cities import CITIES, City, aliases_of, normalise

__all__ = ["DIFFICULTIES", "make_weather_task"]

Phrase = tuple[str, City]

_SYSTEM = (
    "You are a helpful assistant. Use the tools you are given instead of guessing.",
    "You help people plan their day. Look things up before you answer.",
    "You are a travel companion with a weather service. Keep your answers short.",
    "Answer the user's question. When a tool can tell you, ask the tool.",
    "You are the assistant of a small travel agency. Be friendly and to the point.",
)
_OPENERS = (
    "",
    "",
    "Hi! ",
    "Hello, ",
    "Quick question: ",
    "Hey there. ",
    "One thing before I leave: ",
    "I am packing my bag. ",
    "Good morning! ",
    "Just wondering, ",
    "Could you help me? ",
    "My phone is almost empty, so be quick: ",
)
_CLOSERS = (
    "",
    "",
    " Thanks!",
    " Thank you.",
    " One sentence will do.",
    " I have to leave soon.",
    " Just the essentials, please.",
    " No need for details.",
    " I would rather not freeze.",
    " My umbrella is broken.",
    " I only have sandals with me.",
    " Cheers!",
)
_DIRECT = (
    "what is the weather like in {city}?",
    "how is the weather in {city} right now?",
    "do I need a coat in {city} today?",
    "tell me the weather for {city}.",
    "what's it like outside in {city}?",
    "is it warm in {city}?",
    "should I bring gloves to {city}?",
    "I am going out in {city} tonight, how is the weather?",
    "how humid is it in {city}?",
    "can I wear shorts in {city}?",
    "weather in {city}, please.",
    "what are {city}'s skies up to?",
    "give me {city}'s weather.",
    "is {city} cold at the moment?",
    "would you call it picnic weather in {city}?",
    "I land in {city} in an hour. What weather awaits me?",
    "we are having dinner outdoors in {city}: good idea or not?",
    "could you check the weather in {city} for me?",
)
_DISTRACTED = (
    "I just got back from {other} and fly to {city} tomorrow. What is the weather where I am going?",
    "is it cold in {other}? No, wait, not {other}: {city}. I meant {city}.",
    "weather in {other}, no, sorry, in {city}, please.",
    "my calendar says {other} on Monday and {city} on Tuesday. What is the weather in Tuesday's city?",
    "everyone here talks about {other} and {third}, but I only need the weather in {city}.",
    "forget {other}, the trip was moved to {city}. Check the weather of the new destination.",
    "{other} was lovely last year. This year it is {city}. Do I need a coat this year?",
    "I know what {other} and {third} are like, no need to look those up. How is {city}?",
    "they asked about {other}. I do not care about {other}. What is the weather in {city}?",
    "the office in {other} is closed, so the meeting is in {city} instead. What is the weather at the meeting?",
    "how is {city}? And please do not look up {other}, I am not going there any more.",
    "my flight to {city} has a layover in {other}, where I stay inside. How is the weather at my final stop?",
    "I wrote {other} in my last mail, but that was a slip: it should read {city}. So, how is the weather there?",
)
_PEOPLE = ("Ana", "Ben", "Chidi", "Dora", "Emil", "Farah", "Goran", "Hana", "Ines", "Jonas", "Kira", "Luis")
_RELATIVES = ("sister", "brother", "aunt", "cousin", "neighbour", "old teacher", "best friend", "dentist")


def _pick(rng: np.random.Generator, options: Sequence[Any]) -> Any:
    return options[int(rng.integers(len(options)))]


def _cities(rng: np.random.Generator, count: int) -> list[City]:
    return [CITIES[int(i)] for i in rng.choice(len(CITIES), size=count, replace=False)]


def _easy(rng: np.random.Generator) -> Phrase:
    (city,) = _cities(rng, 1)
    return _pick(rng, _DIRECT).format(city=city.name), city


def _medium(rng: np.random.Generator) -> Phrase:
    city, other, third = _cities(rng, 3)
    return _pick(rng, _DISTRACTED).format(city=city.name, other=other.name, third=third.name), city


def _described(rng: np.random.Generator) -> Phrase:
    city = _pick(rng, [city for city in CITIES if city.descriptions])
    return _pick(rng, _DIRECT[:5]).format(city=_pick(rng, city.descriptions)), city


def _moved(rng: np.random.Generator) -> Phrase:
    city, other, third = _cities(rng, 3)
    who = _pick(rng, _RELATIVES)
    return (
        f"my {who} grew up in {other.name}, moved to {third.name} after school and from there to {city.name}, "
        f"for good. How is the weather where my {who} lives today?"
    ), city


def _people(rng: np.random.Generator) -> Phrase:
    cities = _cities(rng, 3)
    names = [_PEOPLE[int(i)] for i in rng.choice(len(_PEOPLE), size=3, replace=False)]
    chosen = int(rng.integers(3))
    homes = ", ".join(f"{name} lives in {city.name}" for name, city in zip(names, cities, strict=True))
    return f"{homes}. I am calling {names[chosen]} in an hour. What is the weather at that end?", cities[
        chosen
    ]


def _stops(rng: np.random.Generator) -> Phrase:
    cities = _cities(rng, 4)
    chosen = int(rng.integers(1, 4))
    route = ", then ".join(city.name for city in cities)
    return (
        f"our tour goes to {route}. I join it one stop after {cities[chosen - 1].name}. "
        "What is the weather where I join?"
    ), cities[chosen]


def _alphabet(rng: np.random.Generator) -> Phrase:
    cities = _cities(rng, 3)
    while len({normalise(city.name)[0] for city in cities}) < 3:
        cities = _cities(rng, 3)
    end = int(rng.integers(2))
    target = sorted(cities, key=lambda city: normalise(city.name))[-end]
    return (
        f"{cities[0].name}, {cities[1].name} or {cities[2].name}? We take the one that comes "
        f"{('first', 'last')[end]} in the alphabet. What is the weather there?"
    ), target


def _hard(rng: np.random.Generator) -> Phrase:
    # Descriptions are listed twice: they are what a model cannot copy from the text.
    return _pick(rng, (_described, _described, _moved, _people, _stops, _alphabet))(rng)


_BY_DIFFICULTY: dict[str, Callable[[np.random.Generator], Phrase]] = {
    "easy": _easy,
    "medium": _medium,
    "hard": _hard,
}
DIFFICULTIES = tuple(_BY_DIFFICULTY)
"""Names of the difficulties."""


def make_weather_task(rng: np.random.Generator, index: int, *, difficulty: str = "medium") -> dict[str, Any]:
    """Make a row in which a user wants the weather of exactly one city.

    Args:
        rng: Source of all randomness.
        index: Position of the task; it does not change the row.
        difficulty: "easy" names the city; "medium" names other cities too, or corrects itself; "hard" describes the
            city or leaves it to be worked out.

    Returns:
        A row of the public schema with two more fields: ``expected_city`` and ``city_aliases``.
    """
    question, city = _BY_DIFFICULTY[difficulty](rng)
    text = _pick(rng, _OPENERS)
    starts_sentence = not text or text.endswith((". ", "! ", "? "))
    text += (question[0].upper() + question[1:] if starts_sentence else question) + _pick(rng, _CLOSERS)
    if rng.random() < 0.25:
        text = text.lower().rstrip("?!.")
    messages = [{"role": "system", "content": _pick(rng, _SYSTEM)}, {"role": "user", "content": text}]
    return {
        "responses_create_params": {"input": messages},
        "expected_city": city.name,
        "city_aliases": aliases_of(city),
    }
