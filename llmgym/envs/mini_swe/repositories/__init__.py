"""Families of small repositories, each a function that draws a working one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from llmgym.envs.draw import Draw
from llmgym.envs.mini_swe.repositories.caches import caches
from llmgym.envs.mini_swe.repositories.calendars import calendars
from llmgym.envs.mini_swe.repositories.draft import Case, Draft, Suite
from llmgym.envs.mini_swe.repositories.events import events
from llmgym.envs.mini_swe.repositories.expressions import expressions
from llmgym.envs.mini_swe.repositories.graphs import graphs
from llmgym.envs.mini_swe.repositories.inventory import inventory
from llmgym.envs.mini_swe.repositories.ledger import ledger
from llmgym.envs.mini_swe.repositories.matrices import matrices
from llmgym.envs.mini_swe.repositories.permissions import permissions
from llmgym.envs.mini_swe.repositories.records import records
from llmgym.envs.mini_swe.repositories.schedules import schedules
from llmgym.envs.mini_swe.repositories.shared import PARTS, SHARED, shared_module
from llmgym.envs.mini_swe.repositories.tournaments import tournaments
from llmgym.envs.mini_swe.repositories.versions import versions
from llmgym.envs.mini_swe.repositories.words import words

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
