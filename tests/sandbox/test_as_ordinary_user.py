"""The same attempts, made as an ordinary user of the machine.

Root may have an interpreter where nobody else can reach it, so it is mounted once more, together with the packages,
where an ordinary user can, in a namespace of mounts that ends with the test.
"""

from __future__ import annotations

import json
import os
import site
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import llmgym
from llmgym.sandbox.fork_server import find_bubblewrap
from llmgym.sandbox.probes import CHANNELS, ESCAPES

from .test_escapes import installed

USER = 1000
STAGE = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
from inside import kernel
places, user, command = json.loads(sys.argv[2])
kernel.unshare(kernel.NEWNS)
kernel.mount("none", "/", "none", kernel.REC | kernel.PRIVATE)
handles = {name: os.open(place, os.O_PATH) for name, place in places.items()}
kernel.mount("tmpfs", "/tmp", "tmpfs", 0, "size=64m,mode=1777")
for name, handle in handles.items():
    os.makedirs(f"/tmp/{name}")
    kernel.mount(f"/proc/self/fd/{handle}", f"/tmp/{name}", "none", kernel.BIND)
    os.close(handle)
os.mkdir("/tmp/home")
os.chown("/tmp/home", user, user)
os.setgroups([])
os.setresgid(user, user, user)
os.setresuid(user, user, user)
os.chdir("/tmp/home")
environment = {
    "HOME": "/tmp/home",
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "PYTHONPATH": os.pathsep.join(f"/tmp/{name}" for name in places if name != "python"),
    "PYTHONDONTWRITEBYTECODE": "1",
    "LD_LIBRARY_PATH": "/tmp/python/lib",
    "LANG": "C.UTF-8",
}
os.execve(command[0], command, environment)
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    inside = Path(llmgym.__file__).parent / "sandbox"
    places = {"python": sys.base_prefix, "checkout": str(Path(llmgym.__file__).parents[1])}
    places |= {f"packages-{number}": place for number, place in enumerate(site.getsitepackages())}
    name = f"python{sysconfig.get_python_version()}"
    command = [f"/tmp/python/bin/{name}", "-s", "-c", "from llmgym.cli.app import main; main()", *arguments]
    stage = [sys.executable, "-I", "-S", "-B", "-c", STAGE, str(inside), json.dumps([places, USER, command])]
    return subprocess.run(stage, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def checked() -> dict:
    if sys.platform != "linux" or not installed():
        pytest.skip("bubblewrap is not installed")
    if os.geteuid() != 0:
        pytest.skip("these tests run as an ordinary user already, and so do all others of the sandbox")
    if str(Path(find_bubblewrap()).resolve()).startswith(("/root/", "/tmp/")):
        pytest.skip("bubblewrap lies where an ordinary user cannot reach it")
    allowed = Path("/proc/sys/kernel/unprivileged_userns_clone")
    if allowed.exists() and allowed.read_text().strip() == "0":
        pytest.skip("the kernel lets ordinary users make no namespaces")
    ended = run("sandbox", "check", "--json", "--probe", "bombs.daemon", *_groups())
    assert ended.returncode in (0, 1), ended.stderr + ended.stdout
    told: dict = json.loads(ended.stdout)
    return told


def _groups() -> list[str]:
    groups = sorted({probe.name.partition(".")[0] for probe in ESCAPES + CHANNELS})
    return [word for group in groups for word in ("--probe", group)]


def test_it_ran_as_an_ordinary_user(checked):
    assert checked["machine"]["user"] == USER
    assert checked["backend"] == "bubblewrap"
    assert len(checked["probes"]) == len(ESCAPES) + len(CHANNELS) + 1


def test_everything_is_held(checked):
    broken = [one for one in checked["probes"] if one["outcome"] not in ("held", "not applicable", "open")]
    assert broken == [] and checked["held"] is True


def test_what_root_holds_an_ordinary_user_holds_too(checked):
    assert sum(one["outcome"] == "held" for one in checked["probes"]) > 150
