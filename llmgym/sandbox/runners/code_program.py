"""The program under test: how it is compiled, loaded and called, and what it finds around it. Standard library only."""

import ast
import builtins
import faulthandler
import io
import json
import os
import shutil
import subprocess
import sys
from types import ModuleType

if __package__:
    from . import code_encoding
else:
    import code_encoding  # type: ignore[import-not-found,no-redef]

LARGEST_OUTPUT = 16 << 20
"""Most bytes of the output of one test; what is longer is not sent."""

LARGEST_VALUE = 2 << 20
"""Most bytes of an encoded value."""

_STARRED = "string re datetime collections heapq bisect copy math random statistics itertools functools operator io sys json"
_PRELUDE = "".join(f"from {name} import *\n" for name in [*_STARRED.split(), "builtins", "typing"]) + "".join(
    f"import {name}\n" for name in _STARRED.split()
)
_MODULE = ModuleType("tmp_sol", "")
"""The module in which the program will run. What stands before every program, in the public checker, is there already."""
exec(_PRELUDE, _MODULE.__dict__)
_CHANGED = {sys: "stdin stdout stderr argv", builtins: "exit quit help"}
"""Names among them that mean something else by the time the program runs."""

_GUARDED = {
    os: "kill system putenv remove removedirs rmdir fchdir setuid fork forkpty killpg rename renames truncate replace "
    "unlink fchmod fchown chmod chown chroot lchflags lchmod lchown getcwd chdir",
    shutil: "rmtree move chown",
    subprocess: "Popen",
    builtins: "quit help",
}
_HIDDEN_MODULES = ("ipdb", "joblib", "resource", "psutil", "tkinter")

# Kept, because a program may replace it.
_loads, _dumps = json.loads, json.dumps


class Failed(Exception):
    """A test, or what comes before the tests, failed.

    Args:
        code: -1 for tests that cannot be read, -3 for a timeout, -4 for an error.
        error: What was raised.
        message: The public words for it.
    """

    def __init__(self, code, error, message):
        super().__init__(code)
        self.code, self.error, self.message = code, error, message

    def payload(self):
        """Return the failure as JSON."""
        error, message = _shortened(self.error), _shortened(self.message)
        return _dumps({"error_code": self.code, "error": error, "error_message": message}).encode()


def before_the_tests(error):
    """Return the failure for what was raised before the first test."""
    return Failed(-4, repr(error), f"Error during testing: {error}")


def in_a_test(error):
    """Return the failure for what was raised in a test. The public checker knows a timeout by its name."""
    told = repr(error)
    if "timeoutexception" in told.lower():
        return Failed(-3, told, "Time Limit Exceeded")
    return Failed(-4, told, "Runtime Error")


def _shortened(text, length=300):
    return text if len(text) <= length else text[: length // 2] + "...(truncated) ..." + text[-length // 2 :]


class InputBuffer:
    """The bytes of standard input, as far as the public checker offers them."""

    def __init__(self, text):
        self._bytes = text.encode("utf-8")

    def read(self, *args):
        """Return everything, each time."""
        return self._bytes

    def readline(self, *args):
        """Return the first line, each time."""
        return self._bytes.split(b"\n")[0] + b"\n"


class Input:
    """Standard input of a test: lines come one by one, but :meth:`read` and :meth:`readlines` give everything."""

    def __init__(self, text):
        self._text, self._lines, self.buffer = text, io.StringIO(text), InputBuffer(text)

    def read(self, *args):
        """Return the whole text, also after lines were read."""
        return self._text

    def readline(self, *args):
        """Return the next line."""
        return self._lines.readline(*args)

    def readlines(self, *args):
        """Return the parts between newlines, with an empty one at the end."""
        return self._text.split("\n")

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._lines)

    def __getattr__(self, name):
        return getattr(self._lines, name)


class Opened:
    """Takes the place of the built-in ``open`` during a test: every file holds the input."""

    def __init__(self, text):
        self._text, self._open = text, None

    def __call__(self, *args, **kwargs):
        """Return a file that is none."""
        if self._open is None:
            from unittest.mock import mock_open

            self._open = mock_open(read_data=self._text)
        return self._open(*args, **kwargs)


class Leave:
    """``exit``, where the interpreter was started without it."""

    def __call__(self, code=None):
        """End the program."""
        try:
            sys.stdin.close()
        finally:
            raise SystemExit(code)


def compiled(mode, code):
    """Return a program, compiled for its mode: ``stdin`` or ``call``."""
    # What comes first keeps "from __future__" from being the beginning of the file, where the prelude would stand.
    return _translated(code) if mode == "stdin" else compile("0\n" + code, "<string>", "exec")


def _translated(code):
    """Return a program for standard input as a module with one function.

    Imports stay at the top; everything else goes into the function. A last ``if __name__ == '__main__'`` gives way to
    its body. Text that cannot be parsed is compiled as it is, which raises.
    """
    try:
        body = ast.parse(code).body
        if body and isinstance(body[-1], ast.If):
            if ast.unparse(body[-1].test).strip() == "__name__ == '__main__'":
                body = body[:-1] + body[-1].body
    except Exception:
        return compile(code, "<string>", "exec")
    imports = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    rest = [node for node in body if not isinstance(node, ast.Import | ast.ImportFrom)]
    module = ast.parse("0\ndef wrapped_function(): pass")
    first, function = module.body
    function.body = rest  # type: ignore[attr-defined]
    module.body = [first, *imports, function]
    return compile(module, "<string>", "exec")


def loaded(mode, name, code, program):
    """Run the top level of a program and return what the tests call. To be used once."""
    for owner, names in _CHANGED.items():
        for each in names.split():
            setattr(_MODULE, each, getattr(owner, each))
    sys.setrecursionlimit(50000)
    exec(program, _MODULE.__dict__)
    if mode == "stdin":
        return _MODULE.wrapped_function
    return getattr(_MODULE.Solution() if "class Solution" in code else _MODULE, name)


def tested(mode, function, test):
    """Run one test and return the kind and the content of its frame.

    Args:
        mode: ``stdin`` or ``call``.
        function: What :func:`loaded` returned.
        test: The text for standard input, or the arguments.
    """
    if mode == "stdin":
        content = _printed(function, test).encode("utf-8", "surrogatepass")
        return (b"O", content) if len(content) <= LARGEST_OUTPUT else (b"L", b"")
    content = _dumps(code_encoding.encoded(function(*test))).encode()
    return (b"V", content) if len(content) <= LARGEST_VALUE else (b"L", b"")


def _printed(function, text):
    real_input, real_output, real_open = sys.stdin, sys.stdout, builtins.open
    captured = io.StringIO()
    captured.close = lambda: None  # type: ignore[method-assign]
    sys.stdin, sys.stdout, builtins.open = Input(text), captured, Opened(text)
    try:
        function()
    except SystemExit:
        # A program may end itself; what it has printed counts.
        return captured.getvalue()
    finally:
        sys.stdin, sys.stdout, builtins.open = real_input, real_output, real_open
    return captured.getvalue()


def arguments(text):
    """Return the arguments of a call: each line is one, in JSON.

    Raises:
        Failed: When a line is not JSON.
    """
    try:
        return [_loads(line) for line in text.split("\n")]
    except ValueError as error:
        raise Failed(-1, repr(error), "The arguments of a test are not JSON") from None


def look_nowhere():
    """Point the standard streams at nothing."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nowhere, number)
    os.close(nowhere)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = io.TextIOWrapper(open(number, "wb" if number else "rb", closefd=False), "utf-8")
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def guard():
    """Take away what the public checker takes away."""
    faulthandler.disable()
    builtins.exit = Leave()  # type: ignore[assignment]
    os.environ["OMP_NUM_THREADS"] = "1"
    for owner, names in _GUARDED.items():
        for name in names.split():
            setattr(owner, name, None)
    for name in _HIDDEN_MODULES:
        sys.modules[name] = None  # type: ignore[assignment]
