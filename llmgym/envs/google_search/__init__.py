"""Answer questions with a search engine: ``llmgym/GoogleSearch-v0``."""

from llmgym.envs.google_search.env import GoogleSearchEnv
from llmgym.envs.google_search.tasks import make_search_question

__all__ = ["GoogleSearchEnv", "make_search_question"]
