"""``llmgym play``: a person plays an environment."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from llmgym.cli.options import Arguments, DataSet, EnvName, Imports
from llmgym.cli.output import fields, one_line

__all__ = ["play"]


def play(
    env: EnvName,
    task: Annotated[
        int | None,
        typer.Option(
            "--task", metavar="INDEX", help="Which task; by default one is drawn.", show_default=False
        ),
    ] = None,
    dataset: DataSet = None,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the episode.")] = 0,
    args: Arguments = "{}",
    imports: Imports = None,
) -> None:
    """Play an environment yourself. You see what a model sees, answer, and get the verdict."""
    import sys

    from llmgym.cli.environments import import_modules, make, parse_arguments, resolve
    from llmgym.cli.output import Results
    from llmgym.errors import UsageError
    from llmgym.policies.base import Request
    from llmgym.policies.scripted import HumanPolicy
    from llmgym.rendering import message_block

    import_modules(imports or [])
    name = resolve(env)
    made = make(name, parse_arguments(args, name) | ({} if dataset is None else {"dataset": dataset}))
    out = Results(sys.stdout)
    human = HumanPolicy(input, out.text)
    try:
        try:
            observation, info = made.reset(seed=seed, options=None if task is None else {"task": task})
        except IndexError as error:
            raise UsageError(f"--task {task}: {error}") from error
        tools, over, turn, reward = info["tools"], False, 0, 0.0
        out.text(
            f"{name}, task {info['task_id']}. An empty line ends an answer, /tools shows tools, /quit leaves."
        )
        while not over:
            # In this thread and without a loop, so that Ctrl-C interrupts the wait for a line of input.
            response = human.ask(Request(observation, tools, turn=turn, env=made))
            observation, gain, terminated, truncated, info = made.step(response)
            over, turn, reward = terminated or truncated, turn + 1, reward + float(gain)
        for message in info["new_messages"][1:]:
            out.text(message_block(message))
    finally:
        made.close()
    told: dict[str, Any] = {
        "stopped by": info["stop_reason"],
        "reward": reward,
        "reason": info.get("reason") or None,
    }
    for key in ("components", "metrics"):
        told[key] = one_line(json.dumps(info[key])) if info.get(key) else None
    out.show("", fields(told.items()))
