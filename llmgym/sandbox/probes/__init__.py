"""Attempts to get out of a sandbox, to reach another one, and to exhaust the machine, with a judge for each.

All are bounded: a sandbox that failed them would harm nothing.
"""

from llmgym.sandbox.probes.host import Host, descendants
from llmgym.sandbox.probes.probe import Finding, Outcome, Probe
from llmgym.sandbox.probes.suite import BOMBS, CHANNELS, ESCAPES, PROBES
from llmgym.sandbox.probes.trials import MakeSandbox, escapes, explode, leaks

__all__ = [
    "BOMBS",
    "CHANNELS",
    "ESCAPES",
    "PROBES",
    "Finding",
    "Host",
    "MakeSandbox",
    "Outcome",
    "Probe",
    "descendants",
    "escapes",
    "explode",
    "leaks",
]
