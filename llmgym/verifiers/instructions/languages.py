"""The language of a text as ``langdetect`` sees it, with a fixed seed."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from llmgym.verifiers.instructions.packages import load

__all__ = ["detected_language", "warm"]

SEED = 0


def detected_language(text: str) -> str | None:
    """Return the language that ``langdetect`` finds most probable.

    The public library leaves the detector unseeded, so a short text may be judged either way; here the same text
    always has the same language.

    Args:
        text: Any text.

    Returns:
        An ISO code such as ``en`` or ``zh-cn``, or ``None`` when the text has nothing to go by.

    Raises:
        DependencyMissing: When ``langdetect`` is not installed.

    Example:
        >>> detected_language("Nous avons mangé une pomme dans le jardin de la maison.")
        'fr'
        >>> detected_language("...") is None
        True
    """
    factory, nothing_found = _detector()
    detector = factory.create()
    detector.append(text)
    try:
        return detector.detect()
    except nothing_found:
        return None


def warm() -> None:
    """Load the profiles of the languages: about a third of a second of processor time, once a process."""
    _detector()


@cache
def _detector() -> tuple[Any, type[Exception]]:
    module = load("langdetect.detector_factory")
    # A factory of our own: a seed set on the class would reach every other user of the package.
    factory = module.DetectorFactory()
    profiles = sorted(path for path in Path(module.PROFILES_DIRECTORY).iterdir() if path.is_file())
    factory.load_json_profile([path.read_text(encoding="utf-8") for path in profiles])
    factory.set_seed(SEED)
    return factory, load("langdetect.lang_detect_exception").LangDetectException
