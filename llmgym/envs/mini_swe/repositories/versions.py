"""Versions, and what needs which."""

from __future__ import annotations

from llmgym.envs.draw import Draw
from llmgym.envs.mini_swe.repositories.draft import Draft, Suite, fill

__all__ = ["versions"]

_VERSION = '''
"""Versions: three numbers, and maybe a mark of what is not finished."""


def $read(text):
    """Return a version as (major, minor, patch, mark); numbers that are missing are 0, a mark may be empty.

    Raises ValueError when it is none.
    """
    numbers, _, mark = text.partition("-")
    parts = numbers.split(".")
    if len(parts) > 3 or not all(part.isdigit() for part in parts):
        raise ValueError("not a version: " + text)
    filled = [int(part) for part in parts] + [0] * (3 - len(parts))
    return (filled[0], filled[1], filled[2], mark)


def $key(text):
    """Return what versions are ordered by: one with a mark comes before the one without."""
    major, minor, patch, mark = $read(text)
    return (major, minor, patch, 0 if mark else 1, mark)


def $newest(versions, marked=False):
    """Return the newest version, or None; those with a mark only if asked for."""
    kept = [version for version in versions if marked or not $read(version)[3]]
    if not kept:
        return None
    return max(kept, key=$key)


def $bump(text, part="$part"):
    """Return the next version: a part goes up, those after it become 0, and the mark goes."""
    major, minor, patch, mark = $read(text)
    if part == "major":
        return str(major + 1) + ".0.0"
    if part == "minor":
        return str(major) + "." + str(minor + 1) + ".0"
    if part == "patch":
        return ".".join(str(number) for number in (major, minor, patch if mark else patch + 1))
    raise ValueError("no such part: " + part)
'''

_NEEDS = '''
"""What a package needs: ranges of versions."""

from $package.version import $key, $newest, $read

SIGNS = (">=", "<=", "==", "!=", ">", "<", "^")


def $fits(version, need):
    """Tell whether a version satisfies a need such as ">=1.2, <2"."""
    return all(_one(version, part.strip()) for part in need.split(",") if part.strip())


def _one(version, part):
    for sign in SIGNS:
        if part.startswith(sign):
            bound = part[len(sign):].strip()
            break
    else:
        raise ValueError("no sign in " + part)
    mine, other = $key(version), $key(bound)
    if sign == ">=":
        return mine >= other
    if sign == "<=":
        return mine <= other
    if sign == "==":
        return mine == other
    if sign == "!=":
        return mine != other
    if sign == ">":
        return mine > other
    if sign == "<":
        return mine < other
    return mine >= other and $read(version)[0] == $read(bound)[0]


def $choose(offers, needs):
    """Return for each package the newest version that satisfies every need for it.

    Raises LookupError for a package without one.
    """
    chosen = {}
    for name in sorted(needs):
        fitting = [version for version in offers.get(name, []) if all($fits(version, need) for need in needs[name])]
        best = $newest(fitting)
        if best is None:
            raise LookupError(name)
        chosen[name] = best
    return chosen


def $outdated(installed, offers):
    """Return what could be newer: (installed, newest) by package."""
    found = {}
    for name, version in installed.items():
        newest = $newest(offers.get(name, []))
        if newest is not None and $key(newest) > $key(version):
            found[name] = (version, newest)
    return found
'''


def versions(draw: Draw) -> Draft:
    """Return a repository about versions and what needs which."""
    package = draw.pick(("releases", "verso", "pinning", "upkeep", "numbering"))
    names = {
        "package": package,
        "read": draw.pick(("read", "parse_version", "parts_of")),
        "key": draw.pick(("key", "order_key", "sort_key")),
        "newest": draw.pick(("newest", "latest", "highest")),
        "bump": draw.pick(("bump", "next_version", "raise_part")),
        "part": draw.pick(("minor", "patch")),
        "fits": draw.pick(("fits", "satisfies", "allows")),
        "choose": draw.pick(("choose", "resolve", "pick_versions")),
        "outdated": draw.pick(("outdated", "updates", "behind")),
    }
    n = {key: str(value) for key, value in names.items()}
    version = Suite(
        "version",
        f"from {package}.version import {', '.join(sorted(n[k] for k in ('read', 'key', 'newest', 'bump')))}",
    )
    needs = Suite(
        "needs",
        f"from {package}.needs import {', '.join(sorted(n[k] for k in ('fits', 'choose', 'outdated')))}",
    )
    for _ in range(4):
        x, y, z = draw.between(1, 5), draw.between(1, 12), draw.between(1, 9)
        full = f"{x}.{y}.{z}"
        version.add(
            "read", "", f"{n['read']}('{full}')", f"{n['read']}('{x}.{y}')", f"{n['read']}('{x}-rc{z}')"
        )
        some = [f"{x}.{y}.0", f"{x}.{y + 9}.{z}", f"{x}.{y + 9}.{z + 1}-beta", f"{x - 1}.99"]
        version.add(
            "newest",
            "",
            f"{n['newest']}({draw.shuffled(some)})",
            f"{n['newest']}({some}, True)",
            f"{n['newest']}(['{x}-a'])",
        )
        version.add("order", "", f"sorted({draw.shuffled([*some, f'{x}.{y}.0-rc1'])}, key={n['key']})")
        version.add(
            "bump",
            "",
            f"{n['bump']}('{full}')",
            *(f"{n['bump']}('{full}', '{part}')" for part in ("major", "minor", "patch")),
        )
        version.add(
            "bump_marked", "", f"{n['bump']}('{full}-rc1', 'patch')", f"{n['bump']}('{full}-rc1', 'major')"
        )
        needs.add(
            "bounds",
            "",
            *(f"{n['fits']}('{full}', '{sign}{full}')" for sign in (">=", ">", "<=", "<", "!=", "==")),
        )
        needs.add(
            "range",
            "",
            f"{n['fits']}('{full}', '>={x}, <{x + 1}')",
            f"{n['fits']}('{x + 1}', '>={x}, <{x + 1}')",
            f"{n['fits']}('{full}', '')",
        )
        needs.add(
            "same_major",
            "",
            f"{n['fits']}('{x}.{y + 1}', '^{full}')",
            f"{n['fits']}('{x + 1}.0', '^{full}')",
            f"{n['fits']}('{x}.0.1', '^{full}')",
        )
        a, b = draw.sample(("ash", "elm", "fir", "oak", "yew"), 2)
        offers = {a: [f"{x}.0", f"{x}.{y}", f"{x + 1}.0"], b: [f"{z}.1", f"{z}.2-rc1", f"{z}.1.{y}"]}
        setup = f"offers = {offers}"
        needs.add(
            "choose",
            setup,
            f"{n['choose']}(offers, {{'{a}': ['<{x + 1}'], '{b}': ['>={z}']}})",
            f"{n['choose']}(offers, {{'{a}': ['>{x}', '!={x + 1}']}})",
        )
        needs.add(
            "no_choice",
            setup,
            f"{n['choose']}(offers, {{'{a}': ['>{x + 1}']}})",
            f"{n['choose']}(offers, {{'zzz': []}})",
        )
        needs.add(
            "outdated",
            setup,
            f"{n['outdated']}({{'{a}': '{x}.{y}', '{b}': '{z}.1.{y}', 'zzz': '1'}}, offers)",
        )
    version.add(
        "no_version",
        "",
        *(f"{n['read']}({text!r})" for text in ("", "1.2.3.4", "1.x")),
        f"{n['bump']}('1', 'none')",
        f"{n['newest']}([])",
    )
    needs.add("no_sign", "", f"{n['fits']}('1', '1.2')")
    modules = {"version": fill(_VERSION, names), "needs": fill(_NEEDS, names)}
    parts = {"version": "versions and their order", "needs": "ranges and choices"}
    return Draft(
        "versions", package, "Compares versions and chooses among them.", modules, [version, needs], parts
    )
