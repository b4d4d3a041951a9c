"""Prints the files of the current folder, one a line of JSON, and then what was left out. Runs inside a sandbox.

Only regular files that hold text are told: no links, no devices, nothing in a folder behind a link.
"""

import json
import os
import stat
import sys

_LARGEST, _MOST_BYTES, _MOST_FILES = 1 << 20, 8 << 20, 5000
_SKIPPED = (".git", "__pycache__")


def main() -> None:
    """Walk and print."""
    left_out: list[str] = []
    count = total = 0
    for folder, names, paths in os.walk("."):
        names[:] = sorted(name for name in names if name not in _SKIPPED)
        for name in sorted(paths):
            path = os.path.join(folder, name)[2:]
            text = _text(path)
            if text is None or count >= _MOST_FILES or total + len(text) > _MOST_BYTES:
                left_out.append(path.encode("ascii", "backslashreplace").decode())
                continue
            count, total = count + 1, total + len(text)
            sys.stdout.write(json.dumps([path, text]) + "\n")
    sys.stdout.write(json.dumps({"left_out": left_out[:100]}))


def _text(path: str) -> "str | None":
    if not path.isprintable():
        return None
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with open(handle, "rb") as file:
        state = os.fstat(handle)
        if not stat.S_ISREG(state.st_mode) or state.st_size > _LARGEST:
            return None
        try:
            return file.read(_LARGEST).decode()
        except (OSError, UnicodeDecodeError):
            return None


main()
