"""Runs probes in sandboxes and judges what came of them."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

from llmgym.sandbox.base import HOME, Limits, Program, Sandbox
from llmgym.sandbox.probes import attacks
from llmgym.sandbox.probes.host import Host, descendants
from llmgym.sandbox.probes.probe import Finding, Probe, judge

__all__ = ["MakeSandbox", "escapes", "explode", "leaks", "private_paths"]

MakeSandbox = Callable[[Limits], Sandbox]
"""Makes a sandbox that is not started. All that it makes share one profile."""

_SOURCE = Path(attacks.__file__).parent
_BEGIN = "import os, sys\nsys.path.insert(0, os.getcwd())\nfrom attacks.running import main\nmain()"
_CHANNELS = (
    "import json, os, sys\nsys.path.insert(0, os.getcwd())\nfrom attacks import channels\n"
    "told = getattr(channels, sys.argv[1])(json.load(sys.stdin))\nprint(json.dumps(told or {}))"
)
_LIMITS = Limits(wall_seconds=60, cpu_seconds=60)
_LATE = 5.0
"""Seconds beyond a limit after which a bomb counts as not stopped; the machine may be busy."""
_LEFT_BEHIND = "print(len([n for n in __import__('os').listdir('/proc') if n.isdigit()]))"


def private_paths() -> list[str]:
    """Return places on this machine whose names are nobody's business inside."""
    places = [str(Path.home()), sys.prefix, sys.base_prefix, str(Path(__file__).parents[3])]
    return [place for place in places if place not in ("/", "/usr", "/work", "/python")]


async def escapes(
    make: MakeSandbox, probes: Sequence[Probe], host: Host, *, boundary: bool = True
) -> list[Finding]:
    """Run attempts to get out, in one sandbox.

    Args:
        make: Makes the sandbox.
        probes: What to try.
        host: What there is to attack.
        boundary: Whether the backend promises to hold anybody; if not, what would change the machine is not run.
    """
    findings = {probe: _not_run(probe) for probe in probes if probe.acts and not boundary}
    wanted = [probe for probe in probes if probe not in findings]
    facts = host.facts(private_paths())
    async with make(_LIMITS) as sandbox:
        await _bring(sandbox)
        earlier = f"{host.marker}-earlier"
        await sandbox.run(
            Program(
                python=f"x = {earlier!r}", argv=(earlier,), stdin=earlier.encode(), env={"EARLIER": earlier}
            )
        )
        together = [probe for probe in wanted if not probe.alone]
        answers = await _answers(sandbox, together, facts, apart=True)
        findings |= {probe: judge(probe, answers.get(probe.attack)) for probe in together}
        for probe in wanted:
            if probe.alone:
                answers = await _answers(sandbox, [probe], facts, apart=False)
                findings[probe] = judge(probe, answers.get(probe.attack))
                # A sandbox that is gone raises.
                await sandbox.run(Program(python="pass"))
    harm = host.harm()
    if harm and boundary:
        # Nobody knows which of them it was.
        return [Finding(probe, "broken", f"the host was reached: {'; '.join(harm)}") for probe in probes]
    return [findings[probe] for probe in probes]


async def leaks(
    make: MakeSandbox, probes: Sequence[Probe], host: Host, *, boundary: bool = True
) -> list[Finding]:
    """Send a bit from one sandbox to another beside it and to one after it.

    Args:
        make: Makes the sandboxes.
        probes: The ways to try.
        host: Gives names that nobody else uses.
        boundary: Whether the backend promises to hold anybody; if not, nothing is run.
    """
    if not probes:
        return []
    if not boundary:
        return [_not_run(probe) for probe in probes]
    facts = host.facts([]) | {"channels": [probe.name.rpartition(".")[2] for probe in probes]}
    sender, beside, after = make(_LIMITS), make(_LIMITS), make(_LIMITS)
    async with beside:
        await _bring(beside)
        before = await _told(beside, "receive_all", facts)
        async with sender:
            await _bring(sender)
            await _told(sender, "send_all", facts)
            seen = {"beside": await _told(beside, "receive_all", facts)}
    async with after:
        await _bring(after)
        seen["after"] = await _told(after, "receive_all", facts)
    findings = []
    for probe in probes:
        name = probe.name.rpartition(".")[2]
        found = [f"{where}: {told[name]}" for where, told in seen.items() if name in told]
        if found and name not in before:
            findings.append(Finding(probe, "open" if probe.known else "broken", "; ".join(found)))
        else:
            findings.append(Finding(probe, "held", "nothing arrived"))
    return findings


async def explode(
    make: MakeSandbox, probes: Sequence[Probe], host: Host, *, boundary: bool = True
) -> AsyncIterator[Finding]:
    """Run bombs, each in a sandbox of its own, and see that they end in time and leave nothing.

    Args:
        make: Makes the sandboxes.
        probes: The bombs.
        host: What there is to attack.
        boundary: Whether the backend promises to hold anybody; if not, only what its limits end is run.

    Yields:
        What came of each.
    """
    facts = host.facts([])
    quiet: set[int] | None = None
    for probe in probes:
        if probe.acts and not boundary:
            yield _not_run(probe)
            continue
        if quiet is None:
            async with make(probe.limits) as sandbox:
                await sandbox.run(Program(argv=("true",)))
            quiet = descendants()
        yield await _explode(make(probe.limits), probe, facts, len(quiet), boundary)


async def _explode(
    sandbox: Sandbox, probe: Probe, facts: dict[str, Any], quiet: int, boundary: bool
) -> Finding:
    task = json.dumps({"attacks": [probe.attack], "facts": facts, "apart": False}).encode()
    async with sandbox:
        await _bring(sandbox)
        ended = await sandbox.run(Program(python=_BEGIN, stdin=task))
        wrong = []
        if b'"achieved": "' in ended.stdout[-500:]:
            wrong.append("it came to its end")
        if boundary and ended.cause not in probe.causes:
            wrong.append(
                f"it ended as {ended.cause}: {(ended.stdout + ended.stderr)[-300:].decode(errors='replace')}"
            )
        if ended.seconds > probe.limits.wall_seconds + _LATE:
            wrong.append(f"it ran for {ended.seconds:.1f} s")
        if boundary:
            left = int((await sandbox.run(Program(python=_LEFT_BEHIND))).stdout)
            if left > 2:
                wrong.append(f"it left {left - 2} processes")
    if boundary and not await _quiet(quiet):
        wrong.append("it left processes on the host")
    told = f"{ended.cause} after {ended.seconds:.2f} s"
    return Finding(probe, "broken" if wrong else "held", "; ".join(wrong) or told, ended.seconds)


async def _quiet(count: int) -> bool:
    """Wait until no more processes are there than before."""
    deadline = time.monotonic() + _LATE
    while len(descendants()) > count + 4:
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.05)
    return True


async def _bring(sandbox: Sandbox) -> None:
    """Put the attacks where programs of the sandbox can import them."""
    for source in sorted(_SOURCE.glob("*.py")):
        await sandbox.write(f"{HOME}/attacks/{source.name}", source.read_bytes())


async def _answers(
    sandbox: Sandbox, probes: Sequence[Probe], facts: dict[str, Any], *, apart: bool
) -> dict[str, dict[str, Any]]:
    task = {"attacks": [probe.attack for probe in probes], "facts": facts, "apart": apart}
    ended = await sandbox.run(Program(python=_BEGIN, stdin=json.dumps(task).encode()))
    answers = {}
    for line in ended.stdout.splitlines():
        if line.startswith(b"{"):
            answer = json.loads(line)
            answers[answer["attack"]] = answer
    return answers


async def _told(sandbox: Sandbox, function: str, facts: dict[str, Any]) -> dict[str, str]:
    program = Program(
        python=_CHANNELS, argv=(function,), stdin=json.dumps(facts).encode(), leave_running=True
    )
    ended = await sandbox.run(program)
    told: dict[str, str] = json.loads(ended.stdout) if ended.returncode == 0 else {}
    if ended.returncode:
        raise RuntimeError(f"{function} failed: {ended.stderr[-500:].decode(errors='replace')}")
    return told


def _not_run(probe: Probe) -> Finding:
    return Finding(probe, "not run", "it would act on this machine")
