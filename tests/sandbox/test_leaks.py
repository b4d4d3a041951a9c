"""Two sandboxes of one profile, side by side and one after the other: no bit goes from one to the other."""

from __future__ import annotations

import asyncio
import struct

import pytest

from llmgym.sandbox import Limits, Profile, Program, Sandbox, fork_server, make_sandbox
from llmgym.sandbox.probes import CHANNELS, Finding, Host, leaks

from .test_escapes import needs_bubblewrap

pytestmark = needs_bubblewrap


def make(limits: Limits) -> Sandbox:
    return make_sandbox("bubblewrap", profile=Profile(), limits=limits)


def send(maker=make) -> dict[str, Finding]:
    with Host() as host:
        found = asyncio.run(leaks(maker, CHANNELS, host))
    return {finding.probe.name: finding for finding in found}


@pytest.fixture(scope="module")
def found() -> dict[str, Finding]:
    return send()


@pytest.mark.parametrize("probe", CHANNELS, ids=lambda probe: probe.name)
def test_nothing_arrives(found, probe):
    finding = found[probe.name]
    assert finding.outcome in ("held", "open"), finding.detail
    assert finding.outcome == "held" or probe.known


def test_there_are_enough_ways():
    assert len(CHANNELS) >= 20
    assert sum(bool(probe.known) for probe in CHANNELS) <= 2


def test_without_the_filter_bits_arrive(monkeypatch):
    everything = struct.pack("<HBBI", 0x06, 0, 0, 0x7FFF0000)
    monkeypatch.setattr(fork_server, "compile_filter", lambda: everything)
    profile = Profile(preload=("colorsys",))
    found = send(lambda limits: make_sandbox("bubblewrap", profile=profile, limits=limits))
    fork_server.fork_server(profile).close()
    broken = {name.partition(".")[2] for name, finding in found.items() if finding.outcome == "broken"}
    assert broken >= {"whole_lock", "record_lock", "open_file_lock", "device_lock", "watch", "system_v"}


def test_programs_that_draw_no_seed_do_the_same_everywhere():
    source = "import random; print(random.random(), hash('a'))"
    profile = Profile(preload=("random",))

    async def play():
        outputs = []
        for _ in range(2):
            async with make_sandbox("bubblewrap", profile=profile) as sandbox:
                outputs += [(await sandbox.run(Program(python=source))).stdout for _ in range(2)]
        return outputs

    assert len(set(asyncio.run(play()))) == 1


def test_what_a_preloaded_module_prints_is_nobodys_output():
    profile = Profile(preload=("this",))

    async def play():
        async with make_sandbox("bubblewrap", profile=profile) as sandbox:
            return await sandbox.run(Program(python="print('mine')"))

    assert asyncio.run(play()).stdout == b"mine\n"
    fork_server.fork_server(profile).close()


def test_processes_are_numbered_from_the_start_in_each():
    async def play():
        numbers = []
        for _ in range(2):
            async with make(Limits()) as sandbox:
                numbers.append(
                    int((await sandbox.run(Program(python="print(__import__('os').getpid())"))).stdout)
                )
        return numbers

    assert max(asyncio.run(play())) < 10
