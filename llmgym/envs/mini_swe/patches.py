"""Unified diffs between two sets of text files: made, and applied strictly."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

__all__ = ["PatchFailed", "apply_patch", "make_patch"]

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_MOST_LINES = 5000
_NO_NEWLINE = "\\ No newline at end of file"


class PatchFailed(ValueError):
    """A patch is malformed, or does not fit the files."""


def make_patch(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    r"""Return the differences between two sets of files as a patch in the form of git.

    Args:
        old: Text by path.
        new: Text by path; a path that is missing was deleted.

    Example:
        >>> print(make_patch({"a": "1\n"}, {"a": "2\n"}), end="")
        diff --git a/a b/a
        --- a/a
        +++ b/a
        @@ -1 +1 @@
        -1
        +2
    """
    parts = []
    for path in sorted({*old, *new}):
        before, after = old.get(path), new.get(path)
        if before == after:
            continue
        parts.append(f"diff --git a/{path} b/{path}\n")
        if before is None:
            parts.append("new file mode 100644\n")
        elif after is None:
            parts.append("deleted file mode 100644\n")
        source = "/dev/null" if before is None else f"a/{path}"
        target = "/dev/null" if after is None else f"b/{path}"
        one, other = _lines(before or ""), _lines(after or "")
        if (not one) != (not other) or max(len(one), len(other)) > _MOST_LINES:
            # Comparing long files line by line can take very long; such a file is replaced, as a new one is.
            lines: Iterable[str] = _replacement(one, other, source, target)
        else:
            lines = difflib.unified_diff(one, other, source, target)
        for line in lines:
            parts.append(line if line.endswith("\n") else f"{line}\n{_NO_NEWLINE}\n")
    return "".join(parts)


def _replacement(old: list[str], new: list[str], source: str, target: str) -> Iterable[str]:
    yield f"--- {source}\n"
    yield f"+++ {target}\n"
    yield f"@@ -{min(1, len(old))},{len(old)} +{min(1, len(new))},{len(new)} @@\n"
    yield from (f"-{line}" for line in old)
    yield from (f"+{line}" for line in new)


def apply_patch(files: Mapping[str, str], patch: str) -> dict[str, str]:
    """Return files with a patch applied: every line of context has to be where the patch says.

    Args:
        files: Text by path.
        patch: A patch in the form of git or of ``diff -u``, with ``a/`` and ``b/`` before the paths.

    Raises:
        PatchFailed: When the patch is malformed or does not fit, names a path outside, or changes nothing.
    """
    result = dict(files)
    lines = _lines(patch)
    changed = place = 0
    renamed = ""
    while place < len(lines):
        line = lines[place]
        if line.startswith("rename from "):
            renamed = line[12:].rstrip("\n")
        elif line.startswith("rename to "):
            target = _path(line[10:].rstrip("\n"))
            if renamed not in result or target in result:
                raise PatchFailed(f"{renamed} cannot be renamed")
            result[target] = result.pop(renamed)
            changed += 1
        elif line.startswith(("new file mode ", "deleted file mode ")) and _without_lines(lines, place):
            _apply_empty(result, lines[place - 1], new=line.startswith("new"))
            changed += 1
        elif line.startswith(("GIT binary patch", "Binary files ")):
            raise PatchFailed("binary changes are not taken")
        elif line.startswith("--- ") and place + 1 < len(lines) and lines[place + 1].startswith("+++ "):
            place = _apply_file(result, lines, place)
            changed += 1
            continue
        elif line.startswith("@@ "):
            raise PatchFailed("a hunk without a file")
        place += 1
    if not changed:
        raise PatchFailed("nothing is changed")
    return result


def _without_lines(lines: list[str], place: int) -> bool:
    """Tell whether the file whose mode stands there has no lines, so that git tells no more of it."""
    after = lines[place + 1 : place + 3]
    if after and after[0].startswith("index "):
        after = after[1:]
    return not after or after[0].startswith("diff --git ") or not after[0].strip()


def _apply_empty(files: dict[str, str], header: str, *, new: bool) -> None:
    names = header.removeprefix("diff --git ").rstrip("\n")
    path = _name(names[: len(names) // 2])
    if path is None or names != f"a/{path} b/{path}":
        raise PatchFailed(f"expected the header of a file, found {header.rstrip()[:200]}")
    if new:
        if path in files:
            raise PatchFailed(f"{path} exists already")
        files[path] = ""
    elif files.pop(path, None) != "":
        raise PatchFailed(f"there is no empty file {path}")


def _apply_file(files: dict[str, str], lines: list[str], place: int) -> int:
    source, target = (_name(lines[place + step][4:]) for step in (0, 1))
    before = "" if source is None else files.get(source)
    if before is None:
        raise PatchFailed(f"there is no file {source}")
    if source is None and target in files:
        raise PatchFailed(f"{target} exists already")
    old = _lines(before)
    new: list[str] = []
    at, place = 0, place + 2
    hunks = 0
    while place < len(lines) and (match := _HUNK.match(lines[place])):
        hunks += 1
        start, counts = int(match[1]), [1 if match[group] is None else int(match[group]) for group in (2, 4)]
        first = start if counts[0] == 0 else start - 1
        if first < at or first > len(old):
            raise PatchFailed(f"a hunk lies outside {source or target}")
        new += old[at:first]
        at, place = first, place + 1
        while counts[0] > 0 or counts[1] > 0:
            if place >= len(lines):
                raise PatchFailed("a hunk is cut off")
            mark, text = lines[place][:1], lines[place][1:]
            if mark == "\n":
                # Some editors drop the blank of an empty line of context.
                mark, text = " ", "\n"
            if place + 1 < len(lines) and lines[place + 1].startswith("\\"):
                text, place = text.removesuffix("\n"), place + 1
            if mark not in (" ", "-", "+"):
                raise PatchFailed("a hunk is shorter than it says")
            if mark != "+":
                if at >= len(old) or old[at] != text:
                    raise PatchFailed(f"line {at + 1} of {source} is not what the patch says")
                at += 1
                counts[0] -= 1
            if mark != "-":
                new.append(text)
                counts[1] -= 1
            place += 1
        if min(counts) < 0:
            raise PatchFailed("a hunk is longer than it says")
    if not hunks:
        raise PatchFailed("a file without a hunk")
    text = "".join(new + old[at:])
    if target is None:
        if text:
            raise PatchFailed(f"{source} is to be deleted, but something is left of it")
        del files[source or ""]
    else:
        if source is not None and source != target:
            del files[source]
        files[target] = text
    return place


def _name(text: str) -> str | None:
    """Return the path of a header, or ``None`` for no file."""
    name = text.rstrip("\n").split("\t")[0]
    if name == "/dev/null":
        return None
    if not name.startswith(("a/", "b/")):
        raise PatchFailed(f"expected a path that begins with a/ or b/, found {name}")
    return _path(name[2:])


def _path(name: str) -> str:
    if not name or name.startswith("/") or any(part in ("", ".", "..", ".git") for part in name.split("/")):
        raise PatchFailed(f"the path {name} leads out of the repository")
    return name


def _lines(text: str) -> list[str]:
    """Split at line feeds alone: other line ends are part of the text."""
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop().removesuffix("\n")
    return [*lines, last] if last else lines
