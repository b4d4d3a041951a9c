"""Keep a calendar over a long conversation: ``llmgym/Calendar-v0``."""

from llmgym.envs.calendar.conversation import make_conversation
from llmgym.envs.calendar.env import CalendarEnv
from llmgym.envs.calendar.live import live_task, user_script

__all__ = ["CalendarEnv", "live_task", "make_conversation", "user_script"]
