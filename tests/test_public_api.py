from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import gymnasium as gym
import pytest

import llmgym
from llmgym.registration import SUITE, register_suite

HEAVY = {
    "aiohttp",
    "datasets",
    "docstring_parser",
    "httpx",
    "openai",
    "pandas",
    "pettingzoo",
    "pyarrow",
    "pydantic",
    "pydantic_settings",
    "ray",
    "rich",
    "torch",
    "transformers",
    "typer",
    "xllamacpp",
    "yaml",
    "zstandard",
}


@pytest.mark.parametrize("name", llmgym.__all__)
def test_every_public_name_is_there(name):
    assert getattr(llmgym, name) is not None


def test_names_come_from_one_table():
    assert len(set(llmgym.__all__)) == len(llmgym.__all__) and set(llmgym.__all__) <= set(dir(llmgym))
    typed = Path(llmgym.__file__).read_text()
    for name in llmgym._HOMES:
        assert f"import {name} as {name}\n" in typed, f"{name} is missing in the TYPE_CHECKING block"
    with pytest.raises(AttributeError, match="module 'llmgym' has no attribute 'nonsense'"):
        llmgym.nonsense  # noqa: B018
    with pytest.raises(ImportError):
        from llmgym import nonsense  # noqa: F401


def loaded_by(statement: str) -> set[str]:
    script = f"import sys, json\n{statement}\njson.dump(sorted(sys.modules), sys.stdout)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stderr == "" and done.returncode == 0
    return set(json.loads(done.stdout))


def test_importing_the_package_is_light():
    loaded = loaded_by("import llmgym")
    assert not loaded & HEAVY
    ours = {name for name in loaded if name.startswith("llmgym.")}
    assert ours == {"llmgym.registration"}


def test_playing_an_environment_is_light():
    loaded = loaded_by(
        "import llmgym, gymnasium as gym\n"
        "env = gym.make('llmgym/MCQA-v0')\n"
        "env.reset(seed=0)\n"
        "assert env.step('A')[2]"
    )
    # Schemas of tools need pydantic; an environment without tools does not.
    assert not loaded & HEAVY
    rooms = ("policies", "vector", "records", "multiagent", "trainers", "serve", "cli")
    assert not [name for name in loaded if name.startswith(tuple(f"llmgym.{room}" for room in rooms))]


@pytest.mark.parametrize("row", SUITE, ids=lambda row: row.id)
def test_the_suite_is_registered_through_strings(row):
    spec = gym.spec(row.id)
    assert (
        spec.entry_point == row.entry_point
        and spec.vector_entry_point == f"llmgym.vector.entry_points:{row.id}"
    )
    assert all(getattr(row, name) for name in row.__slots__ if name not in ("offline", "sandbox"))
    json.loads(spec.to_json())


def test_registering_twice_changes_nothing():
    before = dict(gym.registry)
    register_suite()
    assert gym.registry == before and len({row.id for row in SUITE}) == len(SUITE)


def test_the_version_is_that_of_the_distribution():
    from importlib.metadata import version

    assert llmgym.__version__ == version("llmgym")
