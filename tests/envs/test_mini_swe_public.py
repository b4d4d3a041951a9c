"""Rows of public instances, with an instance and a sandbox that need neither images nor an engine."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from envs.mini_swe_playing import need_sandbox, play

from llmgym.envs.mini_swe import MiniSWEEnv, MiniSWEV1Env, instances, public_rows
from llmgym.errors import DependencyMissing, InvalidTask, UsageError
from llmgym.sandbox import Program

ROW = {
    "instance_id": "Owner__thing-1",
    "repo": "owner/thing",
    "problem_statement": "f gives 1 and should give 2.",
    "patch": "diff --git a/f.py b/f.py\n--- a/f.py\n+++ b/f.py\n@@ -1,2 +1,2 @@\n def f():\n-    return 1\n+    return 2\n",
    "FAIL_TO_PASS": ["test_f"],
    "PASS_TO_PASS": [],
    "responses_create_params": {"input": []},
}
START = (
    "printf 'def f():\\n    return 1\\n' > f.py && git init -q . && git config user.email a@b && git config user.name a "
    "&& git add -A && git commit -q -m start"
)


@dataclass
class Instance:
    """Behaves like the one of the harness."""

    image: str = "an-image:latest"
    cwd: str = "/testbed"

    def eval_script(self, evaluation: str) -> str:
        return f"echo '>>>>> Start Test Output'; echo {evaluation}; python3 -c 'import f; print(\"f gives\", f.f())'"

    def grade(self, log: str, *, strict: bool = False) -> dict:
        if "Start Test Output" not in log or "Timed Out" in log:
            return {"resolved": False}
        right = "f gives 2" in log
        kinds = {"success": ["test_f"] if right else [], "failure": [] if right else ["test_f"]}
        return {"resolved": right, "tests_status": {"FAIL_TO_PASS": kinds}}


@pytest.fixture(autouse=True)
def instance(monkeypatch):
    need_sandbox()
    settings = []

    def setting(asked, image):
        settings.append((asked, image))
        return None

    monkeypatch.setattr(
        instances, "instance_of", lambda row: Instance() if row.get("repo") == "owner/thing" else None
    )
    monkeypatch.setattr(public_rows, "container_setting", setting)
    return settings


@pytest.fixture(autouse=True)
def checked_out(monkeypatch):
    """Let every sandbox begin with the repository, as the image would."""
    from llmgym.envs.mini_swe.workspace import Workspace

    opened = Workspace.open

    async def opening(self):
        await opened(self)
        done = await self.sandbox.run(Program(argv=("bash", "-c", START), cwd="/testbed", merge_stderr=True))
        assert done.returncode == 0, done.stdout

    monkeypatch.setattr(Workspace, "open", opening)


MEND = "sed -i 's/return 1/return 2/' f.py"
SUBMIT = "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT && git add -A && git diff --cached"


@pytest.mark.parametrize("protocol", ["text", "tools"])
@pytest.mark.parametrize("kind", [MiniSWEEnv, MiniSWEV1Env])
class TestBoth:
    def test_the_oracle_earns_all(self, kind, protocol, instance):
        env = kind(protocol=protocol, sandbox="docker")
        observation, info = env.reset(seed=0, options={"task": ROW})
        assert info["task_id"] == "Owner__thing-1" and ROW["problem_statement"] in observation[1]["content"]
        for action in env.oracle(env.task):
            _, reward, terminated, _, info = env.step(action)
        assert (reward, terminated) == (1.0, True), info
        assert info["metrics"]["patch"].startswith("diff --git a/f.py")
        assert set(instance) == {("docker", "an-image:latest")}

    def test_nothing_earns_nothing(self, kind, protocol):
        reward, info = play(kind(protocol=protocol, sandbox="docker"), [SUBMIT], ROW)
        assert reward == 0.0
        assert info["reason"] == ("tests_fail" if kind is MiniSWEEnv else "patch_failed")


def test_live_grades_the_tree_and_clean_the_patch():
    commands = [MEND, "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT"]
    assert play(MiniSWEEnv(sandbox="docker"), commands, ROW)[0] == 1.0
    assert play(MiniSWEV1Env(sandbox="docker"), commands, ROW)[0] == 0.0
    patch = f"cat <<'EOF'\nCOMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT\n{ROW['patch']}EOF"
    assert play(MiniSWEEnv(sandbox="docker"), [patch], ROW)[0] == 0.0
    assert play(MiniSWEV1Env(sandbox="docker"), [patch], ROW)[0] == 1.0


def test_without_a_submission():
    assert play(MiniSWEEnv(sandbox="docker", step_limit=1), [MEND], ROW)[0] == 1.0
    reward, info = play(MiniSWEV1Env(sandbox="docker", step_limit=1), [MEND], ROW)
    assert (reward, info["reason"]) == (0.0, "not_submitted")


def test_a_patch_that_does_not_fit():
    patch = "printf 'COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT\\nnonsense\\n'"
    reward, info = play(MiniSWEV1Env(sandbox="docker"), [MEND, patch], ROW)
    assert (reward, info["reason"], info["metrics"]["patch_applied"]) == (0.0, "patch_failed", False)


def test_tests_that_take_too_long():
    reward, info = play(
        MiniSWEEnv(sandbox="docker", eval_timeout=1), [f"{MEND}; echo 'while True: pass' > f.py", SUBMIT], ROW
    )
    assert (reward, info["reason"]) == (0.0, "no_tests")
    assert info["metrics"]["eval_error"] == "the tests did not run"


@pytest.mark.parametrize(
    "command",
    ["mkdir -p /tmp/eval.sh/x", "head -c 500000000 /dev/zero > /tmp/big 2>/dev/null", "mkfifo /tmp/eval.sh"],
)
def test_no_place_for_the_script_is_the_models_doing(command):
    reward, info = play(MiniSWEEnv(sandbox="docker"), [f"{MEND}; {command}", SUBMIT], ROW)
    assert (reward, info["reason"]) == (0.0, "eval_error")
    assert "could not be written" in info["metrics"]["eval_error"]


@pytest.mark.parametrize("evaluation", ["live", "clean"])
def test_what_the_evaluation_lacks_is_told_at_the_reset(monkeypatch, evaluation):
    def lacking(self, asked):
        assert asked == evaluation
        raise DependencyMissing("swebench", "swe", "test and grade SWE-bench tasks")

    monkeypatch.setattr(Instance, "eval_script", lacking)
    env = MiniSWEEnv(sandbox="docker", evaluation=evaluation)
    with pytest.raises(DependencyMissing, match="swe"):
        env.reset(options={"task": ROW})
    env.close()


def test_rows_of_neither_kind_are_refused():
    with pytest.raises(InvalidTask, match="expected 'files'"):
        MiniSWEEnv().reset(options={"task": {**ROW, "repo": "else"}})


class TestSetting:
    @pytest.fixture(autouse=True)
    def real(self, monkeypatch):
        monkeypatch.undo()

    @pytest.mark.parametrize("asked", ["docker", {"kind": "docker"}, {"kind": "podman", "cpus": 2.0}])
    def test_names_the_image_and_lets_it_be_written(self, asked):
        made = public_rows.container_setting(asked, "x:y")
        assert made["image"] == "x:y" and made["writable"] is True and made["kind"] in ("docker", "podman")

    def test_of_the_user_goes_first(self):
        assert public_rows.container_setting({"kind": "docker", "image": "mine"}, "x")["image"] == "mine"

    @pytest.mark.parametrize("asked", [None, "auto", "bubblewrap", {"kind": "process", "unsafe": True}])
    def test_without_images_is_refused(self, asked):
        with pytest.raises(UsageError, match="need a container"):
            public_rows.container_setting(asked, "x")


def test_a_file_may_have_rows_as_the_hub_has_them(tmp_path):
    bare = {name: value for name, value in ROW.items() if name != "responses_create_params"}
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(bare) + "\n", encoding="utf-8")
    task = MiniSWEEnv(dataset=str(path), sandbox="docker").tasks[0]
    assert task.id == "Owner__thing-1" and bare["problem_statement"] in task.messages[1]["content"]
