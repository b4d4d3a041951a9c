"""The environments of the suite as parameters of tests that play them."""

from __future__ import annotations

import asyncio
from functools import cache

import pytest

from llmgym.errors import Error
from llmgym.registration import SUITE
from llmgym.sandbox import make_sandbox


@cache
def sandbox_trouble() -> str:
    """Return why no sandbox can be made here; empty when one can."""

    async def make() -> None:
        async with make_sandbox():
            pass

    try:
        asyncio.run(make())
    except Error as error:
        return str(error)
    return ""


def played() -> list:
    """Return every row; those that need a sandbox are skipped where none can be made."""
    return [
        pytest.param(
            row,
            id=row.id,
            marks=pytest.mark.skipif(row.sandbox and bool(sandbox_trouble()), reason=sandbox_trouble()),
        )
        for row in SUITE
    ]
