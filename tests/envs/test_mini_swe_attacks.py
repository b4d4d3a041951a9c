"""Nothing but the repair earns the reward, and the repair still does beside every attack."""

from __future__ import annotations

from string import Template

import pytest
from envs.mini_swe_attacks import ATTACKS, SUBMIT, replaced_functions
from envs.mini_swe_playing import a_row, need_sandbox, play

from llmgym.envs.mini_swe import MiniSWEEnv, MiniSWEV1Env
from llmgym.envs.mini_swe.evaluation import Repository
from llmgym.envs.mini_swe.oracle import repair
from llmgym.tasks import Task

ROW = a_row(seed=5, kept=3)
MODULE = ROW["patch"].split("\n")[0].split(" b/")[1]
PACKAGE = MODULE.partition("/")[0]


@pytest.fixture(autouse=True)
def sandbox():
    need_sandbox()


def answering_the_example() -> str:
    """Return a command that lets every function give what one hidden test expects, whatever it is given."""
    test = next(each for each in Repository(Task.of(ROW)).tests if each.id in ROW["FAIL_TO_PASS"])
    wanted = next((value for kind, value in test.expected if kind == "value"), None)
    return Template(replaced_functions(repr(wanted))[0]).safe_substitute(mod=MODULE)


def commands_of(attack: str) -> list[str]:
    names = {
        "mod": MODULE,
        "pkg": PACKAGE,
        "dot": MODULE[:-3].replace("/", "."),
        "example": answering_the_example(),
    }
    return [Template(command).safe_substitute(names) for command in ATTACKS[attack]]


@pytest.mark.parametrize("attack", ATTACKS)
def test_earns_nothing(attack):
    for kind in (MiniSWEEnv, MiniSWEV1Env):
        env = kind(step_timeout=20, eval_timeout=4)
        reward, info = play(env, commands_of(attack), ROW)
        env.close()
        assert reward == 0.0, (kind.__name__, info)
        assert info["metrics"]["resolved"] is False


@pytest.mark.parametrize("kind", [MiniSWEEnv, MiniSWEV1Env])
@pytest.mark.parametrize(
    "attack",
    [
        "tests are deleted",
        "sitecustomize in the repository",
        "own unittest",
        "PATH has another python",
        "a process rewrites the tests",
        "assertions are patched",
    ],
)
def test_the_repair_earns_all_beside_it(kind, attack):
    reward, info = play(kind(), [repair(ROW)[0], *commands_of(attack)], ROW)
    assert reward == 1.0, info


def test_there_are_enough():
    assert len(ATTACKS) >= 50


class TestTheLiveTree:
    """What the public rule lets through, and the clean evaluation does not."""

    def test_a_repair_that_hides_behind_a_link(self):
        commands = [repair(ROW)[0], f"mv {MODULE} /tmp/away.py; ln -s /tmp/away.py {MODULE}", SUBMIT]
        assert play(MiniSWEEnv(), commands, ROW)[0] == 1.0
        assert play(MiniSWEV1Env(eval_timeout=20), commands, ROW)[0] == 0.0

    def test_a_repair_that_only_is_compiled(self):
        name = MODULE.rpartition("/")[2][:-3]
        compiled = (
            f"cp {MODULE} /tmp/broken.py; {repair(ROW)[0]}\n"
            "python3 -c 'import py_compile, sys; py_compile.compile(sys.argv[1], sys.argv[2], "
            "invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)' "
            f"{MODULE} {PACKAGE}/__pycache__/{name}.$(python3 -c 'import sys; print(sys.implementation.cache_tag)').pyc\n"
            f"cat /tmp/broken.py > {MODULE}"
        )
        assert play(MiniSWEEnv(), [compiled, SUBMIT], ROW)[0] == 1.0
        assert play(MiniSWEV1Env(), [compiled, SUBMIT], ROW)[0] == 0.0

    def test_a_repair_that_was_stashed_is_none(self):
        commands = [repair(ROW)[0], "git stash -q", SUBMIT]
        for kind in (MiniSWEEnv, MiniSWEV1Env):
            assert play(kind(), commands, ROW)[0] == 0.0


def test_expectations_do_not_enter_the_sandbox():
    for test in Repository(Task.of(a_row(seed=8, difficulty="medium"))).tests:
        assert "assert" not in test.program and "unittest" not in test.program
        for kind, value in test.expected:
            if kind == "value" and isinstance(value, str) and len(value) > 12:
                assert value not in test.program or value in test.id
