"""Fetching images that an engine does not have."""

from __future__ import annotations

from llmgym.sandbox.base import broken
from llmgym.sandbox.container_engine import Engine, EngineError

__all__ = ["fetch"]

_PATIENCE = 3600.0
_FINAL = ("not found", "denied", "unknown", "unauthorized")
"""Words in a complaint that another attempt will not mend."""


async def fetch(engine: Engine, image: str, platform: str | None = None) -> None:
    """Have the engine fetch an image.

    Args:
        engine: The engine.
        image: Name of the image, with or without tag or digest.
        platform: Platform of the image; by default the engine's.

    Raises:
        InfrastructureError: When it cannot.
    """
    base, _, tag = image.rpartition(":")
    if not base or "/" in tag or "@" in image:
        base, tag = image, "" if "@" in image else "latest"
    query = {"fromImage": base, "tag": tag, **({"platform": platform} if platform else {})}
    try:
        answer = await engine.request("POST", "/images/create", query=query, patience=_PATIENCE)
        # The status was sent before the work: failures come as the last line of its progress.
        _, found, rest = answer.body.rpartition(b'"error":')
        problem = rest[:400].decode("utf-8", "replace").strip(' {}"\r\n') if found else ""
    except EngineError as error:
        problem = str(error)
    if problem:
        raise broken(
            f"{engine.name} has no image {image!r} and cannot fetch it: {problem}. Load it into the engine, "
            "or give another image.",
            retryable=not any(word in problem for word in _FINAL),
        )
