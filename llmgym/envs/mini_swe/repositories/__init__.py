"""Families of small repositories, each a function that draws a working one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from llmgym.envs.draw import Draw
from llmgym.envs.mini_swe.repositories.commerce import inventory, ledger
from llmgym.envs.mini_swe.repositories.draft import Case, Draft, Suite
from llmgym.envs.mini_swe.repositories.graphs import graphs, matrices
from llmgym.envs.mini_swe.repositories.shared import PARTS, SHARED, shared_module
from llmgym.envs.mini_swe.repositories.systems import caches, permissions, tournaments, versions
from llmgym.envs.mini_swe.repositories.timing import calendars, events, schedules
from llmgym.envs.mini_swe.repositories.writing import expressions, records, words

__all__ = ["FAMILIES", "PARTS", "SHARED", "Case", "Draft", "Suite", "shared_module"]

FAMILIES: Mapping[str, Callable[[Draw], Draft]] = {
    family.__name__: family
    for family in (
        caches,
        calendars,
        events,
        expressions,
        graphs,
        inventory,
        ledger,
        matrices,
        permissions,
        records,
        schedules,
        tournaments,
        versions,
        words,
    )
}
"""What draws a repository, by the name of the family."""
