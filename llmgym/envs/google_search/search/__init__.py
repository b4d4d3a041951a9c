"""Search engines behind one small protocol, pages of the web, and a recording of both."""

from llmgym.envs.google_search.search.base import Engine, Hit, SearchFailed, results_text
from llmgym.envs.google_search.search.settings import engine_of, identity_of, settings_of

__all__ = ["Engine", "Hit", "SearchFailed", "engine_of", "identity_of", "results_text", "settings_of"]
