"""From what a user types to an environment: names, modules, constructor arguments."""

from __future__ import annotations

import contextlib
import copy
import difflib
import importlib
import inspect
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gymnasium as gym
from gymnasium.envs.registration import EnvSpec, load_env_creator

from llmgym.errors import Error, UsageError
from llmgym.registration import SUITE, offline_arguments

__all__ = [
    "Parameter",
    "constructor",
    "creator",
    "environment_ids",
    "import_modules",
    "make",
    "make_spec",
    "nearest",
    "oracle_of",
    "offline",
    "parse_arguments",
    "resolve",
]

_VERSION = re.compile(r"-v(\d+)$")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A constructor argument of an environment.

    Attributes:
        name: Its name.
        default: Its default; ``None`` also where it has none.
        required: Whether it must be given.
        type: Its annotation as text; empty when there is none.
    """

    name: str
    default: Any
    required: bool
    type: str


def import_modules(names: Iterable[str]) -> None:
    """Import modules that register environments. The working directory is searched first, as ``python -m`` does.

    Args:
        names: Names of modules, or paths of ``.py`` files.

    Raises:
        UsageError: When one cannot be imported.
    """
    for name in names:
        folder, module = "", name
        if name.endswith(".py"):
            path = Path(name)
            if not path.is_file():
                raise UsageError(f"There is no file '{name}' to --import.")
            folder, module = str(path.parent.resolve()), path.stem
        if folder not in sys.path:
            sys.path.insert(0, folder)
        try:
            importlib.import_module(module)
        except Error:
            raise
        except Exception as error:
            raise UsageError(f"Importing '{name}' failed: {type(error).__name__}: {error}.") from error


def environment_ids() -> list[str]:
    """Return the ids of all registered environments of llmgym's kind, the suite first."""
    suite = [row.id for row in SUITE]
    others = sorted(
        spec.id
        for spec in gym.registry.values()
        if spec.id not in suite and str(spec.vector_entry_point).startswith("llmgym.vector.entry_points:")
    )
    return suite + others


def resolve(name: str) -> str:
    """Return the id that a name stands for.

    Args:
        name: An id; an id without its namespace, without its version (then the highest), or both; or
            ``module:id``, which imports the module first.

    Raises:
        UsageError: When there is no such environment, with the nearest ones.
    """
    module, colon, rest = name.rpartition(":")
    if colon:
        import_modules([module])
        name = rest
    if name in gym.registry:
        return name
    known = environment_ids()
    wanted = name.casefold()
    exact = [one for one in known if wanted in (one.casefold(), one.rpartition("/")[2].casefold())]
    open_ended = [one for one in known if wanted in (_unversioned(one), _unversioned(one).rpartition("/")[2])]
    spaces = {one.rpartition("/")[0] for one in exact or open_ended}
    if len(spaces) > 1:
        raise UsageError(f"'{name}' may be {' or '.join(sorted(exact or open_ended))}: write the whole id.")
    if exact or open_ended:
        return max(exact or open_ended, key=_version)
    near = _near_ids(wanted, known)
    hint = (
        f"Did you mean {' or '.join(near)}?" if near else "'llmgym list' shows them; --import loads your own."
    )
    raise UsageError(f"There is no environment '{name}'. {hint}")


def nearest(wrong: str, known: Iterable[str]) -> str:
    """Return the end of an error message: the nearest name, or all of them."""
    names = list(known)
    near = difflib.get_close_matches(wrong, names, n=1)
    return f"Did you mean '{near[0]}'?" if near else f"Known are: {', '.join(names)}."


def offline(text: str, env: str) -> dict[str, Any]:
    """Return constructor arguments with which an environment needs no model of its own, as a judge would be.

    Args:
        text: The arguments that were given, as JSON; they win.
        env: Id of the environment.
    """
    return offline_arguments(env) | parse_arguments(text, env)


def parse_arguments(text: str, env: str | None = None) -> dict[str, Any]:
    """Read constructor arguments.

    Args:
        text: A JSON object.
        env: Id of the environment that they are for; ``None`` leaves them unchecked.

    Raises:
        UsageError: When it is no JSON object, or holds an argument that the environment does not know.
    """
    try:
        given = json.loads(text)
    except ValueError as error:
        raise UsageError(f"--args is not JSON ({error}): write it like '{{\"max_turns\": 4}}'.") from None
    if not isinstance(given, dict):
        raise UsageError(f"Expected --args to be a JSON object, found {type(given).__name__}.")
    return given if env is None else check_arguments(given, env)


def check_arguments(given: Mapping[str, Any], env: str) -> dict[str, Any]:
    """Return constructor arguments, all of which the environment knows.

    Raises:
        UsageError: When it does not know one.
    """
    known = constructor(env)
    for name in given:
        if known is not None and name not in {parameter.name for parameter in known}:
            raise UsageError(f"{env} has no argument '{name}'. {nearest(name, [one.name for one in known])}")
    return dict(given)


def creator(env: str) -> Any:
    """Load the class or function that makes an environment.

    Raises:
        UsageError: When it cannot be imported.
    """
    entry_point = gym.spec(env).entry_point
    if not isinstance(entry_point, str):
        return entry_point
    try:
        return load_env_creator(entry_point)
    except Error:
        raise
    except Exception as error:
        raise UsageError(f"{env} cannot be loaded: {type(error).__name__}: {error}.") from error


def constructor(env: str) -> list[Parameter] | None:
    """List the constructor arguments of an environment, its own first.

    Args:
        env: Its id.

    Returns:
        The arguments; ``None`` when it takes any.
    """
    made, defaults = creator(env), gym.spec(env).kwargs
    found: dict[str, Parameter] = {}
    functions = (
        [kind.__dict__["__init__"] for kind in made.__mro__ if "__init__" in kind.__dict__]
        if isinstance(made, type)
        else [made]
    )
    for function in functions:
        takes_more = False
        for name, one in inspect.signature(function).parameters.items():
            takes_more |= one.kind is one.VAR_KEYWORD
            if name == "self" or one.kind in (one.VAR_KEYWORD, one.VAR_POSITIONAL) or name in found:
                continue
            required = one.default is one.empty and name not in defaults
            default = defaults.get(name, None if one.default is one.empty else one.default)
            kind = (
                one.annotation
                if isinstance(one.annotation, str)
                else inspect.formatannotation(one.annotation)
            )
            kind = "" if one.annotation is one.empty else kind
            found[name] = Parameter(name, default, required, kind)
        if not takes_more:
            return list(found.values())
    return None


def make_spec(env: str, arguments: Mapping[str, Any]) -> EnvSpec:
    """Return the description of an environment with these constructor arguments."""
    spec = copy.deepcopy(gym.spec(env))
    spec.kwargs = {**spec.kwargs, **arguments}
    return spec


def make(env: str, arguments: Mapping[str, Any]) -> gym.Env[Any, Any]:
    """Make an environment.

    Raises:
        UsageError: When it cannot be made of these arguments, or is not one of llmgym's kind.
    """
    from llmgym.core import Env

    try:
        made = gym.make(make_spec(env, arguments), disable_env_checker=True)
    except Error:
        raise
    except (TypeError, ValueError) as error:
        raise UsageError(f"{env} cannot be made with {json.dumps(dict(arguments))}: {error}.") from error
    if not isinstance(made.unwrapped, Env):
        made.close()
        raise UsageError(f"{env} is no environment of llmgym's kind: its observation is not a conversation.")
    return made


def oracle_of(env: gym.Env[Any, Any]) -> Sequence[Any] | None:
    """Return the oracle's responses for the task that an environment was reset to; ``None`` without an oracle."""
    from llmgym import bridge

    inner: Any = env.unwrapped
    responses = inner.oracle(inner.task)
    if inspect.isawaitable(responses):
        responses = bridge.wait(responses)
    return None if responses is None else list(responses)


def _unversioned(env: str) -> str:
    return _VERSION.sub("", env).casefold()


def _version(env: str) -> int:
    match = _VERSION.search(env)
    return int(match[1]) if match else -1


def _near_ids(wanted: str, known: Sequence[str]) -> list[str]:
    # Namespaces and versions are alike in all names, so they would hide what differs.
    bare = _unversioned(wanted.rpartition("/")[2])
    names: dict[str, list[str]] = {}
    for one in known:
        names.setdefault(_unversioned(one.rpartition("/")[2]), []).append(one)
    near = difflib.get_close_matches(bare, names, n=3, cutoff=0.6)
    return [max(names[name], key=_version) for name in near]


def complete(incomplete: str) -> list[str]:
    """Complete an environment's name in a shell."""
    with contextlib.suppress(Error):
        known = environment_ids()
        names = known if "/" in incomplete else [one.rpartition("/")[2] for one in known]
        return [name for name in names if name.casefold().startswith(incomplete.casefold())]
    return []
