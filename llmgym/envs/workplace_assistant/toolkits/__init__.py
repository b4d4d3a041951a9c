"""The public tools, a module for each toolkit.

A tool takes any JSON values under its arguments' names, whatever their types: the public server checks none. It
returns what the model is told, or raises what the model is told as an error. Names of classes and methods appear in
such errors.
"""

from llmgym.envs.workplace_assistant.toolkits.analytics import AnalyticsTool
from llmgym.envs.workplace_assistant.toolkits.calendar import CalendarTool
from llmgym.envs.workplace_assistant.toolkits.company_directory import CompanyDirectoryTool
from llmgym.envs.workplace_assistant.toolkits.customers import CustomerRelationshipManagerTool
from llmgym.envs.workplace_assistant.toolkits.email import EmailTool
from llmgym.envs.workplace_assistant.toolkits.project_management import ProjectManagementTool

__all__ = [
    "AnalyticsTool",
    "CalendarTool",
    "CompanyDirectoryTool",
    "CustomerRelationshipManagerTool",
    "EmailTool",
    "ProjectManagementTool",
]
