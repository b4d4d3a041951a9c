"""A generated encyclopedia: articles about things that do not exist, so that nothing about them can be known.

The same size and seed give the same articles on every machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import numpy as np

from llmgym.envs.google_search.facts import POOLS
from llmgym.envs.google_search.names import Names
from llmgym.envs.google_search.relations import KINDS

__all__ = ["LEAST_ARTICLES", "MOST_ARTICLES", "Article", "Encyclopedia", "encyclopedia"]

LEAST_ARTICLES, MOST_ARTICLES = 100, 20_000
"""Bounds of the size of an encyclopedia."""

_SITE = "https://encyclopedia.example/wiki/"


@dataclass(frozen=True, slots=True)
class Article:
    """An article.

    Attributes:
        kind: A name in :data:`~llmgym.envs.google_search.relations.KINDS`.
        title: Name of the thing, and of nothing else.
        url: Address of the article.
        facts: The value of each fact; the title of an article where it is a thing.
        text: What it says.
    """

    kind: str
    title: str
    url: str
    facts: Mapping[str, str]
    text: str


class Encyclopedia:
    """Articles by title and by address.

    Args:
        articles: The articles, in order.
    """

    def __init__(self, articles: list[Article]):
        self.articles = articles
        self.by_title = {article.title: article for article in articles}
        self.by_url = {article.url: article for article in articles}
        self.by_kind: dict[str, list[Article]] = {kind: [] for kind in KINDS}
        for article in articles:
            self.by_kind[article.kind].append(article)

    def __deepcopy__(self, memo: dict[int, Any]) -> Encyclopedia:
        return self


@lru_cache(maxsize=8)
def encyclopedia(size: int, seed: int) -> Encyclopedia:
    """Return an encyclopedia; it is made on first use.

    Args:
        size: Number of articles.
        seed: Another number gives another one.
    """
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, size])))
    names = Names(rng)
    titles = {kind: [getattr(names, kind)() for _ in range(count)] for kind, count in _counts(size).items()}
    articles = [_article(rng, kind, title, titles) for kind in KINDS for title in titles[kind]]
    return Encyclopedia([articles[int(place)] for place in rng.permutation(len(articles))])


def _counts(size: int) -> dict[str, int]:
    whole = sum(kind.share for kind in KINDS.values())
    counts = {name: size * kind.share // whole for name, kind in KINDS.items()}
    counts["person"] += size - sum(counts.values())
    return counts


def _article(rng: np.random.Generator, kind: str, title: str, titles: Mapping[str, list[str]]) -> Article:
    facts = {}
    sentences = []
    for name, fact in KINDS[kind].facts.items():
        if isinstance(fact.value, tuple):
            value = str(int(rng.integers(fact.value[0], fact.value[1] + 1)))
        else:
            pool = titles[fact.value] if fact.value in titles else POOLS[fact.value]
            value = _other(rng, pool, title)
        facts[name] = value
        sentences.append(fact.told[int(rng.integers(len(fact.told)))].format(it=title, value=value))
    order = rng.permutation(len(sentences))
    peers = sorted({_other(rng, titles[kind], title) for _ in range(3)})
    text = " ".join([KINDS[kind].opening.format(name=title), *(sentences[int(i)] for i in order)])
    text += f"\n\nSee also: {', '.join(peers)}."
    return Article(kind, title, _SITE + quote(title.replace(" ", "_")), facts, text)


def _other(rng: np.random.Generator, pool: tuple[str, ...] | list[str], title: str) -> str:
    while True:
        value = pool[int(rng.integers(len(pool)))]
        if value != title:
            return value
