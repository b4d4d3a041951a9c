"""The built-in search engine: a full-text index over the generated encyclopedia."""

from __future__ import annotations

import re
import sqlite3
import threading
from functools import lru_cache

from llmgym.envs.google_search.encyclopedia import encyclopedia
from llmgym.envs.google_search.search.base import MOST_HITS, Hit, results_text
from llmgym.threads import in_thread

__all__ = ["EmbeddedEngine", "embedded_engine"]

_WORD = re.compile(r"\w+")
_MOST_WORDS = 40
_COMMON = frozenset(
    "a an and are at by did do does for from have his how in is it its of on or the to was what when where which who with".split()
)


class EmbeddedEngine:
    """Finds articles of an encyclopedia by their words, the rarer the better (BM25), titles first.

    Args:
        size: Number of articles.
        seed: Seed of the encyclopedia.
    """

    offline = True

    def __init__(self, size: int, seed: int):
        self._encyclopedia = encyclopedia(size, seed)
        self._lock = threading.Lock()
        # Guarded by the lock: the threads of a search take turns.
        self._index = sqlite3.connect(":memory:", check_same_thread=False)
        self._index.execute("CREATE VIRTUAL TABLE articles USING fts5(title, text, url UNINDEXED)")
        self._index.executemany(
            "INSERT INTO articles VALUES (?, ?, ?)",
            [(article.title, article.text, article.url) for article in self._encyclopedia.articles],
        )

    def __del__(self) -> None:
        self._index.close()

    async def search(self, query: str) -> str:
        """Return the best ten articles as JSON text."""
        return await in_thread(self._search, query)

    async def page(self, url: str) -> str | None:
        """Return the text of an article."""
        article = self._encyclopedia.by_url.get(url.split("#")[0])
        return None if article is None else f"{article.title}\n\n{article.text}"

    def _search(self, query: str) -> str:
        words = [word for word in _WORD.findall(query.lower()) if word not in _COMMON][:_MOST_WORDS]
        if not words:
            return results_text([])
        match = " OR ".join(f'"{word}"' for word in words)
        with self._lock:
            rows = self._index.execute(
                "SELECT title, url, snippet(articles, 1, '', '', ' ... ', 24) FROM articles WHERE articles MATCH ? "
                "ORDER BY bm25(articles, 4.0, 1.0), rowid LIMIT ?",
                (match, MOST_HITS),
            ).fetchall()
        return results_text([Hit(title, url, " ".join(text.split())) for title, url, text in rows])


@lru_cache(maxsize=8)
def embedded_engine(size: int, seed: int) -> EmbeddedEngine:
    """Return the engine of an encyclopedia; it is made on first use.

    Args:
        size: Number of articles.
        seed: Seed of the encyclopedia.
    """
    return EmbeddedEngine(size, seed)
