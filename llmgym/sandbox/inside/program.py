"""The last steps before a program runs: descriptors, limits, folder, environment. Standard library only."""

import atexit
import json
import os
import resource
import signal
import sys
import threading
import traceback
import types

from . import kernel


def become(told, stdin, stdout, stderr):
    """Turn a fresh child process into the program that is asked for; never returns.

    Args:
        told: Descriptor of the request: the parameters of the program and its limits, as JSON.
        stdin: Descriptor to read from.
        stdout: Descriptor to write to.
        stderr: Descriptor for errors.
    """
    code = 125
    try:
        request = json.loads(os.pread(told, os.fstat(told).st_size, 0))
        os.setsid()
        for target, source in enumerate((stdin, stdout, stderr)):
            os.dup2(source, target, inheritable=True)
        os.closerange(3, 1 << 16 if hasattr(os, "close_range") else 4096)
        kernel.dumpable(True)
        _expect_to_be_killed_first()
        kernel.refuse_messages()
        _set_limits(request)
        os.environ.clear()
        os.environ.update(request["env"])
        if request["python"] is None:
            code = _execute(request)
        else:
            code = _interpret(request)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _expect_to_be_killed_first():
    descriptor = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
    os.write(descriptor, b"1000")
    os.close(descriptor)


def _set_limits(request):
    processor = int(request["cpu_seconds"] + 0.999)
    for kind, soft, hard in (
        (resource.RLIMIT_CPU, processor, processor + 1),
        (resource.RLIMIT_AS, request["memory_bytes"] * 2, request["memory_bytes"] * 2),
        (resource.RLIMIT_NPROC, request["processes"] + 1, request["processes"] + 1),
        (resource.RLIMIT_FSIZE, request["file_bytes"], request["file_bytes"]),
        (resource.RLIMIT_NOFILE, request["open_files"], request["open_files"]),
        (resource.RLIMIT_MSGQUEUE, 0, 0),
        (resource.RLIMIT_SIGPENDING, 1024, 1024),
        (resource.RLIMIT_MEMLOCK, 0, 0),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        most = resource.getrlimit(kind)[1]
        if most != resource.RLIM_INFINITY:
            soft, hard = min(soft, most), min(hard, most)
        resource.setrlimit(kind, (soft, hard))


def _execute(request):
    try:
        os.chdir(request["cwd"])
        os.execvpe(request["argv"][0], request["argv"], os.environ)
    except OSError as error:
        sys.stderr.write(f"{request['argv'][0]}: {error.strerror}\n")
    sys.stderr.flush()
    return 126 if os.path.exists(request["argv"][0]) else 127


def _interpret(request):
    """Run Python source as a fresh interpreter would, in this process."""
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # A fork draws a new seed; programs that draw none should do the same everywhere.
    if "random" in sys.modules:
        sys.modules["random"].seed(0)
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    sys.argv = ["-c", *request["argv"]]
    code = 0
    try:
        os.chdir(request["cwd"])
        exec(compile(request["python"], "<program>", "exec"), module.__dict__)
    except SystemExit as end:
        if end.code is not None and not isinstance(end.code, int):
            sys.stderr.write(f"{end.code}\n")
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException as error:
        code = 1
        error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
        sys.excepthook(type(error), error, error.__traceback__)
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    return code & 0xFF
