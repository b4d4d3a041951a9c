"""Office work with 27 tools, graded by the tables that it leaves behind: ``llmgym/WorkplaceAssistant-v0``."""

from llmgym.envs.workplace_assistant.company import Size, generate_company
from llmgym.envs.workplace_assistant.csv_files import read_company, write_company
from llmgym.envs.workplace_assistant.env import WorkplaceAssistantEnv, make_workplace_task
from llmgym.envs.workplace_assistant.workplace import Company, Workplace

__all__ = [
    "Company",
    "Size",
    "Workplace",
    "WorkplaceAssistantEnv",
    "generate_company",
    "make_workplace_task",
    "read_company",
    "write_company",
]
