"""The description from which an environment is rebuilt."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium as gym
import orjson

from llmgym.errors import StoreError
from llmgym.records.encoding import dumped
from llmgym.tasks import Task

__all__ = ["make_env", "spec_of"]


def spec_of(env: gym.Env[Any, Any]) -> dict[str, Any]:
    """Return what rebuilds an environment: id, constructor arguments and wrappers, and the sandbox that it uses.

    Args:
        env: An environment made by ``gymnasium.make``, with or without wrappers around it.
    """
    spec = env.spec
    if spec is None:
        return {"id": None, "class": f"{type(env.unwrapped).__module__}:{type(env.unwrapped).__qualname__}"}
    kwargs = dict(spec.kwargs)
    if isinstance(kwargs.get("dataset"), list | tuple):
        # Rows given in code would be repeated in every record.
        kwargs["dataset"] = _digest(kwargs["dataset"])
    found: dict[str, Any] = {"id": spec.id, "kwargs": _jsonable(_without_secrets(kwargs))}
    backend = getattr(env.unwrapped, "sandbox_backend", None)
    if backend is not None:
        # It may come from the settings, and decides what the code of a model can do.
        found["sandbox"] = backend
    if spec.max_episode_steps is not None:
        found["max_episode_steps"] = spec.max_episode_steps
    if spec.additional_wrappers:
        found["wrappers"] = [
            {"name": w.name, "entry_point": w.entry_point, "kwargs": _jsonable(_without_secrets(w.kwargs))}
            for w in spec.additional_wrappers
        ]
        if not all(w.kwargs is not None and _is_json(w.kwargs) for w in spec.additional_wrappers):
            found["not_rebuildable"] = "a wrapper does not tell its arguments, or JSON cannot hold them"
    return found


def make_env(spec: Mapping[str, Any], **changes: Any) -> gym.Env[Any, Any]:
    """Rebuild an environment from :func:`spec_of`.

    Args:
        spec: The description.
        **changes: Constructor arguments that replace those of the description.

    Raises:
        StoreError: When the description names no registered environment, or one with a data set that was given as rows
            or with wrappers that JSON cannot describe.
    """
    if not spec.get("id"):
        raise StoreError(
            f"The record names no registered environment (found {spec.get('class')!r}); pass the environment itself."
        )
    from gymnasium.envs.registration import WrapperSpec

    if spec["id"] not in gym.registry:
        raise StoreError(
            f"The environment {spec['id']!r} of the record is not registered here; import the package that defines it."
        )
    if "not_rebuildable" in spec:
        raise StoreError(
            f"The environment of the record cannot be rebuilt: {spec['not_rebuildable']}. Pass it (env=...)."
        )
    kwargs = {**spec.get("kwargs", {}), **changes}
    if isinstance(kwargs.get("dataset"), Mapping):
        raise StoreError(
            "The record does not hold the rows of its data set, only their digest; pass dataset=..."
        )
    wrappers = tuple(WrapperSpec(w["name"], w["entry_point"], w["kwargs"]) for w in spec.get("wrappers", ()))
    made = dataclasses.replace(gym.spec(spec["id"]), additional_wrappers=wrappers)
    made.kwargs = {**made.kwargs, **kwargs}
    return gym.make(made, max_episode_steps=spec.get("max_episode_steps"))


_SECRETS = ("api_key", "ad_token", "extra_headers", "password", "secret", "token")
"""Ends of the names of arguments that hold secrets."""


def _without_secrets(value: Any) -> Any:
    """Leave out what must reach no record; whoever rebuilds the environment has it in the settings."""
    if isinstance(value, Mapping):
        return {key: _without_secrets(item) for key, item in value.items() if not str(key).endswith(_SECRETS)}
    if isinstance(value, list | tuple):
        return [_without_secrets(item) for item in value]
    return value


def _is_json(value: Any) -> bool:
    try:
        orjson.dumps(value, option=orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME)
    except orjson.JSONEncodeError:
        return False
    return True


def _jsonable(value: Any) -> Any:
    return orjson.loads(dumped(value))


def _digest(rows: Sequence[Any]) -> dict[str, Any]:
    content = dumped([row.row() if isinstance(row, Task) else row for row in rows])
    return {"rows": len(rows), "sha256": hashlib.sha256(content).hexdigest()}
