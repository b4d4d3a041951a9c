"""Attempts to get out of a sandbox: every one fails in bubblewrap, and would succeed where nothing holds."""

from __future__ import annotations

import asyncio
import struct
import warnings

import pytest

from llmgym.errors import UsageError
from llmgym.sandbox import Limits, Profile, Program, Sandbox, fork_server, make_sandbox
from llmgym.sandbox.fork_server import find_bubblewrap
from llmgym.sandbox.probes import ESCAPES, Finding, Host, Probe, escapes
from llmgym.sandbox.probes.probe import judge

KINDS = {"held", "not applicable", "open"}


def installed() -> bool:
    try:
        find_bubblewrap()
    except UsageError:
        return False
    return True


needs_bubblewrap = pytest.mark.skipif(not installed(), reason="bubblewrap is not installed")


def make(limits: Limits) -> Sandbox:
    return make_sandbox("bubblewrap", profile=Profile(), limits=limits)


def attack(maker=make, probes=ESCAPES, **arguments) -> dict[str, Finding]:
    with Host() as host:
        found = asyncio.run(escapes(maker, probes, host, **arguments))
    return {finding.probe.name: finding for finding in found}


@pytest.fixture(scope="module")
def found() -> dict[str, Finding]:
    # A server that was started before the canaries were put up would not have inherited them.
    fork_server.fork_server(Profile()).close()
    return attack()


@needs_bubblewrap
@pytest.mark.parametrize("probe", ESCAPES, ids=lambda probe: probe.name)
def test_nobody_gets_out(found, probe):
    finding = found[probe.name]
    assert finding.outcome in KINDS, finding.detail
    assert finding.outcome != "open" or probe.known


def test_there_are_enough_attempts():
    assert len(ESCAPES) >= 150
    assert len({probe.name for probe in ESCAPES}) == len(ESCAPES)
    assert sum(bool(probe.known) for probe in ESCAPES) <= 2


UNPROTECTED = (
    "files.read_file_of_host",
    "files.follow_link_to_host",
    "files.climb_out",
    "files.link_shared",
    "identity.host_name",
    "identity.users_of_host",
    "identity.machine",
    "processes.signal_parent_of_sandbox",
    "processes.see_processes_of_host",
    "processes.trace_child",
    "network.open_inet",
    "network.open_unix",
    "network.connect_to_loopback",
    "network.connect_to_abstract",
    "network.send_from_half_a_pair",
    "network.bind_half_a_pair",
    "kernel.change_personality",
    "kernel.memory_file",
    "kernel.shared_memory",
    "kernel.map_zeros",
    "sharing.whole_lock",
    "sharing.record_lock",
    "sharing.watch",
)


@pytest.fixture(scope="module")
def unprotected() -> dict[str, Finding]:
    def without(limits):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return make_sandbox({"kind": "process", "unsafe": True}, limits=limits)

    probes = [probe for probe in ESCAPES if probe.acts or probe.name in UNPROTECTED]
    return attack(without, probes, boundary=False)


@pytest.mark.parametrize("name", UNPROTECTED)
def test_without_a_boundary_the_attempt_succeeds(unprotected, name):
    assert unprotected[name].outcome == "broken", unprotected[name].detail


def test_without_a_boundary_nothing_is_tried_that_would_change_the_machine(unprotected):
    kinds = {name: finding.outcome for name, finding in unprotected.items() if finding.probe.acts}
    assert len(kinds) > 15 and set(kinds.values()) == {"not run"}


STANDS_OPEN = (
    "kernel.add_key",
    "kernel.keyring",
    "kernel.memory_file",
    "kernel.shared_memory",
    "kernel.system_v_memory",
    "namespaces.unshare_user",
    "namespaces.clone_into_user",
    "network.open_inet",
    "network.open_unix",
    "network.bind_half_a_pair",
    "processes.starve_first_by_nice",
    "processes.starve_first_by_policy",
    "processes.pin_first",
    "processes.trace_child",
    "sharing.whole_lock",
    "sharing.device_lock",
    "sharing.watch",
)
STAYS_SHUT = (
    "files.read_shadow",
    "files.read_file_of_host",
    "files.write_system",
    "files.touch_shared",
    "network.connect_to_loopback",
    "network.connect_to_abstract",
    "processes.signal_parent_of_sandbox",
    "processes.read_environment_of_first",
    "privileges.become_root",
    "kernel.write_sysctl",
    "kernel.write_core_pattern",
)


@needs_bubblewrap
def test_without_the_filter_the_kernel_stands_open(monkeypatch):
    everything = struct.pack("<HBBI", 0x06, 0, 0, 0x7FFF0000)
    monkeypatch.setattr(fork_server, "compile_filter", lambda: everything)
    profile = Profile(preload=("colorsys",))
    probes = [probe for probe in ESCAPES if probe.name in STANDS_OPEN + STAYS_SHUT]
    found = attack(lambda limits: make_sandbox("bubblewrap", profile=profile, limits=limits), probes)
    fork_server.fork_server(profile).close()
    assert {name for name in STANDS_OPEN if found[name].outcome != "broken"} == set()
    # What the namespaces hold, they hold without the filter.
    assert {name for name in STAYS_SHUT if found[name].outcome == "broken"} == set()


# What is judged


PROBE = Probe("files.read_shadow", "escape", "Read.", ends=frozenset({31}))


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"achieved": None}, "held"),
        ({"refused": "PermissionError"}, "held"),
        ({"absent": "no such thing"}, "not applicable"),
        ({"achieved": "read it"}, "broken"),
        ({"failed": "NameError"}, "broken"),
        ({"died": 31}, "held"),
        ({"died": 11}, "broken"),
        ({"died": 0}, "broken"),
        ({}, "broken"),
        (None, "broken"),
    ],
)
def test_only_what_was_refused_or_came_to_nothing_was_held(answer, outcome):
    assert judge(PROBE, answer).outcome == outcome


def test_the_host_notices_what_reaches_it(tmp_path):
    import os
    import socket
    from pathlib import Path

    with Host() as host:
        assert host.harm() == []
        facts = host.facts([])
        Path(facts["file"]).write_text("changed")
        with socket.create_connection(("127.0.0.1", facts["port"])):
            left = Path("/tmp") / facts["name"]
            left.write_text("")
            try:
                assert len(host.harm()) == 3
            finally:
                left.unlink()
        assert "LLMGYM_PROBE_CANARY" in os.environ
    assert "LLMGYM_PROBE_CANARY" not in os.environ


# What is planted for the next program


PLANT = """
import builtins, os, sys
for name in ("sitecustomize.py", "usercustomize.py", "random.py", "json.py", "planted.pth"):
    for folder in ("/work", "/tmp", "/testbed", "/work/.local/lib/python3.%d/site-packages" % sys.version_info[1]):
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, name), "w") as file:
            file.write("import os; open('/work/ran-" + name + "', 'w').close()\\n")
os.makedirs("/work/bin", exist_ok=True)
for name in ("python3", "sh", "true", "ls"):
    for folder in ("/work", "/work/bin", "/tmp"):
        with open(os.path.join(folder, name), "w") as file:
            file.write("#!/bin/sh\\n: > /work/ran-" + name + "\\n")
        os.chmod(os.path.join(folder, name), 0o755)
for name in (".bashrc", ".profile", ".bash_profile", ".pythonrc.py"):
    with open("/work/" + name, "w") as file:
        file.write(": > /work/ran-profile\\n")
os.environ["PYTHONSTARTUP"] = "/work/.pythonrc.py"
os.environ["LD_PRELOAD"] = "/work/evil.so"
builtins.len = lambda thing: 42
sys.modules["string"] = None
sys.path.insert(0, "/work")
os.chdir("/tmp")
"""
LOOK = """
import json, os, random, string, subprocess, sys
subprocess.run(["true"], check=True); subprocess.run(["sh", "-c", "ls >/dev/null"], check=True)
print(json.dumps({
    "ran": [name for name in os.listdir("/work") if name.startswith("ran-")],
    "len": len("abc"), "cwd": os.getcwd(), "random": random.__file__, "path": "/work" in sys.path,
    "env": sorted({"PYTHONSTARTUP", "LD_PRELOAD"} & set(os.environ)),
}))
"""


@needs_bubblewrap
def test_nothing_that_is_planted_runs_with_the_next_program():
    async def play():
        async with make(Limits()) as sandbox:
            first = await sandbox.run(Program(python=PLANT))
            assert first.returncode == 0, first.stderr
            return await sandbox.run(Program(python=LOOK))

    import json

    looked = asyncio.run(play())
    assert looked.returncode == 0, looked.stderr
    told = json.loads(looked.stdout)
    assert told.pop("random").startswith(("/python/", "/usr/"))
    assert told == {"ran": [], "len": 3, "cwd": "/work", "path": False, "env": []}
