"""The kernel's switches, stores and rarely used entrances. Standard library only."""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import platform
import signal
import struct
import time
from typing import Any

from .calls import NotApplicable, allowed, call

Facts = dict[str, Any]
_PROCESS_KEYRING = -2
_TIME = struct.Struct("<qq")


def _rewrite(path: str) -> str | None:
    """Open a switch of the kernel, and write the value that it has."""
    with open(path, "rb", buffering=0) as file:
        value = file.read(4096)
    with open(path, "wb", buffering=0) as file:
        file.write(value)
    return f"wrote {path}"


def _open_for_writing(path: str) -> str | None:
    os.close(os.open(path, os.O_WRONLY))
    return f"opened {path} for writing"


def _open_for_reading(*paths: str) -> str | None:
    refused: OSError | None = None
    for path in paths:
        try:
            os.close(os.open(path, os.O_RDONLY))
            return f"opened {path}"
        except OSError as error:
            refused = error
    raise refused or OSError()


def write_sysctl(facts: Facts) -> str | None:
    """Write a switch of the kernel, the value that it has."""
    return _rewrite("/proc/sys/fs/lease-break-time")


def write_core_pattern(facts: Facts) -> str | None:
    """Name the program that the kernel runs as root when a process crashes; open it only."""
    return _open_for_writing("/proc/sys/kernel/core_pattern")


def write_modprobe(facts: Facts) -> str | None:
    """Name the program that the kernel runs as root to load a module; open it only."""
    return _open_for_writing("/proc/sys/kernel/modprobe")


def write_sysrq(facts: Facts) -> str | None:
    """Open the switch that restarts the machine."""
    return _open_for_writing("/proc/sysrq-trigger")


def read_kernel_memory(facts: Facts) -> str | None:
    """Read the kernel's memory."""
    return _open_for_reading("/proc/kcore", "/dev/mem", "/dev/kmem", "/dev/port", "/proc/kallsyms")


def read_kernel_log(facts: Facts) -> str | None:
    """Read the kernel's log as a file."""
    return _open_for_reading("/dev/kmsg", "/proc/kmsg")


def call_kernel_log(facts: Facts) -> str | None:
    """Read the kernel's log by a system call."""
    return f"the kernel's log has {call('syslog', 10, None, 0)} bytes"


def read_sys(facts: Facts) -> str | None:
    """Read about the machine's devices."""
    return f"listed /sys: {os.listdir('/sys')[:4]}" if os.listdir("/sys") else None


def open_disks(facts: Facts) -> str | None:
    """Open the machine's disks and other devices."""
    names = (
        "/dev/vda",
        "/dev/sda",
        "/dev/nvme0n1",
        "/dev/loop-control",
        "/dev/fuse",
        "/dev/kvm",
        "/dev/net/tun",
    )
    return _open_for_reading(*names, "/dev/userfaultfd", "/dev/vsock", "/dev/vhost-vsock")


def add_key(facts: Facts) -> str | None:
    """Put something into the kernel's keyring."""
    key = call("add_key", b"user", b"llmgym-probe", b"x", 1, _PROCESS_KEYRING)
    return f"added key {key}"


def request_key(facts: Facts) -> str | None:
    """Have the kernel look for a key, which may start a program of the host."""
    return allowed("request_key", b"user", b"llmgym-no-such-key", None, 0)


def keyring(facts: Facts) -> str | None:
    """Read which keyring a session has."""
    return f"has keyring {call('keyctl', 0, -3, 0)}"


def io_uring(facts: Facts) -> str | None:
    """Open a ring by which system calls pass a filter."""
    parameters = ctypes.create_string_buffer(120)
    os.close(call("io_uring_setup", 1, parameters))
    return "opened a ring"


def old_rings(facts: Facts) -> str | None:
    """Take one of the machine's few rings of the older kind."""
    context = ctypes.c_uint64()
    call("io_setup", 1, ctypes.byref(context))
    return "opened a ring"


def bpf(facts: Facts) -> str | None:
    """Make a map for programs in the kernel."""
    attributes = (ctypes.c_uint32 * 18)(2, 4, 4, 1)
    os.close(call("bpf", 0, attributes, ctypes.sizeof(attributes)))
    return "made a map for programs in the kernel"


def perf(facts: Facts) -> str | None:
    """Measure a process through the processor's counters."""
    attributes = (ctypes.c_uint32 * 32)(1, 128, 0)
    attributes[10] = 0x60
    os.close(call("perf_event_open", attributes, 0, -1, -1, 0))
    return "opened a counter"


def userfaultfd(facts: Facts) -> str | None:
    """Handle the kernel's page faults, which makes faults in the kernel easy to exploit."""
    os.close(call("userfaultfd", 1))
    return "handles page faults"


def kexec(facts: Facts) -> str | None:
    """Load another kernel: none."""
    return allowed("kexec_load", 0, 0, None, 1 << 30)


def load_module(facts: Facts) -> str | None:
    """Load a module into the kernel: none."""
    return allowed("init_module", None, 0, b"")


def load_module_file(facts: Facts) -> str | None:
    """Load a module into the kernel from a file that is none."""
    return allowed("finit_module", -1, b"", 0)


def reboot(facts: Facts) -> str | None:
    """Restart the machine, with the wrong magic number."""
    return allowed("reboot", 0, 0, 0, None)


def swap(facts: Facts) -> str | None:
    """Swap to a file that does not exist."""
    return allowed("swapon", b"/nowhere", 0)


def account(facts: Facts) -> str | None:
    """Write the log of processes to a file that does not exist."""
    return allowed("acct", b"/nowhere/file")


def ports(facts: Facts) -> str | None:
    """Talk to the machine's ports: none of them."""
    return allowed("ioperm", 0, 0, 0)


def privilege_level(facts: Facts) -> str | None:
    """Raise the privilege level for ports to what it is."""
    return allowed("iopl", 0)


def segments(facts: Facts) -> str | None:
    """Read the table of segments, an entrance with a history of faults."""
    buffer = ctypes.create_string_buffer(64)
    call("modify_ldt", 0, buffer, 64)
    return "read the table of segments"


def set_clock(facts: Facts) -> str | None:
    """Set the machine's clock to what it shows."""
    now = time.time_ns()
    call("clock_settime", 0, ctypes.create_string_buffer(_TIME.pack(now // 10**9, now % 10**9)))
    return "set the clock"


def adjust_clock(facts: Facts) -> str | None:
    """Read how the clock is adjusted."""
    call("clock_adjtime", 0, ctypes.create_string_buffer(208))
    return "may ask to adjust the clock"


def set_host_name(facts: Facts) -> str | None:
    """Set the host name to what it is."""
    name = os.uname().nodename.encode()
    call("sethostname", name, len(name))
    return "set the host name"


def set_domain_name(facts: Facts) -> str | None:
    """Set the domain name to the one that an unnamed machine has."""
    return allowed("setdomainname", b"(none)", 1 << 20)


def change_personality(facts: Facts) -> str | None:
    """Switch off random addresses."""
    call("personality", 0x0040000)
    return "switched off random addresses"


def memory_file(facts: Facts) -> str | None:
    """Make a file in memory that no folder's limit counts."""
    os.close(call("memfd_create", b"probe", 0))
    return "made a file in memory"


def secret_memory(facts: Facts) -> str | None:
    """Make memory that even the kernel cannot see."""
    os.close(call("memfd_secret", 0))
    return "made secret memory"


def shared_memory(facts: Facts) -> str | None:
    """Make shared memory without a file, which stays when a part of it is unmapped."""
    mmap.mmap(-1, 4096).close()
    return "made shared memory"


def map_zeros(facts: Facts) -> str | None:
    """The same through the device of zeros."""
    descriptor = os.open("/dev/zero", os.O_RDWR)
    mmap.mmap(descriptor, 4096).close()
    return "mapped /dev/zero"


def swap_itself_out(facts: Facts) -> str | None:
    """Have one's memory swapped out, where nobody counts it."""
    if platform.system() != "Linux" or not hasattr(mmap.mmap, "madvise"):
        raise NotApplicable("memory cannot be advised")
    with mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as pages:
        pages.madvise(21)
    return "had its memory swapped out"


def huge_pages(facts: Facts) -> str | None:
    """Take the machine's huge pages, which are not counted as a process's memory."""
    try:
        mmap.mmap(-1, 2 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40000).close()
    except OSError as error:
        if error.errno == errno.ENOMEM:
            raise NotApplicable("the machine has no huge pages") from None
        raise
    return "took a huge page"


def system_v_memory(facts: Facts) -> str | None:
    """Make a segment of System V memory."""
    made = call("shmget", 0, 4096, 0o1600)
    call("shmctl", made, 0, None)
    return f"made segment {made}"


def system_v_semaphores(facts: Facts) -> str | None:
    """Make System V semaphores."""
    made = call("semget", 0, 1, 0o1600)
    call("semctl", made, 0, 0)
    return f"made semaphores {made}"


def system_v_messages(facts: Facts) -> str | None:
    """Make a System V queue."""
    made = call("msgget", 0, 0o1600)
    call("msgctl", made, 0, None)
    return f"made queue {made}"


def posix_messages(facts: Facts) -> str | None:
    """Make a POSIX queue."""
    os.close(call("mq_open", b"llmgym-probe", os.O_RDWR | os.O_CREAT, 0o600, None))
    call("mq_unlink", b"llmgym-probe")
    return "made a queue"


def x32_calls(facts: Facts) -> str | None:
    """Pass the filter by the numbers of a sister architecture."""
    if platform.machine() != "x86_64":
        raise NotApplicable("there is no x32 on this processor")
    libc = ctypes.CDLL(None, use_errno=True)
    # 39 is getpid.
    return "made an x32 call" if libc.syscall(ctypes.c_long(39 | 0x40000000)) == os.getpid() else None


def i386_calls(facts: Facts) -> str | None:
    """Pass the filter by the calls of a 32-bit program."""
    if platform.machine() != "x86_64":
        raise NotApplicable("there is no i386 on this processor")
    rights = mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
    page = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=rights)
    # push rbx; mov eax, 20 (getpid); int 0x80; pop rbx; ret
    page.write(bytes.fromhex("53 b8 14 00 00 00 cd 80 5b c3"))
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    made = ctypes.CFUNCTYPE(ctypes.c_int)(address)()
    return "made an i386 call" if made == os.getpid() else None


def core_dump(facts: Facts) -> str | None:
    """Leave a core file, which the host's program for crashes might take."""
    child = os.fork()
    if child == 0:
        os.kill(os.getpid(), signal.SIGSEGV)
        time.sleep(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return "left a core file" if os.WCOREDUMP(status) else None


def type_into_terminal(facts: Facts) -> str | None:
    """Type into the terminal from which the host was started."""
    import fcntl

    descriptor = os.open("/dev/tty", os.O_RDWR)
    fcntl.ioctl(descriptor, 0x5412, b"\0")
    return "typed into a terminal"
