"""What every search engine offers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["MOST_HITS", "Engine", "Hit", "SearchFailed", "results_text"]

MOST_HITS = 10


class SearchFailed(Exception):
    """A search or a page could not be had; the text is what a model may read of it."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One result of a search."""

    title: str
    url: str
    snippet: str


class Engine(Protocol):
    """A search engine.

    Attributes:
        offline: Whether it answers from this machine alone; pages that are not its own are then not fetched.
    """

    offline: bool

    async def search(self, query: str) -> str:
        """Return the results of a query as JSON text.

        Raises:
            SearchFailed: When there is no answer.
        """
        ...

    async def page(self, url: str) -> str | None:
        """Return the text of a page that the engine holds itself; ``None`` for any other."""
        ...


def results_text(hits: Sequence[Hit]) -> str:
    """Return hits as JSON text in the form of Google Custom Search, ten at most.

    Example:
        >>> results_text([Hit("A", "http://a.example/", "text")])
        '{"items": [{"title": "A", "link": "http://a.example/", "snippet": "text"}]}'
    """
    shown = [{"title": hit.title, "link": hit.url, "snippet": hit.snippet} for hit in hits[:MOST_HITS]]
    return json.dumps({"items": shown} if shown else {"searchInformation": {"totalResults": "0"}})
