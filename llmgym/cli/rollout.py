"""``llmgym rollout``: a policy plays an environment, into a file."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llmgym.cli.options import AsJson, DataSet, Imports, Split, complete_env
from llmgym.cli.output import Results, fields, results
from llmgym.errors import UsageError

if TYPE_CHECKING:
    from llmgym.cli.plan import Plan

__all__ = ["rollout"]


class _Api(enum.StrEnum):
    chat = "chat"
    responses = "responses"


class _Kind(enum.StrEnum):
    openai = "openai"
    local = "local"
    oracle = "oracle"
    random = "random"


def rollout(
    env: Annotated[
        str | None,
        typer.Argument(
            metavar="ENV", help="Environment; may be named in the settings.", autocompletion=complete_env
        ),
    ] = None,
    config: Annotated[
        Path | None, typer.Argument(metavar="CONFIG", help="Settings, as --config.", show_default=False)
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="Name of the model.", show_default=False)
    ] = None,
    base_url: Annotated[
        list[str] | None,
        typer.Option(
            "--base-url", metavar="URL", help="OpenAI-compatible endpoint. Repeatable.", show_default=False
        ),
    ] = None,
    api_key_env: Annotated[
        str | None,
        typer.Option(
            "--api-key-env", metavar="NAME", help="Environment variable with its key.", show_default=False
        ),
    ] = None,
    api: Annotated[
        _Api | None,
        typer.Option("--api", help="Chat Completions (default) or Responses API.", show_default=False),
    ] = None,
    policy: Annotated[
        _Kind | None,
        typer.Option(
            "--policy",
            help="openai (default with --model), local (a small model on this machine, no key), oracle, random.",
            show_default=False,
        ),
    ] = None,
    temperature: Annotated[float | None, typer.Option("--temperature", min=0.0, show_default=False)] = None,
    top_p: Annotated[float | None, typer.Option("--top-p", min=0.0, max=1.0, show_default=False)] = None,
    max_tokens: Annotated[
        int | None, typer.Option("--max-tokens", min=1, help="Most tokens of a response.", show_default=False)
    ] = None,
    n: Annotated[
        int | None,
        typer.Option("-n", "--tasks", min=1, help="How many tasks; by default all.", show_default=False),
    ] = None,
    k: Annotated[
        int | None, typer.Option("-k", "--repeats", min=1, help="Rollouts a task (1).", show_default=False)
    ] = None,
    concurrency: Annotated[
        int | None,
        typer.Option("--concurrency", "-c", min=1, help="Most rollouts at a time (32).", show_default=False),
    ] = None,
    dataset: DataSet = None,
    split: Split = None,
    args: Annotated[
        str | None,
        typer.Option(
            "--args", metavar="JSON", help="Constructor arguments of the environment.", show_default=False
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Seed of the run (0).", show_default=False)
    ] = None,
    share_seed: Annotated[
        bool,
        typer.Option(
            "--share-seed/--no-share-seed", help="Whether the rollouts of a task share the episode's seed."
        ),
    ] = True,
    attempts: Annotated[
        int | None,
        typer.Option(
            "--attempts", min=1, help="Most tries of a rollout that the world breaks (3).", show_default=False
        ),
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(
            "--timeout", min=0.001, help="Most seconds of a rollout; then it is cut.", show_default=False
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the file.")] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="File to append to; by default rollouts/<env>-<policy>.jsonl.",
            show_default=False,
        ),
    ] = None,
    config_file: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE",
            help="Settings instead of ./llmgym.yaml and ./env.yaml.",
            show_default=False,
        ),
    ] = None,
    imports: Imports = None,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no notes.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the resolved configuration; ask no model, write nothing.")
    ] = False,
) -> None:
    """Let a policy play an environment. Each rollout is one line of a file, which a later run can go on with."""
    from llmgym.cli.environments import import_modules
    from llmgym.cli.plan import make_plan
    from llmgym.cli.running import run_plan
    from llmgym.policies.factory import make_policy
    from llmgym.settings import load_settings

    env, config = _sort_out(env, config, config_file)
    given = {
        "env": env,
        "model": model,
        "base_url": base_url[0] if base_url and len(base_url) == 1 else base_url,
        "api_key_env": api_key_env,
        "api": api and api.value,
        "policy": policy and policy.value,
        "temperature": temperature,
        "top_p": top_p,
        "max_tokens": max_tokens,
        "n": n,
        "k": k,
        "concurrency": concurrency,
        "dataset": dataset,
        "split": split,
        "args": args,
        "seed": seed,
        "share_seed": share_seed,
        "attempts": attempts,
        "timeout": timeout,
        "resume": resume,
        "output": output,
    }
    with results() as out:
        import_modules(imports or [])
        settings = load_settings(config)
        plan = make_plan(settings, {name: value for name, value in given.items() if value not in (None, [])})
        player = make_policy(plan.policy)
        if dry_run:
            _show_plan(out, plan, as_json)
            return
        code = run_plan(out, plan, player, as_json=as_json, quiet=quiet)
    if code:
        raise typer.Exit(code)


def _sort_out(env: str | None, config: Path | None, option: Path | None) -> tuple[str | None, Path | None]:
    """Tell the environment from the settings file among the arguments."""
    if env is not None and env.endswith((".yaml", ".yml")):
        if config is not None:
            raise UsageError(f"Expected ENV and then CONFIG, found the two files '{env}' and '{config}'.")
        config, env = Path(env), None
    if config is not None and option is not None:
        raise UsageError(f"Settings are given twice, as '{config}' and by --config {option}: leave one out.")
    return env, config or option


def _show_plan(out: Results, plan: Plan, as_json: bool) -> None:
    known = plan.to_dict()
    if as_json:
        out.json(known)
        return
    policy = known.pop("policy")
    lines = [(name, _shown(value)) for name, value in known.items()]
    out.show(fields(lines + [(f"policy.{name}", _shown(value)) for name, value in policy.items()]))


def _shown(value: Any) -> str:
    import json

    return value if isinstance(value, str) else json.dumps(value)
