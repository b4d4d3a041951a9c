"""Issues: what somebody sees who uses a repository with a bug."""

from __future__ import annotations

from collections.abc import Mapping

from llmgym.envs.draw import Draw
from llmgym.envs.mini_swe.repositories import PARTS, Draft
from llmgym.envs.mini_swe.trial import Outcome

__all__ = ["issue_text"]

_OPENINGS = (
    "I use {package} for a small project and came across this.",
    "This worked for us before, or at least nobody noticed.",
    "Found while writing a script on top of {package}.",
    "One of our users sent this in, and I can reproduce it.",
    "I read the docstrings twice, and I think that this is not what they promise.",
)

_CLOSINGS = (
    "The numbers are only an example: other input goes wrong as well.",
    "I saw the same with other values, so please do not mend this one case alone.",
    "It is not about these values in particular.",
)

_DISTRACTIONS = (
    "We also changed the way we call `{other}` ({part}) last week; it looks right to me, but who knows.",
    "At first I suspected `{other}.py` ({part}). Its tests pass, though.",
    "A colleague thinks that it comes from {part}, in `{other}.py`. I could not confirm that.",
)


def issue_text(
    draft: Draft,
    example: tuple[str, str],
    fixed: Mapping[tuple[str, str], list[Outcome]],
    broken: Mapping[tuple[str, str], list[Outcome]],
    module: str,
    function: str,
    draw: Draw,
    difficulty: str,
) -> str:
    """Return the text of an issue.

    Args:
        draft: The repository.
        example: The failing test, by module and name, that is told.
        fixed: What the checks of each test give when all is well.
        broken: What they give.
        module: The module with the bug.
        function: The function with the bug.
        draw: Where the wording comes from.
        difficulty: With ``easy`` the function is named; with ``hard`` the issue also talks of something else.
    """
    suite = next(each for each in draft.suites if each.module == example[0])
    case = next(each for each in suite.cases if each.name == example[1])
    good, bad = fixed[example], broken[example]
    place = next(number for number, pair in enumerate(zip(good, bad, strict=False)) if pair[0] != pair[1])
    before = [line for line in (suite.imports, case.setup, *case.checks[:place]) if line]
    snippet = "\n".join([*before, case.checks[place]])
    if difficulty == "easy":
        title = f"`{function}` in `{draft.package}/{module}.py` gives the wrong result"
    else:
        what = (
            draft.parts[example[0]]
            if difficulty == "medium"
            else draft.summary[0].lower() + draft.summary[1:-1]
        )
        title = f"Wrong result ({what})"
    parts = [
        title,
        draw.pick(_OPENINGS).format(package=draft.package),
        f"```python\n{snippet}\n```",
        f"The last line should {_should(good[place])}. Instead it {_does(bad[place])}.",
    ]
    if difficulty == "hard":
        others = [name for name in draft.modules if name in PARTS and name not in (module, example[0])]
        if others:
            other = draw.pick(others)
            parts.append(draw.pick(_DISTRACTIONS).format(other=other, part=draft.parts[other]))
    parts.append(draw.pick(_CLOSINGS))
    return "\n\n".join(parts)


def _should(outcome: Outcome) -> str:
    return f"give `{outcome[1]!r}`" if outcome[0] == "value" else f"raise `{outcome[1]}`"


def _does(outcome: Outcome) -> str:
    if outcome[0] == "value":
        return f"gives `{outcome[1]!r}`"
    if outcome[0] == "raised":
        return f"raises `{outcome[1]}`"
    return f"is never reached, because of `{outcome[1]}`"
