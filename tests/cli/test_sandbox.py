from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from llmgym.errors import InfrastructureError, UsageError
from llmgym.sandbox import Profile, fork_server
from llmgym.sandbox.fork_server import find_bubblewrap
from llmgym.sandbox.probes import PROBES, machine, suite
from llmgym.sandbox.probes.probe import Finding


def installed() -> bool:
    try:
        find_bubblewrap()
    except UsageError:
        return False
    return True


needs_bubblewrap = pytest.mark.skipif(not installed(), reason="bubblewrap is not installed")


@pytest.fixture
def no_servers(monkeypatch) -> Iterator[None]:
    """As if no sandbox had been started yet in this process."""
    servers: dict[Profile, fork_server.ForkServer] = {}
    monkeypatch.setattr(fork_server, "_servers", servers)
    yield
    for server in servers.values():
        server.close()


@needs_bubblewrap
def test_what_held_is_told(cli_json):
    told = cli_json("sandbox", "check", "--probe", "files", "--probe", "bombs.daemon")
    assert told["held"] is True and told["boundary"] is True and told["backend"] == "bubblewrap"
    names = [one["name"] for one in told["probes"]]
    assert names == [probe.name for probe in PROBES if probe.name.startswith("files.")] + ["bombs.daemon"]
    assert {one["outcome"] for one in told["probes"]} <= {"held", "not applicable"}
    assert set(told["timings"]) == {"start_ms", "run_ms", "run_again_ms"}
    assert min(told["timings"].values()) > 0
    assert told["machine"]["kernel"].startswith("Linux") and told["machine"]["bubblewrap"]


@needs_bubblewrap
def test_a_table_shows_each_probe_that_was_asked_for(cli):
    shown = cli("sandbox", "check", "--probe", "files.read_shadow")
    assert "files.read_shadow" in shown.stdout and "Read the password hashes." in shown.stdout
    assert "ms to start" in shown.stdout
    assert shown.stderr.endswith("Everything that was tried was held.\n")


@needs_bubblewrap
def test_what_got_through_is_told_and_ends_with_1(cli, cli_json, monkeypatch):
    monkeypatch.setattr(
        "llmgym.sandbox.probes.trials.judge", lambda probe, answer: Finding(probe, "broken", "it got through")
    )
    shown = cli("sandbox", "check", "--probe", "files.read_shadow", code=1)
    assert "BROKEN" in shown.stdout and "it got through" in shown.stdout
    assert "do not run code that you do not trust" in shown.stderr
    assert cli_json("sandbox", "check", "--probe", "files.read_shadow", code=1)["held"] is False


def test_a_backend_without_a_boundary_shows_what_it_does_not_stop(cli):
    names = ("--probe", "files.read_file_of_host", "--probe", "kernel.set_clock", "--probe", "channels")
    shown = cli("sandbox", "check", "--backend", "process", *names)
    assert "BROKEN" in shown.stdout and "not run" in shown.stdout
    assert "promises no boundary" in shown.stderr


def test_a_backend_without_a_boundary_runs_bombs_that_its_limits_end(cli_json):
    told = cli_json(
        "sandbox", "check", "--backend", "process", "--probe", "bombs.one_file", "--probe", "bombs.fork"
    )
    assert {one["name"]: one["outcome"] for one in told["probes"]} == {
        "bombs.one_file": "held",
        "bombs.fork": "not run",
    }


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--probe", "files.no_such"), "There is no probe 'files.no_such'"),
        (("--backend", "chroot"), "Expected a backend among bubblewrap"),
        (("--args", "[]"), "Expected --args to be a JSON object"),
    ],
)
def test_mistakes_are_told_in_a_sentence(cli, arguments, words):
    assert words in cli("sandbox", "check", *arguments, code=2).stderr


def test_a_missing_bubblewrap_is_told_with_what_to_do(cli, cli_json, monkeypatch, no_servers):
    def missing():
        raise UsageError(
            "The sandbox 'bubblewrap' needs the program bwrap, which is not installed: install it."
        )

    monkeypatch.setattr(fork_server, "find_bubblewrap", missing)
    monkeypatch.setattr(machine, "find_bubblewrap", missing)
    assert "install it" in cli("sandbox", "check", code=2).stderr
    told = cli_json("sandbox", "check", code=2)
    assert told["held"] is None and "install it" in told["advice"]


@pytest.mark.skipif(shutil.which("false") is None, reason="there is no program false")
def test_a_bubblewrap_that_fails_is_told_with_its_own_words(cli, monkeypatch, no_servers):
    monkeypatch.setattr(fork_server, "find_bubblewrap", lambda: shutil.which("false"))
    monkeypatch.setattr(machine, "_in_container", lambda: False)
    monkeypatch.setattr(machine, "_switch", lambda name: None)
    assert "cannot make sandboxes here" in cli("sandbox", "check", code=3).stderr


@pytest.mark.parametrize(
    ("switches", "container", "words"),
    [
        ({"kernel/unprivileged_userns_clone": 0}, False, "sysctl kernel.unprivileged_userns_clone=1"),
        ({"user/max_user_namespaces": 0}, False, "sysctl user.max_user_namespaces="),
        ({"kernel/apparmor_restrict_unprivileged_userns": 1}, False, "AppArmor"),
        ({}, True, "--security-opt seccomp=unconfined"),
        ({}, False, "No permissions"),
    ],
)
def test_why_bubblewrap_cannot_start_is_found_out(monkeypatch, switches, container, words):
    monkeypatch.setattr(machine, "_switch", switches.get)
    monkeypatch.setattr(machine, "_in_container", lambda: container)
    monkeypatch.setattr(machine.os, "geteuid", lambda: 1000)
    error = InfrastructureError("Bubblewrap cannot: No permissions.", boundary="sandbox", retryable=False)
    assert words in machine.advice(error)


def test_the_fast_set_leaves_out_slow_bombs_only():
    slow = [probe for probe in PROBES if not probe.fast]
    assert slow and all(probe.row == "bomb" for probe in slow)
    assert {f"bombs.{name}" for name in suite._BOMBS} == {one.name for one in suite.BOMBS}
