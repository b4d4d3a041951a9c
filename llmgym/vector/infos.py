"""Batched infos that hold what each environment reported: an array is widened rather than a value cut down."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["fits", "widened"]


def fits(known: Any, value: Any) -> bool:
    """Tell whether Gymnasium can put a value into what it has batched so far, and that without changing the value.

    Args:
        known: The batched info so far; ``None`` when no environment has reported it yet.
        value: What the next environment reports.
    """
    if known is None:
        return isinstance(value, bool) or not isinstance(value, int) or -(2**63) <= value < 2**63
    if isinstance(known, dict):
        return isinstance(value, dict)
    if known.dtype == object:
        return True
    if isinstance(value, np.ndarray | np.generic):
        return known.shape[1:] == value.shape and np.can_cast(value.dtype, known.dtype, "safe")
    kinds = {bool: np.bool_, int: np.int64, float: np.float64}
    if known.ndim > 1 or type(value) not in kinds or known.dtype != kinds[type(value)]:
        return False
    return not isinstance(value, int) or -(2**63) <= value < 2**63


def widened(vector_infos: dict[str, Any], key: str, num_envs: int) -> np.ndarray:
    """Return what has been batched under a key as an array of objects, one for each environment.

    Args:
        vector_infos: The batched infos; ``_key`` is the mask of the environments that reported ``key``.
        key: Name of the info.
        num_envs: Number of environments.
    """
    objects = np.full(num_envs, None, dtype=object)
    for i in np.flatnonzero(vector_infos.get(f"_{key}", ())):
        objects[i] = _of_one(vector_infos[key], int(i))
    return objects


def _of_one(batched: Any, i: int) -> Any:
    """Return what one environment had reported."""
    if isinstance(batched, dict):
        masks = {f"_{key}" for key in batched}
        return {k: _of_one(v, i) for k, v in batched.items() if k not in masks and batched[f"_{k}"][i]}
    return batched[i].item() if isinstance(batched[i], np.generic) else batched[i]
