"""A program for the kill tests: forks a writer for each line it reads, so that a kill costs no interpreter start.

Reads ``<what> <path> <total>``; prints ``pid <n>``, then what the writer prints, then ``gone``.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from records.disk_faults import IDENTITY, key, row

from llmgym.errors import StoreError
from llmgym.records import RolloutStore


def say(text: str) -> None:
    os.write(1, f"{text}\n".encode())


def write(path: Path, total: int) -> None:
    """Make the rows that are missing, and say the number of each when it is acknowledged."""
    with RolloutStore.open(
        path, identity=IDENTITY, resume=True, commit_rows=3, commit_seconds=0.002
    ) as store:
        say("open")
        done = store.done()
        left = [number for number in range(total) if key(number) not in done]
        promises = []
        for number in left:
            promises.append((number, store.append(row(number))))
            while promises and (promises[0][1].done or len(promises) > 5):
                promise = promises.pop(0)
                promise[1].wait()
                say(f"row {promise[0]}")
        for number, promise in promises:
            promise.wait()
            say(f"row {number}")
    say("end")


def hold(path: Path, total: int) -> None:
    """Keep the file open, in this process only, although a child of it lives on."""
    with RolloutStore.open(path, identity=IDENTITY, resume=True) as store:
        store.append(row(total)).wait()
        child = os.fork()
        if child == 0:
            try:
                store.append(row(0))
            except StoreError as error:
                say(f"child {os.getpid()} {error}")
            while True:
                signal.pause()
        say("held")
        while True:
            signal.pause()


def main() -> None:
    pid = 0
    for line in sys.stdin:
        if pid:
            os.waitpid(pid, 0)
        what, path, total = line.split()
        pid = os.fork()
        if pid == 0:
            {"write": write, "hold": hold}[what](Path(path), int(total))
            os._exit(0)
        say(f"pid {pid}")
        # Not reaped yet, so that a late kill cannot hit another process of the same number.
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        say("gone")


if __name__ == "__main__":
    main()
