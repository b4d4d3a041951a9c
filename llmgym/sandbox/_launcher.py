"""Sets limits in a child process, then becomes the program. Run by ``process.py`` with ``python -I -S``."""

import os
import resource
import sys


def main() -> None:
    """Set the limits, then run the command or the source."""
    cpu, memory, file, files, kind, *rest = sys.argv[1:]
    limits = {
        "RLIMIT_CPU": int(cpu),
        "RLIMIT_FSIZE": int(file),
        "RLIMIT_NOFILE": int(files),
        "RLIMIT_CORE": 0,
    }
    if sys.platform == "linux":
        limits["RLIMIT_AS"] = int(memory)
    for name, value in limits.items():
        kind_of = getattr(resource, name)
        hard = resource.getrlimit(kind_of)[1]
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        # The signal at the soft limit tells that it was processor time; a second later it is ended all the same.
        ceiling = most + (name == "RLIMIT_CPU" and most != hard)
        resource.setrlimit(kind_of, (most, ceiling))
    if kind == "command":
        try:
            os.execvpe(rest[0], rest, os.environ)
        except OSError as error:
            sys.stderr.write(f"{rest[0]}: {error.strerror}\n")
            sys.exit(127)
    places, source, *arguments = rest
    sys.path[:0] = [place for place in places.split(os.pathsep) if place]
    sys.argv = ["-c", *arguments]
    scope = {"__name__": "__main__", "__builtins__": __builtins__}
    exec(compile(source, "<program>", "exec"), scope)


if __name__ == "__main__":
    main()
