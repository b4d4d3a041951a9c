"""Writes a repository into the current folder. Runs inside a sandbox, with the files as JSON on its standard input."""

import json
import os
import sys


def main() -> None:
    """Write the files, and the past of them where git is installed."""
    order = json.load(sys.stdin)
    for path, text in order["files"].items():
        folder = os.path.dirname(path)
        if folder:
            os.makedirs(folder, exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    if order["history"]:
        _commit(order["history"].encode())


def _commit(history: bytes) -> None:
    import shutil
    import subprocess

    if not shutil.which("git"):
        return
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    variables = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1"}
    for command, stdin in (
        (["git", "init", "-q", "--template=", "-b", "main"], b""),
        (["git", "fast-import", "--quiet"], history),
        (["git", "reset", "-q"], b""),
    ):
        done = subprocess.run(command, input=stdin, env=variables, check=False, **quiet)  # type: ignore[call-overload]
        if done.returncode != 0:
            # A git that cannot is like none: the repository has no past then.
            shutil.rmtree(".git", ignore_errors=True)
            return
    with open(".git/config", "a", encoding="utf-8") as file:
        file.write("[user]\n\tname = Developer\n\temail = developer@example.org\n")


main()
