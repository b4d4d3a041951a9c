"""The past of a repository: commits with the same contents and hashes on every machine.

Only what is in the repository now is in its past: files come in one after the other, as they are. No commit holds
the code as it was before the bug.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Commit", "fast_import", "head"]

_AUTHOR = "Maintainer <maintainer@example.org>"
_FIRST = 1_700_000_000
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Commit:
    """One step of the past.

    Attributes:
        message: What was said about it.
        paths: The files that came in.
    """

    message: str
    paths: tuple[str, ...]


def fast_import(files: Mapping[str, str], commits: Sequence[Commit]) -> bytes:
    """Return the past in the form that ``git fast-import`` reads.

    Args:
        files: Text by path.
        commits: The commits, the oldest first.
    """
    parts: list[bytes] = []
    for place, commit in enumerate(commits):
        message = commit.message.encode()
        parts.append(b"commit refs/heads/main\n")
        parts.append(f"committer {_AUTHOR} {_FIRST + place * _DAY} +0000\n".encode())
        parts.append(b"data %d\n%s\n" % (len(message), message))
        for path in sorted(commit.paths):
            data = files[path].encode()
            parts.append(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(data), data))
        parts.append(b"\n")
    return b"".join(parts)


def head(files: Mapping[str, str], commits: Sequence[Commit]) -> str:
    """Return the hash that git gives the last commit.

    Args:
        files: Text by path.
        commits: The commits, the oldest first.
    """
    present: dict[str, str] = {}
    parent = ""
    for place, commit in enumerate(commits):
        present |= {path: files[path] for path in commit.paths}
        who = f"{_AUTHOR} {_FIRST + place * _DAY} +0000"
        lines = [f"tree {_tree(present).hex()}"]
        if parent:
            lines.append(f"parent {parent}")
        lines += [f"author {who}", f"committer {who}", "", commit.message]
        parent = _hash("commit", "\n".join(lines).encode()).hex()
    return parent


def _tree(files: Mapping[str, str]) -> bytes:
    folders: dict[str, dict[str, str]] = {}
    entries: list[tuple[str, bytes, bytes]] = []
    for path, text in files.items():
        folder, _, rest = path.partition("/")
        if rest:
            folders.setdefault(folder, {})[rest] = text
        else:
            entries.append((path, b"100644", _hash("blob", text.encode())))
    entries += [(f"{name}/", b"40000", _tree(inner)) for name, inner in folders.items()]
    # Git orders a folder as if its name ended with a slash.
    content = [
        b"%s %s\0%s" % (mode, name.rstrip("/").encode(), number) for name, mode, number in sorted(entries)
    ]
    return _hash("tree", b"".join(content))


def _hash(kind: str, content: bytes) -> bytes:
    return hashlib.sha1(b"%s %d\0%s" % (kind.encode(), len(content), content), usedforsecurity=False).digest()
