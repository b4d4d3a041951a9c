"""What ``llmgym rollout`` is going to do: settings and options put together, and checked before anything is made."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmgym.cli.environments import check_arguments, make, parse_arguments, resolve
from llmgym.cli.model import local_weights
from llmgym.errors import SettingsError, UsageError

if TYPE_CHECKING:
    from llmgym.settings import PolicySettings, Settings

__all__ = ["Plan", "make_plan"]

_MASK = "********"
_SAMPLING = ("temperature", "top_p", "max_tokens")
_NO_POLICY = (
    "No policy is named. Name a model (--model M --base-url URL, or LLMGYM_MODEL and LLMGYM_BASE_URL), or take "
    "--policy local (a small model on this machine; it needs no key), oracle or random."
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A run of rollouts, resolved.

    Attributes:
        env: Id of the environment.
        arguments: Its constructor arguments.
        policy: What ``make_policy`` takes. It may hold a key.
        output: File of rollouts.
        size: Number of tasks in the task set; ``None`` when it has no end.
        tasks: Number of tasks to play; ``None`` for all.
        repeats: Rollouts a task.
        concurrency: Most rollouts at a time.
        attempts: Most tries of a rollout.
        timeout: Most seconds of a rollout.
        seed: Seed of the run.
        share_seed: Whether the rollouts of a task share the episode's seed.
        resume: Go on with the file.
    """

    env: str
    arguments: dict[str, Any]
    policy: dict[str, Any] = field(repr=False)
    output: Path
    size: int | None
    tasks: int | None
    repeats: int
    concurrency: int
    attempts: int
    timeout: float | None
    seed: int
    share_seed: bool
    resume: bool

    @property
    def rollouts(self) -> int:
        """How many rollouts the run has."""
        return (self.tasks if self.tasks is not None else self.size or 0) * self.repeats

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as JSON values, keys masked."""
        from llmgym.policies.endpoints import Redactor

        policy = Redactor([self.policy.get("api_key") or ""]).tree(self.policy)
        if "api_key" in policy:
            policy["api_key"] = _MASK if self.policy["api_key"] else None
        return {
            "env": self.env,
            "args": self.arguments,
            "policy": policy,
            "tasks": self.tasks if self.tasks is not None else self.size,
            "repeats": self.repeats,
            "rollouts": self.rollouts,
            "concurrency": self.concurrency,
            "attempts": self.attempts,
            "timeout": self.timeout,
            "seed": self.seed,
            "share_seed": self.share_seed,
            "output": str(self.output),
            "resume": self.resume,
        }


def make_plan(settings: Settings, given: Mapping[str, Any]) -> Plan:
    """Put settings and options together.

    Args:
        settings: The settings.
        given: Options of the command line, without those that were left out.

    Raises:
        UsageError: When something is missing, unknown or does not fit together.
    """
    defaults = settings.rollout

    def chosen(name: str) -> Any:
        return given.get(name, getattr(defaults, name))

    if not chosen("env"):
        raise UsageError(
            "No environment is named: give its id (llmgym list shows them), or set rollout.env in llmgym.yaml."
        )
    env = resolve(chosen("env"))
    arguments = check_arguments(defaults.args if env == _resolved(defaults.env) else {}, env)
    arguments |= parse_arguments(given.get("args", "{}"), env)
    for name, usual in (("dataset", None), ("split", "train")):
        if chosen(name) != usual:
            arguments |= check_arguments({name: chosen(name)}, env)
    policy = _policy(settings.policy, given)
    size = _size(env, arguments)
    tasks, repeats = chosen("n"), chosen("k")
    _check_counts(env, size, tasks, repeats)
    output = chosen("output")
    return Plan(
        env=env,
        arguments=arguments,
        policy=policy,
        output=Path(output) if output else _default_output(env, policy),
        size=size,
        tasks=tasks,
        repeats=repeats,
        concurrency=chosen("concurrency"),
        attempts=chosen("attempts"),
        timeout=given.get("timeout"),
        seed=chosen("seed"),
        share_seed=given.get("share_seed", True),
        resume=given.get("resume", False),
    )


def _resolved(env: str | None) -> str | None:
    return None if env is None else resolve(env)


def _size(env: str, arguments: Mapping[str, Any]) -> int | None:
    made = make(env, arguments)
    try:
        inner: Any = made.unwrapped
        return inner.tasks.size
    finally:
        made.close()


def _check_counts(env: str, size: int | None, tasks: int | None, repeats: int) -> None:
    if tasks is None and size is None:
        raise UsageError(f"{env} makes up tasks without end; say how many to play (-n 100).")
    if tasks is not None and size is not None and tasks > size:
        raise UsageError(f"Asked for {tasks} tasks (-n), but the task set has {size}.")
    if (tasks is not None and tasks < 1) or repeats < 1:
        raise UsageError(f"Expected -n and -k of at least 1, found {tasks} and {repeats}.")


def _policy(settings: PolicySettings, given: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the policy for ``make_policy``."""
    endpoint = {name: given[name] for name in ("model", "base_url", "api", "api_key_env") if name in given}
    kind = given.get("policy")
    if kind is None:
        # A model that is named alone may be a file for the local policy of the settings.
        names_endpoint = endpoint and not (settings.kind == "local" and [*endpoint] == ["model"])
        kind = "openai" if names_endpoint else settings.kind or ("openai" if settings.model else None)
    if kind is None:
        raise UsageError(_NO_POLICY)
    sampling = {
        name: value for name in _SAMPLING if (value := given.get(name, getattr(settings, name))) is not None
    }
    if kind == "openai":
        return _openai(settings, given) | sampling
    fit = ("model", *_SAMPLING) if kind == "local" else ()
    for name in (*endpoint, *(name for name in _SAMPLING if name in given)):
        if name not in fit:
            raise UsageError(
                f"--{name.replace('_', '-')} means nothing to --policy {kind}: leave one of them out."
            )
    if kind != "local":
        return {"kind": kind}
    model = given.get("model", settings.model if settings.kind == "local" else None)
    local_weights(model)
    return {"kind": "local", **({} if model is None else {"model": model}), **sampling}


def _openai(settings: PolicySettings, given: Mapping[str, Any]) -> dict[str, Any]:
    from llmgym.policies.connection import PUBLIC_URL

    model = given.get("model", settings.model)
    urls: Any = given.get("base_url", settings.base_url)
    if not model:
        raise SettingsError(
            "No model is named: give --model, or set LLMGYM_MODEL or policy.model in llmgym.yaml."
        )
    if "api_key_env" in given:
        key = os.environ.get(given["api_key_env"], "")
        if not key:
            raise SettingsError(
                f"The environment variable {given['api_key_env']} (--api-key-env) is not set."
            )
    else:
        key = "" if settings.api_key is None else settings.api_key.get_secret_value()
    if not urls and not key:
        raise SettingsError(
            "No endpoint is set: give --base-url or set OPENAI_BASE_URL for a server of your own, or set "
            "OPENAI_API_KEY for OpenAI's. --policy local needs neither."
        )
    # Everything is passed on, so that the policy looks for nothing in settings that --config has replaced.
    described = {
        "kind": "openai",
        "model": model,
        "base_url": urls or PUBLIC_URL,
        "api_key": key,
        "api": given.get("api", settings.api),
        "timeout": settings.timeout,
    }
    if settings.concurrency is not None:
        described["concurrency"] = settings.concurrency
    if settings.extra_body:
        described["extra_body"] = settings.extra_body
    return described


def _default_output(env: str, policy: Mapping[str, Any]) -> Path:
    name = env.rpartition("/")[2]
    who = re.sub(r"[^\w.-]+", "-", str(policy.get("model") or policy["kind"])).strip("-.")
    return Path("rollouts") / f"{name}-{who or 'model'}.jsonl"
