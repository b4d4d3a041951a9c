"""The program as a process: what scripts and terminals rely on."""

from __future__ import annotations

import importlib.metadata
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from llmgym.cli.app import main
from llmgym.testing.server import Fault, ModelServer

COMMAND = [sys.executable, "-c", "from llmgym.cli.app import main; main()"]
ENV = "llmgym/SessionState-v0"

LOUD = '''
import os, subprocess, sys
import llmgym

class Loud(llmgym.Env):
    """Prints wherever it can."""

    def __init__(self, *, broken=False, **kwargs):
        super().__init__(**kwargs)
        if broken:
            raise RuntimeError("broken on purpose")

    def task_set(self, dataset, split):
        return llmgym.TaskSet.load([{"prompt": "hello", "id": str(i)} for i in range(4)])

    def begin(self, task):
        print("noise from print")
        os.write(1, b"noise from native code\\n")
        subprocess.run(["echo", "noise from a child"])

    def verify(self, episode):
        return 1.0

    def oracle(self, task):
        return ["hi"]

llmgym.register("loud/Loud-v0", "loud:Loud")
'''


def start(*arguments: str, command: list[str] = COMMAND) -> subprocess.Popen[str]:
    return subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str], code: int = 0) -> tuple[str, str]:
    out, err = process.communicate(timeout=120)
    assert process.returncode == code, err + out
    return out, err


@pytest.fixture
def loud(here: Path) -> Path:
    (here / "loud.py").write_text(LOUD)
    return here


def test_the_installed_program_is_this_one():
    (found,) = importlib.metadata.entry_points(group="console_scripts", name="llmgym")
    assert found.load() is main


def test_help_loads_nothing_heavy(here):
    program = (
        "import sys\nsys.argv = ['llmgym', '--help']\n"
        "try:\n    from llmgym.cli.app import main; main()\n"
        "except SystemExit as end:\n    assert end.code == 0\n"
        "heavy = {'openai', 'pydantic', 'aiohttp', 'pettingzoo', 'datasets', 'xllamacpp', 'yaml', 'orjson', 'rich'}\n"
        "sys.stderr.write(str(sorted(heavy & set(sys.modules))))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True
    )
    assert "rollout" in done.stdout
    assert done.stderr == "[]"


def test_nothing_but_the_document_reaches_standard_output(loud):
    arguments = ["loud/Loud-v0", "--import", "loud.py", "--json"]
    out, err = finish(start("rollout", *arguments, "--policy", "oracle", "-o", "x.jsonl"))
    assert json.loads(out)["summary"]["total"] == 4
    for noise in ("noise from print", "noise from native code", "noise from a child"):
        assert err.count(noise) == 4
    out, _ = finish(start("show", *arguments))
    assert json.loads(out)["oracle"] == [{"role": "assistant", "content": "hi"}]


def test_a_defect_has_a_code_of_its_own_and_a_traceback_on_request(loud):
    arguments = ["show", "loud/Loud-v0", "--import", "loud", "--args", '{"broken": true}']
    out, err = finish(start(*arguments), 70)
    assert out == "" and err.count("\n") == 1
    assert err.startswith("error: RuntimeError: broken on purpose") and "--debug" in err
    _, err = finish(start(*arguments, "--debug"), 70)
    assert "Traceback" in err and "loud.py" in err
    _, err = finish(start("show", "Calender", "--debug"), 2)
    assert "Traceback" in err and err.splitlines()[-1].startswith("error: There is no environment")


def test_a_reader_that_goes_away_is_no_defect(here):
    process = start("list", "--json")
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(120) == 1 and "Traceback" not in err


def rows(path: Path) -> list[dict]:
    return (
        [json.loads(line) for line in path.read_bytes().splitlines() if line.endswith(b"}")]
        if path.exists()
        else []
    )


def wait_for_rows(path: Path, count: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while len(rows(path)) < count:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)


def test_interrupted_runs_are_gone_on_with(here):
    total, file = 60, Path("run.jsonl")
    with ModelServer(lambda asked: Fault(delay=60) if len(server.requests) > limit else "Done.") as server:
        limit = 10
        arguments = [
            "rollout",
            "SessionState",
            "-m",
            "any",
            "--base-url",
            server.url,
            "-c",
            "4",
            "-n",
            str(total),
        ]
        arguments += ["-o", str(file), "--resume"]
        process = start(*arguments, "--json")
        wait_for_rows(file, 8, process)
        process.send_signal(signal.SIGINT)
        out, err = finish(process, 130)
        told = json.loads(out)
        assert told["interrupted"] and told["exit_code"] == 130
        assert "Interrupted. The same command with --resume goes on." in err
        before = file.read_bytes()
        assert 8 <= told["summary"]["total"] == len(rows(file)) <= 10

        limit = 30
        process = start(*arguments)
        wait_for_rows(file, 20, process)
        process.send_signal(signal.SIGTERM)
        out, err = finish(process, 143)
        assert "pass@k" in out and "Interrupted" in err
        assert file.read_bytes().startswith(before)
        before = file.read_bytes()

        limit = 10**6
        out, _ = finish(start(*arguments, "--json"))
        assert json.loads(out)["summary"]["total"] == total
        assert file.read_bytes().startswith(before)
        made = [(row["task_index"], row["repeat"]) for row in rows(file)]
        assert len(made) == len(set(made)) == total


def test_a_full_disk(here):
    arguments = ["rollout", "SessionState", "--policy", "oracle", "-n", "200", "-o", "run.jsonl"]
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)); "
    out, err = finish(start(*arguments, command=[sys.executable, "-c", limited + COMMAND[-1]]), 74)
    assert out == "" and err.splitlines()[-1].startswith("error: ") and "--resume" in err
    kept = len(rows(Path("run.jsonl")))
    out, _ = finish(start(*arguments, "--resume", "--json"))
    told = json.loads(out)
    assert told["summary"]["total"] == 200 and told["made_earlier"] <= kept


def test_a_person_at_a_terminal_can_be_interrupted(here):
    pty = pytest.importorskip("pty")
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "play", "SessionState"], stdin=child, stdout=child, stderr=subprocess.PIPE, text=True
    )
    os.close(child)
    seen = b""
    while b"your turn" not in seen:
        seen += os.read(parent, 4096)
    # A signal that comes between the last step of the program and its wait for a line is noticed only after that line.
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 130 and err == "interrupted\n"
    os.close(parent)


def test_progress_is_shown_at_a_terminal_only(here):
    pty = pytest.importorskip("pty")
    parent, child = pty.openpty()
    arguments = ["rollout", "SessionState", "--policy", "oracle", "-n", "20", "-o", "x.jsonl", "--json"]
    process = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=child, text=True)
    os.close(child)
    assert process.stdout is not None
    out = process.stdout.read()
    process.stdout.close()
    shown = b""
    try:
        while chunk := os.read(parent, 65536):
            shown += chunk
    except OSError:
        pass  # Linux tells the end of a terminal as an input/output error.
    os.close(parent)
    assert process.wait(60) == 0
    assert json.loads(out)["summary"]["total"] == 20
    assert b"20/20" in shown and b"reward 1.000" in shown
