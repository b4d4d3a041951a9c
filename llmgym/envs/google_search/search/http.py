"""Any search engine that answers with JSON over HTTP, described by a template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from llmgym.envs.google_search.search.base import MOST_HITS, Hit, SearchFailed, results_text
from llmgym.envs.google_search.search.courtesy import Courtesy, request_json

__all__ = ["TEMPLATES", "HTTPEngine", "Template"]


@dataclass(frozen=True, slots=True)
class Template:
    """How an engine is asked, and where its answer has what.

    Attributes:
        url: Address in which ``{query}`` stands for the query.
        method: ``GET`` or ``POST``.
        headers: Headers to send.
        body: JSON body; ``{query}`` in its texts stands for the query.
        results: Path to the list of results, names joined with dots.
        title: Path to a result's title.
        link: Path to its address.
        snippet: Path to its excerpt.
    """

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    results: str = "results"
    title: str = "title"
    link: str = "url"
    snippet: str = "content"


TEMPLATES: Mapping[str, Template] = {
    "searxng": Template("http://localhost:8888/search?q={query}&format=json"),
    "brave": Template(
        f"https://api.search.brave.com/res/v1/web/search?q={{query}}&count={MOST_HITS}",
        headers={"X-Subscription-Token": "$BRAVE_API_KEY", "Accept": "application/json"},
        results="web.results",
        snippet="description",
    ),
    "tavily": Template(
        "https://api.tavily.com/search",
        method="POST",
        headers={"Authorization": "Bearer $TAVILY_API_KEY"},
        body={"query": "{query}", "max_results": MOST_HITS},
    ),
}
"""Templates of known engines."""


class HTTPEngine:
    """An engine described by a template; its results are shown in the form of Google Custom Search.

    Args:
        template: How to ask. Texts with ``$NAME`` are already filled in.
        courtesy: How it is treated.
    """

    offline = False

    def __init__(self, template: Template, courtesy: Courtesy | None = None):
        self._template, self._courtesy = template, courtesy or Courtesy()

    async def search(self, query: str) -> str:
        """Return the results as JSON text."""
        template = self._template
        answer = await request_json(
            template.method,
            template.url.replace("{query}", quote(query, safe="", errors="replace")),
            self._courtesy,
            headers=template.headers,
            body=None if template.body is None else _filled(template.body, query),
        )
        results = _at(answer, template.results)
        if not isinstance(results, list):
            raise SearchFailed(f"the search engine's answer has no list at {template.results!r}")
        hits = [
            Hit(_text(result, template.title), _text(result, template.link), _text(result, template.snippet))
            for result in results
        ]
        return results_text([hit for hit in hits if hit.url])

    async def page(self, url: str) -> None:
        """Hold no pages."""
        return None


def _filled(value: Any, query: str) -> Any:
    if isinstance(value, str):
        return value.replace("{query}", query)
    if isinstance(value, Mapping):
        return {name: _filled(item, query) for name, item in value.items()}
    return [_filled(item, query) for item in value] if isinstance(value, list) else value


def _at(value: Any, path: str) -> Any:
    for name in path.split(".") if path else ():
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _text(result: Any, path: str) -> str:
    found = _at(result, path)
    return found if isinstance(found, str) else ""
