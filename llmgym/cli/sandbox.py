"""``llmgym sandbox``: whether untrusted code is held on this machine."""

from __future__ import annotations

import asyncio
import json
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llmgym.cli.exits import EPILOG, Code
from llmgym.cli.options import AsJson
from llmgym.cli.output import Results, fields, one_line, plural, results, say, table
from llmgym.errors import InfrastructureError, UsageError

if TYPE_CHECKING:
    from llmgym.sandbox.probes import Finding, Probe

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Sandboxes for code that nobody has read.")

_ROWS = {"escape": "ways out", "leak": "ways to another sandbox", "bomb": "ways to exhaust the machine"}
_WITHOUT_BOUNDARY = {"process"}


@app.command("check", epilog=EPILOG)
def check(
    backend: Annotated[str, typer.Option("--backend", help="The backend to attack.")] = "bubblewrap",
    settings: Annotated[str, typer.Option("--args", metavar="JSON", help="Settings of the backend.")] = "{}",
    names: Annotated[
        list[str] | None,
        typer.Option("--probe", metavar="NAME", help="Only this probe, or all of a module. Repeatable."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="The slow probes too, and show all.")] = False,
    as_json: AsJson = False,
) -> None:
    """Attack a sandbox on this machine, and show what held. Harmless, also where nothing holds."""
    from llmgym.sandbox.choosing import BACKENDS
    from llmgym.sandbox.probes.machine import about

    with results() as out:
        if backend not in BACKENDS:
            raise UsageError(f"Expected a backend among {', '.join(BACKENDS)}, found {backend!r}.")
        setting = {**_settings(settings), "kind": backend}
        probes = _chosen(names or [], everything)
        machine = about()
        try:
            findings, times = asyncio.run(_check(setting, probes, quiet=as_json))
        except (InfrastructureError, UsageError) as error:
            _cannot(out, machine, backend, error, as_json)
        broken = [one for one in findings if one.outcome == "broken"]
        promised = backend not in _WITHOUT_BOUNDARY
        if as_json:
            out.json(
                {
                    "backend": backend,
                    "held": not broken,
                    "boundary": promised,
                    "machine": machine,
                    "timings": times,
                    "probes": [one.as_json() for one in findings],
                }
            )
        else:
            _show(out, findings, machine, times, backend, everything or bool(names))
            _sum_up(findings, backend, promised)
        if broken and promised:
            raise typer.Exit(Code.FOUND)


def _settings(text: str) -> dict[str, Any]:
    try:
        given = json.loads(text)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise UsageError(f"Expected --args to be a JSON object, found {text!r}.")
    return given


def _chosen(names: Sequence[str], everything: bool) -> list[Probe]:
    from llmgym.sandbox.probes import PROBES

    if not names:
        return [probe for probe in PROBES if probe.fast or everything]
    chosen = [probe for probe in PROBES if probe.name in names or probe.name.partition(".")[0] in names]
    known = {probe.name for probe in PROBES} | {probe.name.partition(".")[0] for probe in PROBES}
    unknown = [name for name in names if name not in known]
    if unknown:
        groups = sorted({probe.name.partition(".")[0] for probe in PROBES})
        raise UsageError(
            f"There is no probe {unknown[0]!r}; 'llmgym sandbox check --all' shows all, which are grouped as "
            f"{', '.join(groups)}."
        )
    return chosen


async def _check(
    setting: dict[str, Any], probes: Sequence[Probe], *, quiet: bool
) -> tuple[list[Finding], dict[str, float]]:
    """Run the probes; return what came of them, and how long sandboxes take."""
    from llmgym.sandbox import Limits, Profile, Sandbox, make_sandbox
    from llmgym.sandbox.probes import Host, escapes, explode, leaks
    from llmgym.sandbox.probes.machine import timings

    def tell(text: str) -> None:
        if not quiet:
            say(text)

    boundary = setting["kind"] not in _WITHOUT_BOUNDARY
    if not boundary:
        setting = {**setting, "unsafe": True}

    def make(limits: Limits) -> Sandbox:
        with warnings.catch_warnings():
            # That it holds nobody is what is about to be shown.
            warnings.simplefilter("ignore")
            return make_sandbox(setting, profile=Profile(), limits=limits)

    rows = {row: [probe for probe in probes if probe.row == row] for row in _ROWS}
    with Host() as host:
        # The first start takes longest, and may be what does not work.
        async with make(Limits()):
            pass
        findings = []
        if rows["escape"]:
            tell(f"trying {plural(len(rows['escape']), 'way')} out")
            findings += await escapes(make, rows["escape"], host, boundary=boundary)
        if rows["leak"]:
            tell(f"trying {plural(len(rows['leak']), 'way')} from one sandbox to another")
            findings += await leaks(make, rows["leak"], host, boundary=boundary)
        if rows["bomb"]:
            tell(f"trying {plural(len(rows['bomb']), 'way')} to exhaust the machine")
            findings += [one async for one in explode(make, rows["bomb"], host, boundary=boundary)]
        tell("measuring")
        times = await timings(make)
    return findings, times


def _cannot(
    out: Results,
    machine: dict[str, Any],
    backend: str,
    error: InfrastructureError | UsageError,
    as_json: bool,
) -> None:
    """Say why no sandbox could be started, and end the command."""
    from llmgym.sandbox.probes.machine import advice

    told = advice(error) if backend == "bubblewrap" else str(error)
    if not as_json:
        if isinstance(error, UsageError):
            raise UsageError(told) from error
        raise InfrastructureError(told, boundary="sandbox", retryable=False) from error
    out.json({"backend": backend, "held": None, "machine": machine, "error": str(error), "advice": told})
    raise typer.Exit(Code.USAGE if isinstance(error, UsageError) else Code.INFRASTRUCTURE)


def _show(
    out: Results,
    findings: Sequence[Finding],
    machine: dict[str, Any],
    times: dict[str, float],
    backend: str,
    everything: bool,
) -> None:
    """Print what did not hold, or everything, and the counts."""
    for row, title in _ROWS.items():
        mine = [one for one in findings if one.probe.row == row]
        shown = [one for one in mine if everything or one.outcome in ("broken", "open")]
        if shown:
            cells = [
                [
                    one.probe.name,
                    one.outcome.upper() if one.outcome == "broken" else one.outcome,
                    one_line(one.probe.title),
                    one_line(one.probe.known if one.outcome == "open" else one.detail, 200),
                ]
                for one in shown
            ]
            out.show(table(["probe", "outcome", "what was tried", "what was seen"], cells, title=title))
    outcomes = ("held", "broken", "open", "not applicable", "not run")
    rows = [
        [
            title,
            *(
                sum(one.outcome == outcome and one.probe.row == row for one in findings)
                for outcome in outcomes
            ),
        ]
        for row, title in _ROWS.items()
        if any(one.probe.row == row for one in findings)
    ]
    out.show(table([backend, *(f"{outcome}>" for outcome in outcomes)], rows))
    measured = f"{times['start_ms']} ms to start, {times['run_ms']} ms for a trivial program, {times['run_again_ms']} ms"
    out.show(fields([*machine.items(), ("median of 20", f"{measured} for a second one")]))


def _sum_up(findings: Sequence[Finding], backend: str, promised: bool) -> None:
    broken = [one for one in findings if one.outcome == "broken"]
    if not promised:
        say(f"The backend {backend!r} promises no boundary: what is broken above is what it does not stop.")
    elif broken:
        say(f"{plural(len(broken), 'probe')} got through: do not run code that you do not trust in it here.")
    else:
        say("Everything that was tried was held.")
