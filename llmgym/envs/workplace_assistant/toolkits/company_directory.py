"""The directory of e-mail addresses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llmgym.envs.workplace_assistant.matching import contains

__all__ = ["CompanyDirectoryTool"]


class CompanyDirectoryTool:
    """Looks up addresses.

    Args:
        addresses: All addresses of the company.
    """

    def __init__(self, addresses: Sequence[str]):
        self.addresses = addresses

    def find_email_address(self, name: Any = "") -> Any:
        """Return the addresses in which a name occurs, as a regular expression."""
        if name == "":
            return "Name not provided."
        found = contains(self.addresses, name)
        return [address for address, matches in zip(self.addresses, found, strict=True) if matches]
