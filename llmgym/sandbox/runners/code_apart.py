"""Runs each test of a program in a process of its own. Standard library only.

The process that starts the tests never runs a line of the program. A test gets its input when the program has been
loaded, so that no test sees the input of another; it is killed at the deadline, with all that it started, and the
files that it wrote are removed.
"""

import contextlib
import ctypes
import os
import select
import signal
import socket
import stat
import struct
import time

if __package__:
    from . import code_program
else:
    import code_program  # type: ignore[import-not-found,no-redef]


_SET_DUMPABLE, _SET_CHILD_SUBREAPER = 4, 36
_libc = ctypes.CDLL(None)
_SIZE = struct.Struct("!Q")
_FOLDERS = ("/tmp", "/dev/shm", "/testbed")
_modes: dict[str, int] = {}
"""Folders that are emptied after each test, and who may write to them, which a test may have changed."""
_TOO_LATE = code_program.Failed(-3, "TimeoutException()", "Time Limit Exceeded")


def keep_to_ourselves(alone):
    """Hide this process from its children, and become the parent of what they leave behind.

    Args:
        alone: Whether nobody else works in the folders that a test may write to, or has processes here.
    """
    _libc.prctl(_SET_DUMPABLE, 0, 0, 0, 0)
    _libc.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for folder in (os.getcwd(), *_FOLDERS) if alone else (os.getcwd(),):
        _modes[folder] = stat.S_IMODE(os.stat(folder).st_mode)


def run_one(request, code, program, read_input, channel):
    """Run one test in a new process.

    Args:
        request: What was asked for.
        code: The program as text.
        program: The program, compiled.
        read_input: Returns the input of the test; ``None`` to load the program only.
        channel: Descriptor that the test must not have.

    Returns:
        Kind and content of a frame; ``N`` when the test ended without a word.
    """
    ours, its = socket.socketpair()
    child = os.fork()
    if child == 0:
        try:
            ours.close()
            os.close(channel)
            _be_the_test(request, code, program, its)
        finally:
            os._exit(0)
    its.close()
    try:
        return _talk(ours, read_input, request["timeout"])
    finally:
        ours.close()
        _end(child, request["alone"])


def _talk(ours, read_input, seconds):
    deadline = time.monotonic() + seconds
    said = _received(ours, 1, deadline)
    if said is None:
        return b"X", code_program.before_the_tests(
            TimeoutError("the program took too long to load")
        ).payload()
    if said != b"R":
        content = _message(ours, deadline) if said == b"X" else None
        return (b"X", content[1:]) if content else (b"N", b"")
    if read_input is None:
        return b"Z", b""
    text = read_input()
    deadline = time.monotonic() + seconds
    _give(ours, _SIZE.pack(len(text)) + text, deadline)
    kind = _received(ours, 1, deadline)
    content = _message(ours, deadline) if kind else b""
    if kind is None or content is None:
        return b"E", _TOO_LATE.payload()
    return (kind, content[1:]) if kind in (b"O", b"V", b"L", b"E", b"X") and content else (b"N", b"")


def _be_the_test(request, code, program, its):
    """Load the program, ask for the input, run the test, tell what it gave."""
    mode = request["mode"]
    code_program.look_nowhere()
    code_program.guard()
    _libc.prctl(_SET_DUMPABLE, 1, 0, 0, 0)
    try:
        function = code_program.loaded(mode, request["fn_name"], code, program)
    except Exception as error:
        _tell(its, b"X", code_program.before_the_tests(error).payload())
        return
    its.sendall(b"R")
    text = _exactly(its, *_SIZE.unpack(_exactly(its, _SIZE.size))).decode("utf-8", "surrogatepass")
    try:
        kind, content = code_program.tested(
            mode, function, text if mode == "stdin" else code_program.arguments(text)
        )
    except code_program.Failed as failure:
        kind, content = b"X", failure.payload()
    except Exception as error:
        kind, content = b"E", code_program.in_a_test(error).payload()
    _tell(its, kind, content)


def _tell(its, kind, content):
    # The mark makes an empty content differ from none.
    its.sendall(kind + _SIZE.pack(len(content) + 1) + b"+" + content)


def _exactly(its, size):
    content = bytearray()
    while len(content) < size:
        part = its.recv(min(size - len(content), 1 << 20))
        if not part:
            raise EOFError
        content += part
    return bytes(content)


def _message(ours, deadline):
    """Return a message with its mark; ``None`` when it is late, nothing when it is cut off or absurd."""
    header = _received(ours, _SIZE.size, deadline)
    if header is None or len(header) < _SIZE.size:
        return header and b""
    (size,) = _SIZE.unpack(header)
    if not 1 <= size <= code_program.LARGEST_OUTPUT + 1:
        return b""
    content = _received(ours, size, deadline)
    return content if content is None or len(content) == size else b""


def _received(ours, size, deadline):
    """Return that many bytes, fewer when the other end is closed, or ``None`` when they are late."""
    content, poll = bytearray(), select.poll()
    poll.register(ours.fileno(), select.POLLIN)
    while len(content) < size:
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            return None
        try:
            part = ours.recv(min(size - len(content), 1 << 20))
        except ConnectionError:
            part = b""
        if not part:
            break
        content += part
    # A test may have stopped this process for a while.
    return bytes(content) if time.monotonic() <= deadline else None


def _give(ours, content, deadline):
    """Send an input; a program that does not take it gets none."""
    poll, rest = select.poll(), memoryview(content)
    poll.register(ours.fileno(), select.POLLOUT)
    ours.setblocking(False)
    while rest:
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            break
        try:
            rest = rest[ours.send(rest) :]
        except BlockingIOError:
            continue
        except OSError:
            break
    ours.setblocking(True)


def _end(child, alone):
    """Kill a test and everything that it started, and remove the files it wrote."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while _has_children():
        if alone:
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
        else:
            for orphan in _children():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(orphan, signal.SIGKILL)
    for folder, mode in _modes.items():
        os.chmod(folder, mode)
        _empty(folder)


def _has_children():
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _children():
    mine = os.getpid()
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                parent = int(file.read().rpartition(b")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        if parent == mine:
            yield int(name)


def _empty(folder):
    """Remove what is in a folder. It may be nested deeper than any path can name, so folders inside are moved up first."""
    while entries := _entries(folder):
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                os.unlink(entry.path)
                continue
            os.chmod(entry.path, 0o700)
            for inner in _entries(entry.path):
                if inner.is_dir(follow_symlinks=False):
                    os.chmod(inner.path, 0o700)
                    os.rename(inner.path, os.path.join(folder, os.urandom(16).hex()))
                else:
                    os.unlink(inner.path)
            os.rmdir(entry.path)


def _entries(folder):
    with os.scandir(folder) as entries:
        return list(entries)
