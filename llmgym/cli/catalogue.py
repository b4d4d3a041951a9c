"""``llmgym list``: which environments there are."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any

from llmgym.cli.options import AsJson, Imports
from llmgym.cli.output import results, table
from llmgym.errors import UsageError
from llmgym.registration import SUITE

__all__ = ["describe", "list_environments"]


def list_environments(imports: Imports = None, as_json: AsJson = False) -> None:
    """List the environments. Those of your own modules are listed too when --import names them."""
    from llmgym.cli.environments import environment_ids, import_modules

    with results() as out:
        import_modules(imports or [])
        rows = [describe(name) for name in environment_ids()]
        if as_json:
            out.json(rows)
            return
        columns = ["environment", "domain", "turns", "tools", "public data", "reward"]
        out.show(
            table(
                columns,
                [
                    [row["id"], row["domain"], row["turns"], row["tools"], row["public"], row["reward"]]
                    for row in rows
                ],
            )
        )


def describe(env: str) -> dict[str, Any]:
    """Return what the catalogue says about an environment; of one that is not in the suite, what it says itself.

    Args:
        env: Its id.

    Returns:
        ``id``, ``entry_point``, ``domain``, ``turns``, ``tools``, ``public`` and ``reward``; ``None`` where unknown.
    """
    import gymnasium as gym

    from llmgym.cli.environments import creator

    for row in SUITE:
        if row.id == env:
            return dataclasses.asdict(row)
    found = gym.spec(env).entry_point
    entry_point = (
        found if isinstance(found, str) else f"{found.__module__}:{getattr(found, '__qualname__', '?')}"
    )
    try:
        domain = (inspect.getdoc(creator(env)) or "").split("\n")[0] or None
    except UsageError as error:
        # One package that is broken must not hide the others.
        domain = str(error)
    unknown = dict.fromkeys(("turns", "tools", "public", "reward"))
    return {"id": env, "entry_point": entry_point, "domain": domain, **unknown}
