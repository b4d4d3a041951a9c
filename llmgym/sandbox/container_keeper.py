"""The first process of a container, and the shell that starts each program in it.

The keeper is process 1. It uses nothing but what its shell has built in, so that it needs no other process, and
nobody inside can kill it. Its input comes from us: it kills everything else when told to, and ends, and the container
with it, when the input ends. The input ends when our connection does: when we close it, or die.
"""

from __future__ import annotations

import asyncio

from llmgym.sandbox.base import Limits, Program, broken, checked_argv
from llmgym.sandbox.container_engine import Hijacked

__all__ = ["KEEPER", "Keeper", "command_of", "too_long", "with_modules"]

# Some runtimes give a mounted folder the mode of the image's folder below it; hence "chmod".
# "jobs" makes the shell reap what programs have left to it: not every shell does by itself. SIGCHLD keeps its default,
# for a signal with a trap would end "read" as the end of the input does.
KEEPER = """\
trap '' HUP INT QUIT TERM PIPE USR1 USR2 ALRM
chmod 1777 /work /tmp 2>&-
memory=unknown
for file in /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes; do
  if [ -r "$file" ]; then read -r memory < "$file"; fi
done
processes=unknown
for file in /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max; do
  if [ -r "$file" ]; then read -r processes < "$file"; fi
done
echo "ready $memory $processes"
while read -r order number; do
  if [ "$order" = kill ]; then kill -9 -1 2>&-; fi
  jobs
  killed=0
  for file in /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control; do
    if [ -r "$file" ]; then
      while read -r key value; do
        if [ "$key" = oom_kill ]; then killed=$value; fi
      done < "$file"
    fi
  done
  echo "$number $killed"
done
"""

# The limits of one program; where the container's own are lower already, they stay. Programs are better victims for
# the kernel than the keeper when memory runs out.
_STARTER = """\
echo 1000 2>/dev/null > /proc/self/oom_score_adj
ulimit -S -t "$1" 2>/dev/null; ulimit -H -t "$(($1 + 1))" 2>/dev/null; ulimit -f "$2" 2>/dev/null; ulimit -n "$3" 2>/dev/null; ulimit -v "$4" 2>/dev/null
cd -- "$5" || exit 126
merge=$6
shift 6
if [ "$merge" = 1 ]; then exec "$@" 2>&1; fi
exec "$@"
"""

_PATIENCE = 20.0
_LONGEST_WORD = 128 * 1024 - 1
_LONGEST_COMMAND = 1_900_000


class Keeper:
    """Our end of the connection to a keeper.

    Args:
        stream: The attached connection.
    """

    def __init__(self, stream: Hijacked):
        self._stream, self._orders, self._read = stream, 0, b""
        self._turn = asyncio.Lock()

    async def ready(self) -> tuple[int | None, int | None]:
        """Wait until it runs.

        Returns:
            The limits of memory, in bytes, and of processes that hold for the container; ``None`` for no limit.

        Raises:
            InfrastructureError: When it does not run.
        """
        memory, processes = await self._reply("ready", 2)
        return _limit(memory), _limit(processes)

    async def count(self) -> int:
        """Return how many processes the kernel has killed for want of memory."""
        return await self._order("count")

    async def kill(self) -> int:
        """Kill all other processes, and return how many the kernel has killed for want of memory.

        Raises:
            InfrastructureError: When the keeper does not answer.
        """
        return await self._order("kill")

    def close(self) -> None:
        """Close the connection: the keeper ends."""
        self._stream.close()

    async def _order(self, order: str) -> int:
        async with self._turn:
            self._orders += 1
            try:
                await self._stream.send(f"{order} {self._orders}\n".encode())
            except OSError as error:
                raise broken(f"The container is gone: {error}.") from error
            [killed] = await self._reply(str(self._orders), 1)
            return _limit(killed) or 0

    async def _reply(self, number: str, words: int) -> list[str]:
        try:
            async with asyncio.timeout(_PATIENCE):
                while True:
                    line = await self._line()
                    said = line.decode("ascii", "replace").split()
                    if len(said) == words + 1 and said[0] == number:
                        return said[1:]
        except TimeoutError as error:
            raise broken(f"The container did not answer in {_PATIENCE:g} seconds.") from error

    async def _line(self) -> bytes:
        while b"\n" not in self._read:
            piece = await self._stream.piece()
            if piece is None:
                raise broken("The container is gone: its first process has ended.")
            # A program could write to the keeper's output, without an end.
            self._read = (self._read + piece[1])[-(64 << 10) :]
        line, _, self._read = self._read.partition(b"\n")
        return line


def _limit(word: str) -> int | None:
    return int(word) if word.isdecimal() and len(word) < 30 else None


def command_of(program: Program, limits: Limits, python: str, modules: str | None) -> list[str]:
    """Return the command that starts a program within its limits.

    Args:
        program: What to run.
        limits: What it may use.
        python: The interpreter inside.
        modules: The folder of modules that Python programs may import, if there is one.
    """
    words = checked_argv(program.argv)
    if program.python is not None:
        source = program.python
        if modules is not None:
            source = with_modules(source, modules)
        words = [python, "-I", "-c", source, *words]
    numbers = [
        int(limits.cpu_seconds + 0.999),
        -(-limits.file_bytes // 512),
        limits.open_files,
        -(-limits.memory_bytes * 2 // 1024),
    ]
    merge = "1" if program.merge_stderr else "0"
    return ["/bin/sh", "-c", _STARTER, "sh", *map(str, numbers), program.cwd, merge, *words]


def too_long(command: list[str]) -> bool:
    """Tell whether the kernel would refuse a command for its length."""
    sizes = [len(word.encode("utf-8", "surrogateescape")) + 1 for word in command]
    return max(sizes) > _LONGEST_WORD or sum(sizes) > _LONGEST_COMMAND


def with_modules(source: str, modules: str) -> str:
    """Return Python source that first makes a folder of modules importable.

    The source itself is compiled apart, so that its ``from __future__`` lines and its line numbers stay.
    """
    return f"import sys; sys.path.insert(0, {modules!r})\nexec(compile({source!r}, '<string>', 'exec', dont_inherit=True))"
