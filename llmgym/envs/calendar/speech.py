"""Puts the requests and the small talk of one conversation into words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from llmgym.envs.calendar.levels import Level
from llmgym.envs.calendar.personas import NAMES, Persona
from llmgym.envs.calendar.phrases import (
    ADD,
    BOTH,
    BRIDGES,
    CONSTRAIN,
    DISPLAY,
    EXAMPLE,
    SYSTEM,
    chance,
    pick,
    said_length,
    said_time,
    sentence,
)
from llmgym.envs.calendar.schedule import Event
from llmgym.envs.calendar.smalltalk import ASIDES, DECOYS, LEADS, QUESTIONS, REMARKS, SHOWING
from llmgym.verifiers.calendar import parse_time

__all__ = ["Speaker", "system_prompt"]

T = TypeVar("T")


def system_prompt(rng: np.random.Generator, opens: str, closes: str, always: bool) -> str:
    """Return the rules of the conversation.

    Args:
        rng: Chooses the wording.
        opens: Begin of the working hours.
        closes: End of the working hours.
        always: Whether every answer must show the calendar.
    """
    display = pick(rng, DISPLAY[always])
    return pick(rng, SYSTEM).format(opens=opens, closes=closes, display=display, example=EXAMPLE)


class Speaker:
    """The user of one conversation.

    Args:
        rng: Chooses the wording.
        level: The difficulty.
        persona: Who speaks.
        events: The events, in the order of their ids.
        shorts: Their short names.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        level: Level,
        persona: Persona,
        events: Sequence[Event],
        shorts: Sequence[str],
    ):
        self.rng, self.level, self.persona = rng, level, persona
        self.events, self.shorts = events, shorts
        self.quote = '"' if chance(rng, 0.3) else ""
        self.time_style, self.length_style = pick(rng, level.times), pick(rng, level.lengths)
        self._decks: dict[tuple[str, ...], list[str]] = {}
        self._chatter = _shuffled(rng, persona.chatter)
        self._remarks = _shuffled(rng, REMARKS)
        self._decoys = _shuffled(rng, DECOYS)
        self._questions = _shuffled(rng, QUESTIONS)

    def request(self, added: Sequence[int], constrained: Sequence[int]) -> str:
        """Ask for new events and for constraints in one message.

        Args:
            added: Ids of the new events.
            constrained: Ids of the events whose constraint is told.
        """
        parts = []
        for number in added:
            text = self._add(self.events[number])
            if number in constrained:
                text += " " + self._limit(self._draw(BOTH[self._kind(number)]), number)
            parts.append(text)
        for number in constrained:
            if number not in added:
                wordings = CONSTRAIN[self._kind(number)][self.persona.voice]
                parts.append(self._limit(self._draw(wordings), number))
        return " ".join(parts[:1] + [pick(self.rng, BRIDGES) + part for part in parts[1:]])

    def chat(self, known: Sequence[int]) -> tuple[str, str]:
        """Say something that asks nothing of the calendar.

        Args:
            known: Ids of the events that have been added.

        Returns:
            The remark, and an answer to it.
        """
        rng = self.rng
        if self._decoys and chance(rng, self.level.decoy):
            said, reply = self._decoys.pop()
        elif chance(rng, 0.4) and self._questions:
            said, reply = self._questions.pop()
            lead = pick(rng, LEADS)
            return lead + (said[0].lower() + said[1:] if lead.endswith(", but ") else said), reply
        else:
            pool = self._remarks if chance(rng, 0.5) else self._chatter
            said, reply = (pool or self._questions).pop()
        fill = {
            "who": pick(rng, NAMES),
            "thing": pick(rng, self.persona.things),
            "short": self.shorts[pick(rng, known)],
        }
        said, reply = said.format(**fill), reply.format(**fill)
        return (f"{pick(rng, ASIDES)} {said}" if chance(rng, 0.4) else said), reply

    def showing(self) -> str:
        """Return a sentence that leads from an answer to the calendar."""
        return self._draw(SHOWING)

    def _add(self, event: Event) -> str:
        name = self.quote + event.name + self.quote
        length = said_length(event.duration, self.length_style)
        return sentence(
            self._draw(ADD[self.persona.voice]).format(name=name, length=length, id=event.event_id)
        )

    def _limit(self, wording: str, number: int) -> str:
        constraint = self.events[number].constraint or ""
        times = [
            said_time(parse_time(time), self.time_style)
            for time in constraint.partition(" ")[2].split(" and ")
        ]
        ref = self._reference(number) if "{ref}" in wording else ""
        return sentence(wording.format(ref=ref, a=times[0], b=times[-1]))

    def _kind(self, number: int) -> str:
        return (self.events[number].constraint or "").partition(" ")[0]

    def _draw(self, wordings: tuple[str, ...]) -> str:
        """Draw a wording; none comes back before all the others have had their turn."""
        deck = self._decks.get(wordings) or _shuffled(self.rng, wordings)
        self._decks[wordings] = deck
        return deck.pop()

    def _reference(self, number: int) -> str:
        if chance(self.rng, self.level.by_name):
            return f"the {self.shorts[number]}"
        if chance(self.rng, 0.25):
            return f"{self.events[number].name} (event id: {number})"
        return f"the {self.shorts[number]} (event id: {number})"


def _shuffled(rng: np.random.Generator, options: Sequence[T]) -> list[T]:
    return [options[place] for place in rng.permutation(len(options))]
