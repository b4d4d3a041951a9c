"""The public server and verifier of the workplace in pandas, written from the rules alone: the oracle of the tests."""

from __future__ import annotations

import json
import math

from envs.workplace_pandas_tools import (
    HELPERS,
    AnalyticsTool,
    CalendarTool,
    CompanyDirectoryTool,
    CustomerRelationshipManagerTool,
    EmailTool,
    ProjectManagementTool,
    old_strings,
)

AS_WRITTEN = ("status", "list_name", "board")


class Office:
    """The tools over fresh tables, which are given as the texts of the public files."""

    def __init__(self, files):
        with old_strings():
            self.toolkits = self.made(files)
        self.functions = {
            f"{prefix}_{name}": getattr(toolkit, name)
            for prefix, toolkit in self.toolkits.items()
            for name in vars(type(toolkit))
            if not name.startswith("_") and name not in HELPERS and callable(getattr(toolkit, name))
        }

    @staticmethod
    def made(files):
        return {
            "company_directory": CompanyDirectoryTool(files["email_addresses.csv"]),
            "email": EmailTool(files["emails.csv"]),
            "calendar": CalendarTool(files["calendar_events.csv"]),
            "analytics": AnalyticsTool(files["analytics_data.csv"]),
            "project_management": ProjectManagementTool(files["project_tasks.csv"]),
            "customer_relationship_manager": CustomerRelationshipManagerTool(
                files["customer_relationship_manager_data.csv"]
            ),
        }

    def frames(self):
        kits = self.toolkits
        return {
            "calendar": kits["calendar"].frame,
            "emails": kits["email"].frame,
            "plots": kits["analytics"].plots,
            "project_tasks": kits["project_management"].frame,
            "customers": kits["customer_relationship_manager"].frame,
        }

    def answer(self, name, arguments):
        """What the public server answers to a call with these decoded arguments."""
        with old_strings():
            given = {key: value for key, value in without_gaps(arguments).items() if value is not None}
            try:
                return {"output": without_gaps(self.functions[name](**given))}
            except Exception as error:
                return {"output": f"Error executing tool '{name}': {error}"}

    def replay(self, actions):
        with old_strings():
            for action in actions:
                try:
                    self.functions[action["name"]](**json.loads(action["arguments"]))
                except Exception:
                    continue
        return self


def without_gaps(value):
    """What is left of a value on its way through JSON: numbers that JSON lacks become null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: without_gaps(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_gaps(item) for item in value]
    return value


def lowered(frame):
    frame = frame.copy()
    for name in frame.columns:
        if name not in AS_WRITTEN:
            frame[name] = frame[name].str.lower()
    return frame


def reward(files, predicted, ground_truth):
    """The reward of the public verifier, or None where it fails."""
    mine, theirs = Office(files).replay(predicted).frames(), Office(files).replay(ground_truth).frames()
    with old_strings():
        try:
            pairs = [(lowered(mine[name]), lowered(theirs[name])) for name in mine]
        except AttributeError:
            return None
        return float(all(one.equals(other) for one, other in pairs))
