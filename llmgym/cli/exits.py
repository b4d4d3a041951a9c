"""Exit codes, which scripts may rely on."""

from __future__ import annotations

import enum

from llmgym.errors import Error, InfrastructureError, StoreError

__all__ = ["EPILOG", "Code", "code_of", "signal_code"]


class Code(enum.IntEnum):
    """How a command ended."""

    OK = 0
    """Done, and nothing to complain about."""
    FOUND = 1
    """Done, but some rollouts failed, some rewards changed, or a check failed."""
    USAGE = 2
    """The command line, a setting or a file is wrong."""
    INFRASTRUCTURE = 3
    """The world failed, and nothing could be made."""
    DEFECT = 70
    """A defect in llmgym or in an environment; ``--debug`` shows where."""
    DISK = 74
    """The disk refused; what was acknowledged is safe."""


EPILOG = (
    "Exit codes: 0 done; 1 done, but some rollouts failed, rewards changed or checks failed; 2 usage error; "
    "3 infrastructure failed; 70 defect; 74 disk; 130 and 143 interrupted (Ctrl-C, SIGTERM)."
)


def code_of(error: Error) -> Code:
    """Return the exit code of an error.

    Args:
        error: What a command raised.
    """
    if isinstance(error, InfrastructureError):
        return Code.INFRASTRUCTURE
    if isinstance(error, StoreError):
        from llmgym.records import DiskError

        if isinstance(error, DiskError):
            return Code.DISK
    return Code.USAGE


def signal_code(number: int) -> int:
    """Return the exit code of a command that a signal ended: 130 for SIGINT, 143 for SIGTERM."""
    return 128 + number
