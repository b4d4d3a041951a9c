"""Vector entry points, one for each registered id.

Gymnasium finds a vector environment through a string ``module:attribute``. The attributes of this module are the ids
themselves: ``llmgym.vector.entry_points:llmgym/Calendar-v0``.
"""

from __future__ import annotations

from functools import partial
from typing import Any


def __getattr__(name: str) -> Any:
    if "/" not in name:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from llmgym.vector.making import make_vec

    return partial(make_vec, name)
