"""Settings: environment variables, ``llmgym.yaml``, and the keys of a NeMo-style ``env.yaml``.

From strongest to weakest: arguments in code or on the command line; ``LLMGYM_POLICY__MODEL`` and its like;
``LLMGYM_MODEL``, ``LLMGYM_BASE_URL``, ``LLMGYM_API_KEY``; ``llmgym.yaml``; ``env.yaml``; ``OPENAI_API_KEY`` and
``OPENAI_BASE_URL``. Keys are secrets: they show in no repr, log or record.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as SourceError

from llmgym.errors import SettingsError

__all__ = [
    "JudgeSettings",
    "PolicySettings",
    "RolloutSettings",
    "SandboxSettings",
    "Settings",
    "load_settings",
]

FILES = ("llmgym.yaml", "env.yaml")
"""Names that are looked for in the working directory, strongest first."""

_NEMO_KEYS = {"policy_base_url": "base_url", "policy_api_key": "api_key", "policy_model_name": "model"}
_SHORT = {"LLMGYM_MODEL": "model", "LLMGYM_BASE_URL": "base_url", "LLMGYM_API_KEY": "api_key"}
_COMMON = {"OPENAI_BASE_URL": "base_url", "OPENAI_API_KEY": "api_key"}
_REFERENCE = re.compile(r"\$\{(?:oc\.env:)?([A-Za-z_][A-Za-z0-9_]*)(?:,([^}]*))?\}")


class PolicySettings(BaseModel):
    """Which model answers, and how it is reached.

    Attributes:
        kind: Which policy: ``openai``, ``local``, ``oracle`` or ``random``; ``None`` leaves it to the command.
        model: Name of the model at the endpoint.
        base_url: One address of an OpenAI-compatible endpoint, or several.
        api_key: Its key.
        api: ``chat`` for Chat Completions, ``responses`` for the Responses API.
        temperature: Sampling temperature.
        top_p: Nucleus sampling threshold.
        max_tokens: Most tokens a response may have.
        timeout: Deadline of a response in seconds, retries included.
        concurrency: Most requests in flight at an endpoint.
        extra_body: Further fields of the request body.
    """

    model_config = ConfigDict(extra="forbid")

    kind: Literal["openai", "local", "oracle", "random"] | None = None
    model: str | None = None
    base_url: str | list[str] | None = None
    api_key: SecretStr | None = None
    api: Literal["chat", "responses"] = "chat"
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    timeout: float = 600.0
    concurrency: int | None = None
    extra_body: dict[str, Any] = Field(default_factory=dict)


class JudgeSettings(PolicySettings):
    """Which model judges, where an environment needs a judge and is not told one.

    The attributes are those of :class:`PolicySettings`. What is left out is the policy's, except for the key, which
    goes to no other address than the one it was set for.

    Attributes:
        kind: Which judge: ``openai``, ``local`` or ``exact``; ``None`` for ``openai``.
    """

    kind: Literal["openai", "local", "exact"] | None = None  # type: ignore[assignment]


class RolloutSettings(BaseModel):
    """Defaults of ``llmgym rollout``.

    Attributes:
        env: Id of the environment.
        args: Its constructor arguments.
        dataset: A data set for it.
        split: Split of the task set.
        n: Number of tasks.
        k: Rollouts a task.
        concurrency: Most rollouts at a time.
        attempts: Most tries of a rollout that fails for reasons outside the model.
        seed: Seed of the run.
        output: File to append to.
    """

    model_config = ConfigDict(extra="forbid")

    env: str | None = None
    args: dict[str, Any] = Field(default_factory=dict)
    dataset: str | None = None
    split: str = "train"
    n: int | None = None
    k: int = 1
    concurrency: int = 32
    attempts: int = 3
    seed: int = 0
    output: str | None = None


class SandboxSettings(BaseModel):
    """Where code runs that a model wrote, in an environment that is not told.

    Further keys are the backend's own, such as ``image`` of ``docker``.

    Attributes:
        kind: Which backend; ``auto`` for the default of this machine.
    """

    model_config = ConfigDict(extra="allow")

    kind: Literal["auto", "bubblewrap", "process", "docker", "podman", "swerex"] = "auto"


class _Given(PydanticBaseSettingsSource):
    """A dictionary as a source of settings."""

    def __init__(self, settings: type[BaseSettings], values: Mapping[str, Any]):
        super().__init__(settings)
        self._values = dict(values)

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        return self._values.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        return self._values


class Settings(BaseSettings):
    """Everything that can be configured.

    Attributes:
        policy: The model under training or test.
        judge: The model that judges.
        rollout: Defaults of rollout collection.
        sandbox: Where code runs.
    """

    model_config = SettingsConfigDict(env_prefix="LLMGYM_", env_nested_delimiter="__", extra="forbid")

    policy: PolicySettings = Field(default_factory=PolicySettings)
    judge: JudgeSettings = Field(default_factory=JudgeSettings)
    rollout: RolloutSettings = Field(default_factory=RolloutSettings)
    sandbox: SandboxSettings = Field(default_factory=SandboxSettings)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the environment's long names above everything that :func:`load_settings` hands in."""
        return env_settings, init_settings


def load_settings(config: str | Path | None = None, directory: str | Path = ".") -> Settings:
    """Read the settings.

    Args:
        config: A file to read instead of those in the directory; ``llmgym.yaml`` or ``env.yaml`` style.
        directory: Where to look for ``llmgym.yaml`` and ``env.yaml``.

    Returns:
        The merged settings.

    Raises:
        SettingsError: When a file is missing, is not YAML, or holds an unknown key or a value of the wrong type.
    """
    if config is not None:
        paths = [Path(config)]
        if not paths[0].is_file():
            raise SettingsError(f"The settings file {config} does not exist.")
    else:
        paths = [path for name in FILES if (path := Path(directory) / name).is_file()]
    merged: dict[str, Any] = {"policy": _from_environment(_COMMON)}
    for path in reversed(paths):
        merged = _merge(merged, _read(path))
    merged = _merge(merged, {"policy": _from_environment(_SHORT)})
    try:
        return Settings(**merged)
    except ValidationError as error:
        fault = _explain(error, paths)
    except SourceError as error:
        fault = f"An environment variable LLMGYM_... is wrong: {error}."
    # Raised outside, so that it carries no exception that quotes a value: it may be a key.
    raise SettingsError(fault)


def _from_environment(names: Mapping[str, str]) -> dict[str, str]:
    return {key: os.environ[name] for name, key in names.items() if os.environ.get(name)}


def _read(path: Path) -> dict[str, Any]:
    fault = ""
    content: Any = None
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        # The error's own text quotes the line, which may hold a key.
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        fault = f"{path}{where} is not YAML: {getattr(error, 'problem', None) or type(error).__name__}."
    if fault:
        raise SettingsError(fault)
    if content is None:
        return {}
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise SettingsError(f"Expected {path} to hold keys and values, found {type(content).__name__}.")
    # A section without content is as good as absent.
    content = {key: value for key, value in content.items() if value is not None}
    for section in Settings.model_fields.keys() & content.keys():
        if not isinstance(content[section], dict):
            found = type(content[section]).__name__
            raise SettingsError(f"Expected {section!r} in {path} to hold keys and values, found {found}.")
    if any(key in content for key in _NEMO_KEYS):
        # An env.yaml may hold keys of other programs; only the policy's are ours.
        nemo = {
            ours: content[theirs] for theirs, ours in _NEMO_KEYS.items() if content.get(theirs) is not None
        }
        rest = {key: content[key] for key in Settings.model_fields if key in content}
        return _expand(_merge({"policy": nemo}, rest), path)
    if path.name == "env.yaml":
        content = {key: value for key, value in content.items() if key in Settings.model_fields}
    return _expand(content, path)


def _expand(value: Any, path: Path) -> Any:
    """Put in environment variables, written ``${NAME}``, ``${NAME,default}`` or ``${oc.env:NAME}``."""
    if isinstance(value, dict):
        return {key: _expand(item, path) for key, item in value.items()}
    if isinstance(value, list):
        return [_expand(item, path) for item in value]
    if not isinstance(value, str):
        return value

    def put(match: re.Match[str]) -> str:
        found = os.environ.get(match[1], match[2])
        if found is None:
            raise SettingsError(f"{path} uses the environment variable {match[1]}, which is not set.")
        return found

    return _REFERENCE.sub(put, value)


def _merge(weak: Mapping[str, Any], strong: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(weak)
    for key, value in strong.items():
        both = isinstance(merged.get(key), Mapping) and isinstance(value, Mapping)
        merged[key] = _merge(merged[key], value) if both else value
    return merged


def _explain(error: ValidationError, paths: list[Path]) -> str:
    fault = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in fault["loc"])
    read = " or ".join([*map(str, paths), "the environment"])
    if fault["type"] == "extra_forbidden":
        section, _, key = where.rpartition(".")
        model: Any = (
            Settings.model_fields[section].annotation if section in Settings.model_fields else Settings
        )
        near = difflib.get_close_matches(key, model.model_fields, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else f" Known keys: {', '.join(model.model_fields)}."
        return f"Unknown setting {where!r} in {read}.{hint}"
    return f"Setting {where!r} in {read} is wrong: {fault['msg']}."
