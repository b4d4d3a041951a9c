"""Public rows in containers, on every engine that works here: an image, commands, the harness's script, a reward."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest
from sandbox.engines import EngineUnderTest, running

from llmgym.envs.mini_swe.env import MiniSWEEnv
from llmgym.errors import InfrastructureError
from llmgym.sandbox.container_engine import Engine
from llmgym.sandbox.container_owner import LABEL, labels_of_this_process

if importlib.util.find_spec("swebench") is None:
    pytest.skip("the package swebench is not installed", allow_module_level=True)

MARKER = "COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT"
CODE = "def double(x):\n    return x + x + 1\n"
TESTER = """#!/bin/sh
# Stands in for the project's own runner of tests: the harness calls bin/test and reads its lines.
for word; do case $word in -*) ;; *) files="$files $word";; esac; done
exec python3 - $files <<'END'
import sys
sys.path.insert(0, '.')
for path in sys.argv[1:]:
    names = {}
    exec(open(path).read(), names)
    for name in sorted(names):
        if name.startswith('test_'):
            try:
                names[name]()
                print(name, 'ok')
            except Exception:
                print(name, 'F')
END
"""
TEST_PATCH = """diff --git a/tests/test_new.py b/tests/test_new.py
new file mode 100755
--- /dev/null
+++ b/tests/test_new.py
@@ -0,0 +1,5 @@
+from code_of import double
+def test_two():
+    assert double(2) == 4
+def test_always():
+    assert double
"""
PATCH = """diff --git a/code_of.py b/code_of.py
--- a/code_of.py
+++ b/code_of.py
@@ -1,2 +1,2 @@
 def double(x):
-    return x + x + 1
+    return x + x
"""


BASE: list[str] = []
"""The commit of the image that was made last."""


@pytest.fixture(scope="module", params=["double", "docker", "podman"])
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EngineUnderTest]:
    content = tmp_path_factory.mktemp("content")
    repository = content / "testbed"
    (repository / "bin").mkdir(parents=True)
    (repository / "code_of.py").write_text(CODE)
    (repository / "bin/test").write_text(TESTER)
    (repository / "bin/test").chmod(0o755)
    dates = {"GIT_AUTHOR_DATE": "2024-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2024-01-01T00:00:00Z"}
    script = "git init -q && git add -A && git -c user.name=n -c user.email=e commit -qm base"
    subprocess.run(["sh", "-c", script], cwd=repository, check=True, env={**os.environ, **dates})
    with running(request.param, content, "localhost/llmgym/testbed:latest") as found:
        commit = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=repository, capture_output=True, text=True, check=True
        )
        BASE.append(commit.stdout.strip())
        yield found


def row(engine: EngineUnderTest) -> dict[str, Any]:
    return {
        "instance_id": "sympy__sympy-1",
        "repo": "sympy/sympy",
        "version": "1.8",
        "base_commit": BASE[-1],
        "problem_statement": "double(2) is 5.",
        "patch": PATCH,
        "test_patch": TEST_PATCH,
        "FAIL_TO_PASS": '["test_two"]',
        "PASS_TO_PASS": ["test_always"],
        "subset": "verified",
        "image_name": engine.image,
    }


def play(engine: EngineUnderTest, *commands: str, **settings: Any) -> tuple[float, dict[str, Any]]:
    sandbox = {"kind": engine.kind, "socket": engine.socket, "pull": "never"}
    env = MiniSWEEnv(dataset=[row(engine)], sandbox=sandbox, step_timeout=30, eval_timeout=60, **settings)
    try:
        env.reset(options={"task": 0})
        actions = [f"```bash\n{command}\n```" for command in commands] or env.oracle(env.task)
        for action in actions:
            _, reward, terminated, truncated, info = env.step(action)
            if terminated or truncated:
                return reward, info
        raise AssertionError("the commands did not hand in")
    finally:
        env.close()


def nothing_left(engine: EngineUnderTest) -> bool:
    """Whether all containers go; Podman clears away after it has answered."""
    deadline = time.monotonic() + 20
    while left(engine):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def left(engine: EngineUnderTest) -> list[Any]:
    """The containers of this process."""
    talk = Engine(f"unix://{engine.socket}", "tested")
    query = {"all": "1", "filters": {"label": [LABEL]}}
    told = asyncio.run(talk.request("GET", "/containers/json", query=query)).json()
    mine = labels_of_this_process(1.0)["llmgym.owner"]
    return [container for container in told if container["Labels"].get("llmgym.owner") == mine]


@pytest.mark.parametrize("evaluation", ["live", "clean"])
def test_the_oracle_earns_the_reward(engine, evaluation):
    reward, info = play(engine, evaluation=evaluation)
    assert reward == 1.0, info
    assert info["metrics"]["sandbox"] == engine.kind
    assert info["metrics"]["tests_status"]["FAIL_TO_PASS"]["success"] == ["test_two"]
    assert nothing_left(engine)


@pytest.mark.parametrize("evaluation", ["live", "clean"])
def test_doing_nothing_earns_nothing(engine, evaluation):
    reward, info = play(engine, f"echo {MARKER}; git diff", evaluation=evaluation)
    assert reward == 0.0, info
    assert nothing_left(engine)


WRONG = "sed -i 's/+ 1/+ 2/' code_of.py"
FORGED = (
    f"{WRONG}; mkdir -p tests; printf 'def test_two(): pass\\ndef test_always(): pass\\n' > tests/test_new.py"
)


def test_tests_that_were_forged_count_live_and_not_clean(engine):
    hand_in = f"echo {MARKER}; git add -A; git diff --cached"
    assert play(engine, FORGED, hand_in, evaluation="live")[0] == 1.0
    assert play(engine, FORGED, hand_in, evaluation="clean")[0] == 0.0


def test_commands_run_as_root_in_the_repository(engine):
    seen: list[str] = []
    sandbox = {"kind": engine.kind, "socket": engine.socket, "pull": "never"}
    env = MiniSWEEnv(dataset=[row(engine)], sandbox=sandbox, step_timeout=30)
    env.reset(options={"task": 0})
    for command in ("pwd; id -u; git status --short; echo $PAGER", "kill -9 -1", "echo here"):
        messages, *_ = env.step(f"```bash\n{command}\n```")
        seen.append(messages[-1]["content"])
    env.close()
    assert "/testbed\n0\ncat\n" in seen[0] and "here" in seen[2]
    assert nothing_left(engine)


def test_a_container_that_goes_is_the_worlds_fault(engine):
    sandbox = {"kind": engine.kind, "socket": engine.socket, "pull": "never"}
    env = MiniSWEEnv(dataset=[row(engine)], sandbox=sandbox, step_timeout=30)
    env.reset(options={"task": 0})
    [container] = left(engine)
    talk = Engine(f"unix://{engine.socket}", "tested")
    asyncio.run(talk.request("DELETE", f"/containers/{container['Id']}", query={"force": "1"}))
    with pytest.raises(InfrastructureError) as caught:
        env.step("```bash\nls\n```")
    env.close()
    assert caught.value.boundary == "sandbox"
