"""Requests of a user, with the actions that fulfil them: procedural tasks over the tables of any company."""

from llmgym.envs.workplace_assistant.requests.office import Office, Request
from llmgym.envs.workplace_assistant.requests.tasks import CATEGORIES, DIFFICULTIES, draw_request, row_of

__all__ = ["CATEGORIES", "DIFFICULTIES", "Office", "Request", "draw_request", "row_of"]
