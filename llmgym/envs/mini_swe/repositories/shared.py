"""Small modules that repositories of every family have beside their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from llmgym.envs.draw import Draw
from llmgym.envs.mini_swe.repositories.draft import Suite, fill
from llmgym.envs.mini_swe.repositories.shared_sources import CHECKS, FIGURES, PAGES, RANGES, SETTINGS, TEXT

__all__ = ["PARTS", "SHARED", "shared_module"]

_WORDS = (
    "amber",
    "birch",
    "cedar",
    "delta",
    "ember",
    "flint",
    "grove",
    "heron",
    "indigo",
    "jasper",
    "karst",
    "linen",
)


def _checks(draw: Draw, suite: Suite) -> None:
    for word in draw.sample(_WORDS, 2):
        suite.add("name_is_stripped", "", f"require_name('  {word} ')", "require_name('   ')")
    suite.add("name_keeps_inner_blanks", "", f"require_name(' {draw.pick(_WORDS)} two')")
    for _ in range(2):
        number = draw.between(2, 40)
        suite.add("positive", "", f"require_positive({number})", f"require_positive({-number})")
    suite.add("zero_is_not_positive", "", "require_positive(0)")
    suite.add("one_is_positive", "", "require_positive(1)")
    for _ in range(3):
        low, width = draw.between(-5, 20), draw.between(3, 20)
        inside = low + draw.between(1, width - 1)
        suite.add(
            "clamp", "", *(f"clamp({v}, {low}, {low + width})" for v in (low - 2, inside, low + width + 3))
        )


def _text(draw: Draw, suite: Suite) -> None:
    for _ in range(3):
        text = " ".join(draw.sample(_WORDS, 3))
        cut = draw.between(6, len(text) - 1)
        suite.add("shorten", "", f"shorten({text!r}, {cut})", f"shorten({text!r}, {len(text)})")
    for _ in range(2):
        one, other = (word.title() for word in draw.sample(_WORDS, 2))
        suite.add("slug", "", f"slug('{one} & {other}!')", f"slug('  {other}, {one} ')")
    for _ in range(2):
        rows = [draw.sample(_WORDS, 2) for _ in range(draw.between(2, 3))]
        suite.add("columns", "", f"columns({rows!r})")
    suite.add("columns_of_nothing", "", "columns([])")


def _ranges(draw: Draw, suite: Suite) -> None:
    def some(count: int) -> list[tuple[int, int]]:
        starts = [draw.between(0, 40) for _ in range(count)]
        return [(start, start + draw.between(2, 9)) for start in starts]

    for _ in range(3):
        one, width = draw.between(0, 20), draw.between(2, 9)
        suite.add(
            "overlaps",
            "",
            f"overlaps(({one}, {one + width}), ({one + width}, {one + width + 4}))",
            f"overlaps(({one}, {one + width}), ({one + width - 1}, {one + width + 4}))",
        )
    for _ in range(4):
        drawn = some(draw.between(3, 5))
        suite.add("merge", "", f"merge({drawn!r})")
        suite.add("covered", "", f"covered({drawn!r})")
        suite.add("gaps", "", f"gaps({drawn!r}, {draw.between(0, 6)}, {draw.between(45, 60)})")
    suite.add("touching_ranges_join", "", "merge([(1, 4), (4, 7)])", "merge([])")
    suite.add("gaps_end_at_the_bound", "", "gaps([(2, 30)], 0, 20)", "gaps([(0, 20)], 0, 20)")


def _settings(draw: Draw, suite: Suite) -> None:
    for _ in range(2):
        one, other = draw.sample(_WORDS, 2)
        number = draw.between(11, 99)
        suite.add(
            "override", "", f"merged({{'retries': {number}, '{one}': 1}})", f"merged({{'{other}': []}})"
        )
        suite.add(
            "nested", "", f"merged({{'limits': {{'high': {number}}}}})", f"merged({{'limits': {number}}})"
        )
        suite.add(
            "lookup",
            f"settings = {{'{one}': {{'{other}': {number}}}, 'top': 0}}",
            f"lookup(settings, '{one}.{other}')",
            "lookup(settings, 'top')",
            f"lookup(settings, '{one}.none', -1)",
            "lookup(settings, 'top.deeper')",
        )
        suite.add("lines", "", f"read_lines(['# head', '', '{one} = {number}', '{other}=a=b'])")
    suite.add(
        "defaults_stay",
        "merged({'retries': 77, 'limits': {'low': -9}})",
        "DEFAULTS['retries']",
        "DEFAULTS['limits']['low']",
        "merged({})",
    )
    suite.add("bad_line", "", "read_lines(['a = 1', 'nothing here'])")
    suite.add("given_defaults", "", "merged({'x': {'a': 1}}, {'x': {'a': 0, 'b': 2}})")


def _figures(draw: Draw, suite: Suite) -> None:
    for _ in range(3):
        odd = [draw.between(1, 60) for _ in range(5)]
        even = [draw.between(1, 60) for _ in range(6)]
        suite.add("median", "", f"median({odd})", f"median({even})")
        suite.add("mean", "", f"mean({even})")
        suite.add("moving", "", f"moving({odd})", f"moving({even}, 2)")
        suite.add("buckets", "", f"buckets({even}, {draw.between(4, 12)})")
    suite.add("mean_of_nothing", "", "mean([])")


def _pages(draw: Draw, suite: Suite) -> None:
    for _ in range(3):
        size = draw.between(2, 6)
        count = size * draw.between(2, 4)
        suite.add("count", "", *(f"page_count({n}, {size})" for n in (0, count - 1, count, count + 1)))
        items = [draw.between(10, 99) for _ in range(size * 2 + 1)]
        suite.add(
            "page", "", f"page({items}, 1, {size})", f"page({items}, 2, {size})", f"page({items}, 3, {size})"
        )
        suite.add("neighbours", "", f"neighbours({size}, {size + 3})", f"neighbours(1, {size}, 2)")
    suite.add("no_such_page", "", "page([1, 2, 3], 0)", "page([1, 2, 3], 9)")
    suite.add("default_size", "", "page(list(range(30)), 1)", "page(list(range(30)), 2)")


SHARED: Mapping[str, tuple[str, str, Callable[[Draw, Suite], None]]] = {
    "checks": (CHECKS, "require_name, require_positive, clamp", _checks),
    "text": (TEXT, "shorten, slug, columns", _text),
    "ranges": (RANGES, "overlaps, merge, covered, gaps", _ranges),
    "settings": (SETTINGS, "DEFAULTS, merged, lookup, read_lines", _settings),
    "figures": (FIGURES, "mean, median, moving, buckets", _figures),
    "pages": (PAGES, "page_count, page, neighbours", _pages),
}
"""For each module its source, the names that it offers, and what writes its tests."""

PARTS: Mapping[str, str] = {
    "checks": "checks of arguments",
    "text": "text for people",
    "ranges": "ranges of numbers",
    "settings": "settings and their defaults",
    "figures": "figures about lists of numbers",
    "pages": "lists in pages",
}
"""What each module is for."""


def shared_module(name: str, package: str, draw: Draw) -> tuple[str, Suite]:
    """Return the source of a shared module, and its tests.

    Args:
        name: One of :data:`SHARED`.
        package: The package that gets it.
        draw: Where its constants and the tests' numbers come from.
    """
    source, offered, write = SHARED[name]
    constants = {
        "mark": draw.pick(("...", "..", "~", "[...]")),
        "gap": draw.between(1, 4),
        "retries": draw.between(2, 9),
        "low": draw.between(1, 5),
        "high": draw.between(20, 90),
        "size": draw.between(2, 4),
        "page": draw.between(3, 12),
    }
    suite = Suite(name, f"from {package}.{name} import {offered}")
    write(draw, suite)
    return fill(source, constants), suite
