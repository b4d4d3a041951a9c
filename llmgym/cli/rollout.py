"""``llmgym rollout``: a policy plays an environment, into a file."""

from __future__ import annotations

import enum
from collections import Counter
from contextlib import aclosing, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llmgym.cli.exits import Code, signal_code
from llmgym.cli.options import AsJson, DataSet, Imports, Split
from llmgym.cli.output import Results, fields, one_line, plural, results, say
from llmgym.errors import UsageError

if TYPE_CHECKING:
    from llmgym.cli.plan import Plan
    from llmgym.policies.base import Policy
    from llmgym.records import Rollout, Summary

__all__ = ["rollout"]

_CAUSES_TOLD = 5


class _Api(enum.StrEnum):
    chat = "chat"
    responses = "responses"


class _Kind(enum.StrEnum):
    openai = "openai"
    local = "local"
    oracle = "oracle"
    random = "random"


def _complete(incomplete: str) -> list[str]:
    from llmgym.cli.environments import complete

    return complete(incomplete)


def rollout(
    env: Annotated[
        str | None,
        typer.Argument(
            metavar="ENV", help="Environment; may be named in the settings.", autocompletion=_complete
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
        code = _run(out, plan, player, as_json=as_json, quiet=quiet)
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


@dataclass(slots=True)
class _Course:
    """How a run goes."""

    earlier: int = 0
    causes: Counter[tuple[str, str]] = field(default_factory=Counter)
    signal: int | None = None

    def add(self, rollout: Rollout, quiet: bool) -> None:
        if rollout.reward is not None or not rollout.failures:
            return
        last = rollout.failures[-1]
        cause = last.boundary, last.type
        self.causes[cause] += 1
        if self.causes[cause] == 1 and len(self.causes) <= _CAUSES_TOLD and not quiet:
            say(f"failed: task {rollout.task_id}, {last.boundary}: {one_line(last.message)}")


def _run(out: Results, plan: Plan, policy: Policy, *, as_json: bool, quiet: bool) -> int:
    from llmgym.cli.interruption import Interrupted, run
    from llmgym.cli.metrics import rows_of, summary_tables
    from llmgym.records import summarise

    try:
        plan.output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"The folder of '{plan.output}' cannot be made: {error.strerror}; choose another -o."
        ) from error
    course = _Course()
    try:
        run(_collect(plan, policy, course, quiet=quiet))
    except Interrupted as stop:
        course.signal = stop.number
    summary = summarise(rows_of(plan.output) if plan.output.exists() else [])
    code = _code(course, summary)
    if as_json:
        ended = {"interrupted": course.signal is not None, "exit_code": code}
        out.json(
            {
                **plan.to_dict(),
                "made_earlier": course.earlier,
                **ended,
                "summary": summary.to_dict(per_task=False),
            }
        )
    elif summary.total:
        out.show(*summary_tables(summary))
    if not quiet:
        _tell(plan, course, summary)
    return code


async def _collect(plan: Plan, policy: Policy, course: _Course, *, quiet: bool) -> None:
    import sys

    from llmgym.cli.environments import make_spec
    from llmgym.cli.logs import retries_told
    from llmgym.vector.collection import collecting
    from llmgym.vector.progress import CollectionProgress

    def start(total: int | None, done: int) -> None:
        course.earlier = done
        if not quiet:
            there = f", {done} of which it has already" if done else ""
            say(f"{plan.env}: {plural(plan.rollouts, 'rollout')} into {plan.output}{there}")
        bar.start(total, done)

    shown = not quiet and sys.stderr.isatty()
    with CollectionProgress(enabled=shown) as bar, nullcontext() if quiet else retries_told():
        making = collecting(
            make_spec(plan.env, plan.arguments),
            policy,
            output=plan.output,
            resume=plan.resume,
            on_start=start,
            attempts=plan.attempts,
            tasks=plan.tasks,
            repeats=plan.repeats,
            seed=plan.seed,
            share_seed=plan.share_seed,
            concurrency=plan.concurrency,
            timeout=plan.timeout,
        )
        async with policy, aclosing(making) as running:
            async for one in running:
                bar.add(one)
                course.add(one, quiet)


def _code(course: _Course, summary: Summary) -> int:
    if course.signal is not None:
        return signal_code(course.signal)
    if not summary.outcomes.get("failed"):
        return Code.OK
    return Code.FOUND if summary.scored else Code.INFRASTRUCTURE


def _tell(plan: Plan, course: _Course, summary: Summary) -> None:
    """Say where the rollouts are, and how to go on."""
    say(f"{plural(summary.total, 'rollout')} in {plan.output}")
    failed = summary.outcomes.get("failed", 0)
    if course.signal is not None:
        say("Interrupted. The same command with --resume goes on.")
    elif failed:
        again = plan.attempts * 2
        say(f"{failed} failed. The same command with --resume --attempts {again} tries them again.")
