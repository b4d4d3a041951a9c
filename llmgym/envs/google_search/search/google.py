"""Google Custom Search."""

from __future__ import annotations

import json

from llmgym.envs.google_search.search.courtesy import Courtesy, request_json

__all__ = ["GoogleEngine"]

_URL = "https://www.googleapis.com/customsearch/v1"


class GoogleEngine:
    """Google Custom Search, version 1; its answer is shown whole.

    Args:
        key: The API key.
        cx: The id of the programmable search engine.
        url: Address of the service.
        courtesy: How it is treated.
    """

    offline = False

    def __init__(self, key: str, cx: str, url: str = _URL, courtesy: Courtesy | None = None):
        self._params, self._url, self._courtesy = {"key": key, "cx": cx}, url, courtesy or Courtesy()

    async def search(self, query: str) -> str:
        """Return the whole answer of the service as JSON text."""
        answer = await request_json("GET", self._url, self._courtesy, params={**self._params, "q": query})
        return json.dumps(answer)

    async def page(self, url: str) -> None:
        """Hold no pages."""
        return None
