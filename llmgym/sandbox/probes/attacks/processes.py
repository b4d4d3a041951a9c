"""Looking into other processes, stopping them, starving them. Standard library only.

Signals to a process that may be the host's are signal 0, which tells only whether it could be reached; others go to
process 1 where that is the sandbox's own.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import resource
import signal
import subprocess
import sys
import time
import types
from typing import Any

from .calls import NotApplicable, call

Facts = dict[str, Any]
_SEIZE, _IDLE, _WHO_PROCESS = 0x4206, 5, 1
_LARGEST = 64 << 20
_SWITCHES = {
    "oom_score_adj": b"0",
    "autogroup": b"0",
    "timerslack_ns": b"50000",
    "coredump_filter": b"0x33",
    "clear_refs": b"1",
    "comm": b"first",
}
_SLEEP = "import time; time.sleep(3)"


def _first() -> int:
    """Return the number of the sandbox's first process, where it has one of its own."""
    if os.path.isdir("/sandbox/inside") and os.getppid() < 100:
        return 1
    raise NotApplicable("process 1 is not the sandbox's own")


def _open_of_first(name: str) -> str | None:
    path = f"/proc/{_first()}/{name}"
    if os.path.isdir(path):
        return f"listed {path}: {os.listdir(path)[:5]}" if os.listdir(path) else None
    with open(path, "rb") as file:
        return f"read {len(file.read(100))} bytes of {path}"


def signal_parent_of_sandbox(facts: Facts) -> str | None:
    """Reach the process that made the sandbox."""
    os.kill(facts["pid"], 0)
    return f"can signal process {facts['pid']} of the host"


def see_processes_of_host(facts: Facts) -> str | None:
    """See the process that made the sandbox."""
    with open(f"/proc/{facts['pid']}/cmdline", "rb") as file:
        told = file.read(4096)
    return f"sees the command of process {facts['pid']}" if told == facts["command"].encode() else None


def kill_first(facts: Facts) -> str | None:
    """Kill the first process. That it lives is for the host to say, by running another program."""
    os.kill(_first(), signal.SIGKILL)
    return None


def stop_first(facts: Facts) -> str | None:
    """Stop the first process."""
    os.kill(_first(), signal.SIGSTOP)
    time.sleep(0.05)
    with open("/proc/1/stat") as file:
        return "stopped process 1" if file.read().rpartition(")")[2].split()[0] in "Tt" else None


def interrupt_first(facts: Facts) -> str | None:
    """Send the first process every signal there is."""
    first = _first()
    for number in signal.valid_signals():
        if number not in (signal.SIGSTOP, signal.SIGKILL):
            os.kill(first, number)
    return None


def starve_first_by_nice(facts: Facts) -> str | None:
    """Make the first process wait behind all others."""
    os.setpriority(os.PRIO_PROCESS, _first(), 19)
    return "set the priority of process 1"


def starve_first_by_user(facts: Facts) -> str | None:
    """Make all processes of the user wait, the first among them."""
    _first()
    before = os.getpriority(os.PRIO_PROCESS, 1)
    os.setpriority(os.PRIO_USER, 0, 19)
    return "set the priority of process 1" if os.getpriority(os.PRIO_PROCESS, 1) != before else None


def starve_first_by_policy(facts: Facts) -> str | None:
    """Let the first process run only when nobody else wants to."""
    os.sched_setscheduler(_first(), _IDLE, os.sched_param(0))
    return "set the policy of process 1"


def starve_first_by_attributes(facts: Facts) -> str | None:
    """The same through the newer call."""
    attributes = (ctypes.c_uint32 * 14)(56, _IDLE)
    call("sched_setattr", _first(), attributes, 0)
    return "set the policy of process 1"


def pin_first(facts: Facts) -> str | None:
    """Tie the first process to a processor that is then kept busy."""
    os.sched_setaffinity(_first(), {min(os.sched_getaffinity(0))})
    return "set the processors of process 1"


def starve_first_of_disk(facts: Facts) -> str | None:
    """Let the first process wait for disks."""
    call("ioprio_set", _WHO_PROCESS, _first(), 3 << 13)
    return "set the disk priority of process 1"


def limit_first(facts: Facts) -> str | None:
    """Set a limit of the first process to what it is."""
    first = _first()
    limits = (ctypes.c_uint64 * 2)()
    call("prlimit64", first, resource.RLIMIT_NOFILE, None, limits)
    call("prlimit64", first, resource.RLIMIT_NOFILE, limits, None)
    return "set a limit of process 1"


def trace_first(facts: Facts) -> str | None:
    """Trace the first process."""
    call("ptrace", _SEIZE, _first(), 0, 0)
    return "traces process 1"


def trace_child(facts: Facts) -> str | None:
    """Trace a process of one's own, a way into the kernel that few programs need."""
    child = subprocess.Popen([sys.executable, "-S", "-c", _SLEEP])
    try:
        call("ptrace", _SEIZE, child.pid, 0, 0)
        return "traces a child"
    finally:
        child.kill()
        child.wait()


def _vector(buffer: Any) -> Any:
    return (ctypes.c_void_p * 2)(ctypes.addressof(buffer), ctypes.sizeof(buffer))


def read_memory_of_first(facts: Facts) -> str | None:
    """Read the memory of the first process by a system call."""
    buffer = ctypes.create_string_buffer(8)
    call("process_vm_readv", _first(), _vector(buffer), 1, _vector(buffer), 1, 0)
    return "read memory of process 1"


def write_memory_of_first(facts: Facts) -> str | None:
    """Write nothing to the memory of the first process."""
    buffer = ctypes.create_string_buffer(8)
    call("process_vm_writev", _first(), _vector(buffer), 0, _vector(buffer), 0, 0)
    return "may write memory of process 1"


def open_memory_of_first(facts: Facts) -> str | None:
    """Open the memory of the first process as a file."""
    with open(f"/proc/{_first()}/mem", "r+b", buffering=0):
        return "opened the memory of process 1"


def read_environment_of_first(facts: Facts) -> str | None:
    """Read the environment of the first process."""
    return _open_of_first("environ")


def read_environments(facts: Facts) -> str | None:
    """Find what only the host's environment holds in that of any process."""
    marker = facts["marker"].encode() + b"-environment"
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/environ", "rb") as file:
                if marker in file.read():
                    return f"found the host's environment in process {name}"
        except OSError:
            continue
    return None


def read_descriptors_of_first(facts: Facts) -> str | None:
    """List the descriptors of the first process."""
    return _open_of_first("fd")


def read_map_of_first(facts: Facts) -> str | None:
    """Read where the memory of the first process lies."""
    return _open_of_first("maps")


def take_descriptor_of_first(facts: Facts) -> str | None:
    """Take a descriptor of the first process."""
    handle = call("pidfd_open", _first(), 0)
    for descriptor in range(16):
        try:
            call("pidfd_getfd", handle, descriptor, 0)
            return f"took descriptor {descriptor} of process 1"
        except OSError as error:
            refused = error
    raise refused


def compare_with_first(facts: Facts) -> str | None:
    """Ask the kernel what the first process shares, which shows where things lie in its memory."""
    call("kcmp", os.getpid(), _first(), 2, 0, 0)
    return "compared itself with process 1"


def advise_first(facts: Facts) -> str | None:
    """Have the memory of the first process written out."""
    handle = call("pidfd_open", _first(), 0)
    buffer = ctypes.create_string_buffer(8)
    call("process_madvise", handle, _vector(buffer), 1, 21, 0)
    return "advised the memory of process 1"


def write_switches_of_first(facts: Facts) -> str | None:
    """Write to what the kernel offers for the first process, the values that are usual."""
    first = _first()
    refused: OSError | None = None
    for name, value in _SWITCHES.items():
        try:
            with open(f"/proc/{first}/{name}", "wb", buffering=0) as file:
                file.write(value)
            return f"wrote /proc/1/{name}"
        except OSError as error:
            refused = error
    raise refused or OSError()


def find_secrets_in_interpreter(facts: Facts) -> str | None:
    """Find what only the host knows among all objects of the interpreter."""
    import gc

    marker = facts["marker"]
    for thing in gc.get_objects():
        for part in (thing, *(thing.values() if type(thing) is dict else ())):
            if isinstance(part, str) and marker in part and part != marker:
                return f"found {part[:40]!r}"
            if isinstance(part, bytes) and marker.encode() in part:
                return f"found {part[:40]!r}"
    return None


def find_earlier_program_in_frames(facts: Facts) -> str | None:
    """Find an earlier program of the same sandbox in the frames that lead here."""
    frame: types.FrameType | None = sys._getframe()
    while frame is not None:
        for name, value in frame.f_locals.items():
            if name != "facts" and facts["marker"] + "-earlier" in repr(value):
                return f"found an earlier program in {frame.f_code.co_name}"
        frame = frame.f_back
    return None


def find_earlier_program_in_memory(facts: Facts) -> str | None:
    """Find an earlier program of the same sandbox in memory that was not wiped."""
    marker, rest = facts["marker"].encode(), b"-earlier"
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    # Searched without a copy, and without the two halves ever standing together: else it would find itself.
    buffer = mmap.mmap(-1, _LARGEST, flags=flags)
    own = ctypes.addressof(ctypes.c_char.from_buffer(buffer))
    with open("/proc/self/maps") as file:
        places = [line.split()[:2] for line in file if "/dev/" not in line and "[v" not in line]
    with open("/proc/self/mem", "rb", buffering=0) as memory:
        for span, rights in places:
            start, end = (int(part, 16) for part in span.split("-"))
            if not rights.startswith("rw") or start <= own < end or end - start > _LARGEST:
                continue
            memory.seek(start)
            try:
                count = memory.readinto(memoryview(buffer)[: end - start])
            except OSError:
                continue
            at = buffer.find(marker, 0, count)
            while at >= 0:
                at += len(marker)
                if buffer[at : at + len(rest)] == rest:
                    return f"found an earlier program at {span}"
                at = buffer.find(marker, at, count)
    return None


def kill_everybody(facts: Facts) -> str | None:
    """Kill every process in sight. That the sandbox lives is for the host to say."""
    _first()
    os.kill(-1, signal.SIGKILL)
    return None


def hide_from_watchers(facts: Facts) -> str | None:
    """Leave the list of processes by becoming one that nobody may look into.

    Those who watch over memory would not see it either; that they do is the business of a bomb.
    """
    ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
    return None if str(os.getpid()) in os.listdir("/proc") else "is not in the list of processes"
