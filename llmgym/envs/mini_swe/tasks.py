"""Procedural repair tasks: a small repository with one bug, and an issue about what goes wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any

import numpy as np

from llmgym.envs.draw import Draw
from llmgym.envs.mini_swe.history import Commit, head
from llmgym.envs.mini_swe.issues import issue_text
from llmgym.envs.mini_swe.mutations import Mutation, mutations
from llmgym.envs.mini_swe.patches import make_patch
from llmgym.envs.mini_swe.repositories import FAMILIES, PARTS, SHARED, Case, Draft, Suite, shared_module
from llmgym.envs.mini_swe.trial import Outcome, Trial, compiled
from llmgym.envs.mini_swe.unittests import id_of_test, write_tests

__all__ = ["LEVELS", "make_repair_task"]


@dataclass(frozen=True, slots=True)
class _Level:
    shared: tuple[int, int]
    """How many modules there are beside the family's own, at least and at most."""


LEVELS: Mapping[str, _Level] = {
    "easy": _Level((2, 2)),
    "medium": _Level((2, 3)),
    "hard": _Level((4, 5)),
}
"""What belongs to each difficulty."""

_STATEFUL = ("mutable_default", "missing_copy")
"""Bugs that carry state from one call to the next."""

_OWN_CASES, _SHARED_CASES = 16, 7
_TRIES = 12

Key = tuple[str, str]
Results = dict[Key, list[Outcome]]


@dataclass(slots=True)
class _Bug:
    module: str
    mutation: Mutation
    source: str
    broken: Results
    failing: list[Key]
    example: Key


def make_repair_task(rng: np.random.Generator, index: int, difficulty: str = "medium") -> dict[str, Any]:
    """Draw a task.

    Args:
        rng: Where everything comes from.
        index: Number of the task.
        difficulty: One of :data:`LEVELS`.

    Returns:
        A row with the fields of SWE-bench, and ``files``, ``history``, ``difficulty``, ``family`` and ``bug_kind``.
    """
    draw = Draw(int(rng.integers(2**63)))
    names = sorted(FAMILIES)
    while True:
        draft = _grown(FAMILIES[draw.pick(names)](draw), draw, LEVELS[difficulty])
        codes = {name: compiled(source, name) for name, source in draft.modules.items()}
        fixed = Trial(draft.package, codes).run(draft.suites, apart=False)
        assert fixed is not None
        bug = _break(draft, codes, fixed, draw, difficulty)
        if bug is not None:
            return _row(draft, fixed, bug, draw, difficulty)


def _grown(draft: Draft, draw: Draw, level: _Level) -> Draft:
    """Add shared modules to a draft, and keep some of its tests."""
    needed = [name for name in SHARED if any(f".{name} import" in text for text in draft.modules.values())]
    count = draw.between(*level.shared)
    chosen = (
        needed + [name for name in draw.shuffled(sorted(SHARED)) if name not in needed][: count - len(needed)]
    )
    for suite in draft.suites:
        suite.cases = _some(suite.cases, _OWN_CASES, draw)
    for name in chosen:
        draft.modules[name], suite = shared_module(name, draft.package, draw)
        draft.parts[name] = PARTS[name]
        suite.cases = _some(suite.cases, _SHARED_CASES, draw)
        draft.suites.append(suite)
    return draft


def _some(cases: list[Case], most: int, draw: Draw) -> list[Case]:
    kept = sorted(draw.sample(range(len(cases)), min(most, len(cases))))
    return [cases[place] for place in kept]


def _break(
    draft: Draft, codes: Mapping[str, CodeType], fixed: Results, draw: Draw, difficulty: str
) -> _Bug | None:
    """Find a bug that the tests notice, in a way that suits the difficulty."""
    own = [name for name in draft.modules if name not in SHARED]
    found: dict[str, dict[str, list[Mutation]]] = {}
    for _ in range(_TRIES):
        module = draw.pick(own if draw.chance(0.8) else list(draft.modules))
        if module not in found:
            found[module] = {}
            for each in mutations(draft.modules[module]):
                found[module].setdefault(each.kind, []).append(each)
        mutation = draw.pick(found[module][draw.pick(sorted(found[module]))])
        source = mutation.applied(draft.modules[module])
        if source is None:
            continue
        touched = _touched(draft, module)
        trial = Trial(draft.package, {**codes, module: compiled(source, module)})
        broken = trial.run(touched, apart=mutation.kind in _STATEFUL)
        if broken is None:
            continue
        failing = [key for key in broken if broken[key] != fixed[key]]
        if len(failing) < 2 or len(failing) > 0.6 * len(fixed):
            continue
        suited = _examples(draft, module, mutation, failing, difficulty)
        if suited:
            return _Bug(module, mutation, source, broken, failing, draw.pick(suited))
    return None


def _touched(draft: Draft, module: str) -> list[Suite]:
    """Return the suites that can notice a change of a module: their imports lead to it."""
    reached = {module}
    for _ in draft.modules:
        reached |= {
            name
            for name, source in draft.modules.items()
            if any(f"from {draft.package}.{other} import" in source for other in reached)
        }
    return [
        suite
        for suite in draft.suites
        if any(f"from {draft.package}.{name} import" in suite.imports for name in reached)
    ]


def _examples(
    draft: Draft, module: str, mutation: Mutation, failing: Sequence[Key], difficulty: str
) -> list[Key]:
    """Return the failing tests from which the issue may take its example."""
    if difficulty == "medium":
        return list(failing)
    if difficulty == "hard":
        return [key for key in failing if key[0] != module]
    name = mutation.function.rpartition(".")[2]
    texts = {
        (suite.module, case.name): "\n".join((case.setup, *case.checks))
        for suite in draft.suites
        for case in suite.cases
    }
    return [key for key in failing if key[0] == module and name and f"{name}(" in texts[key]]


def _row(draft: Draft, fixed: Results, bug: _Bug, draw: Draw, difficulty: str) -> dict[str, Any]:
    failing = set(bug.failing)
    seen: dict[str, str] = {}
    full: dict[str, str] = {}
    listed: dict[bool, list[str]] = {True: [], False: []}
    for suite in draft.suites:
        path = f"tests/test_{suite.module}.py"
        full[path] = write_tests(suite, suite.cases, fixed)
        passing = [case for case in suite.cases if (suite.module, case.name) not in failing]
        shown = [case for case in passing if draw.chance(0.6)] or passing[:1]
        if shown:
            seen[path] = write_tests(suite, shown, fixed)
        for case in suite.cases:
            listed[(suite.module, case.name) in failing].append(id_of_test(suite.module, case.name))
    place = f"{draft.package}/{bug.module}.py"
    code = {f"{draft.package}/{name}.py": source for name, source in draft.modules.items()}
    commits, papers = _past(draft, [*code], [*seen])
    files = {**papers, **code, **seen, place: bug.source}
    return {
        "instance_id": f"{draft.family}__{draft.package}-{head(files, commits)[:12]}",
        "repo": f"llmgym/{draft.package}",
        "base_commit": head(files, commits),
        "version": "1.0",
        "problem_statement": issue_text(
            draft, bug.example, fixed, bug.broken, bug.module, bug.mutation.function, draw, difficulty
        ),
        "hints_text": "",
        "patch": make_patch({place: bug.source}, {place: code[place]}),
        "test_patch": make_patch(seen, full),
        "FAIL_TO_PASS": listed[True],
        "PASS_TO_PASS": listed[False],
        "files": files,
        "history": [[commit.message, list(commit.paths)] for commit in commits],
        "difficulty": difficulty,
        "family": draft.family,
        "bug_kind": bug.mutation.kind,
        "responses_create_params": {"input": []},
        "split_identity": "\n".join(files[path] for path in sorted(code)),
    }


def _past(draft: Draft, code: list[str], tests: list[str]) -> tuple[list[Commit], dict[str, str]]:
    """Return the commits of a repository, and the files that are neither code nor tests."""
    own = [f"{draft.package}/{name}.py" for name in draft.modules if name not in SHARED]
    shared = [path for path in code if path not in own]
    start = f"{draft.package}/__init__.py"
    commits = [
        Commit(f"Begin {draft.package}\n", ("README.md", start, own[0])),
        Commit("Add what the modules share\n", tuple(shared)),
        Commit(f"Add {', '.join(path.rpartition('/')[2] for path in own[1:])}\n", tuple(own[1:])),
        Commit("Add tests and a list of changes\n", ("CHANGELOG.md", "tests/__init__.py", *tests)),
    ]
    parts = "\n".join(f"* `{name}.py`: {draft.parts[name]}" for name in draft.modules)
    readme = (
        f"# {draft.package}\n\n{draft.summary}\n\n{parts}\n\n"
        "Tests are in `tests/`; run them with `python3 -m unittest`.\n"
    )
    changes = "".join(f"* {commit.message}" for commit in reversed(commits))
    papers = {
        "README.md": readme,
        "CHANGELOG.md": f"# Changes, the latest first\n\n{changes}",
        start: f'"""{draft.summary}"""\n',
        "tests/__init__.py": "",
    }
    return commits, papers
