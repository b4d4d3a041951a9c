from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes depends on what else the machine does.
settings.register_profile("llmgym", deadline=None)
settings.load_profile("llmgym")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder with the public samples, which are not part of the repository."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    path = Path(os.environ.get("LLMGYM_SHARED_DATA") or default)
    if not path.is_dir():
        pytest.skip(f"the public samples are not at {path}; set LLMGYM_SHARED_DATA to their folder")
    return path
