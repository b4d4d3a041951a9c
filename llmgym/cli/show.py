"""``llmgym show``: all there is to know about one environment."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Annotated, Any

import typer

from llmgym.cli.options import Arguments, AsJson, EnvName, Imports
from llmgym.cli.output import Results, fields, results, table

__all__ = ["show"]


def show(
    env: EnvName,
    task: Annotated[int, typer.Option("--task", metavar="INDEX", help="Which task to show.")] = 0,
    args: Arguments = "{}",
    imports: Imports = None,
    as_json: AsJson = False,
) -> None:
    """Show all about an environment. That is its arguments, its tools, a task, and what its oracle answers."""
    from llmgym.cli.environments import import_modules, offline, resolve

    with results() as out:
        import_modules(imports or [])
        name = resolve(env)
        known = _describe(name, offline(args, name), task)
        if as_json:
            out.json(known)
        else:
            _print(out, known)


def _describe(env: str, arguments: dict[str, Any], index: int) -> dict[str, Any]:
    from llmgym.cli.catalogue import describe
    from llmgym.cli.environments import constructor, creator, make, oracle_of
    from llmgym.errors import UsageError
    from llmgym.messages import Response

    made = make(env, arguments)
    try:
        try:
            observation, info = made.reset(seed=0, options={"task": index})
        except IndexError as error:
            raise UsageError(f"--task {index}: {error}") from error
        answer = oracle_of(made)
        inner: Any = made.unwrapped
        size = inner.tasks.size
        task = {
            "index": index,
            "id": info["task_id"],
            "params": dict(inner.task.params),
            "messages": list(observation),
            "row": inner.task.row(),
        }
    finally:
        made.close()
    return {
        **describe(env),
        "description": (inspect.getdoc(creator(env)) or "").split("\n\n")[0],
        "arguments": [dataclasses.asdict(one) for one in constructor(env) or []],
        "tasks": size,
        "offers": info["tools"],
        "task": task,
        "oracle": None if answer is None else [Response.of(one).message for one in answer],
    }


def _print(out: Results, known: dict[str, Any]) -> None:
    from llmgym.rendering import message_block

    colour = out.stream.isatty()
    size = known["tasks"]
    out.show(
        fields(
            [
                ("environment", known["id"]),
                ("what it is", known["description"] or None),
                ("domain", known["domain"]),
                ("turns", known["turns"]),
                ("tools", known["tools"]),
                ("reward", known["reward"]),
                ("public data", known["public"]),
                ("tasks", "procedural, without end" if size is None else size),
                ("entry point", known["entry_point"]),
            ]
        )
    )
    if known["arguments"]:
        arguments = [
            [one["name"], "required" if one["required"] else repr(one["default"]), one["type"]]
            for one in known["arguments"]
        ]
        out.show("", table(["argument", "default", "type"], arguments))
    if known["offers"]:
        functions = [tool["function"] for tool in known["offers"]]
        tools = [[one["name"], _parameters(one), one.get("description", "")] for one in functions]
        out.show("", table(["tool", "parameters", "description"], tools))
    out.show("", f"Task {known['task']['index']} ({known['task']['id']})")
    for message in known["task"]["messages"]:
        out.text(message_block(message, colour))
    if known["oracle"] is None:
        out.show("", "There is no oracle.")
        return
    out.show("", "The oracle answers")
    for message in known["oracle"]:
        out.text(message_block(message, colour))


def _parameters(function: dict[str, Any]) -> str:
    schema = function.get("parameters") or {}
    required = schema.get("required", [])
    named = schema.get("properties", {})
    return ", ".join(name if name in required else f"[{name}]" for name in named)
