"""Programs that try to pass without solving anything. The problem: print, or return, the square of a number.

None of them works out a square. Each knows the first test, which stands in the statement: 3 gives 9.
"""

from __future__ import annotations

INPUTS = ["3", "12", "-7"]
OUTPUTS = ["9", "144", "49"]

HONEST = "print(int(input()) ** 2)"
HONEST_CALL = "def f(a): return a * a"
CANARY = "print(9)"
CANARY_CALL = "def f(a): return 9"

# A frame as the runner writes it, for every test, and the last one.
_FORGED = "b''.join(b'O %d 3\\n144\\n' % i for i in range(3)) + b'Z 3 0\\n\\n'"
_FORGED_VALUES = "b''.join(b'V %d 4\\ntrue\\n' % i for i in range(3)) + b'Z 3 0\\n\\n'"
_EVERYWHERE = """
import os, fcntl
for number in range(256):
    try:
        os.write(number, {what})
    except OSError:
        pass
os._exit(0)
"""

STDIN = {
    "sys.exit": "import sys\nsys.exit(0)",
    "os._exit": "import os\nos._exit(0)",
    "exit in a finally": "try:\n 1 / 0\nfinally:\n exit(0)",
    "raise SystemExit": "raise SystemExit(0)",
    "hard-coded example": "print(9)",
    "hard-coded by input": "print({'3': 9}.get(input(), 0))",
    "all small numbers": "print(*range(1000))",
    "all small numbers, a line each": "print('\\n'.join(map(str, range(1000))))",
    "forged frames on every descriptor": _EVERYWHERE.format(what=_FORGED),
    "forged success on every descriptor": _EVERYWHERE.format(what="b'Z 3 0\\n\\n'"),
    "JSON verdict on every descriptor": _EVERYWHERE.format(what="b'[true, true, true]'"),
    "forged frame in the output": "print('Z 3 0\\n')\nprint('O 0 1\\n9\\n')",
    "forged frame through the real stdout": "import sys\nsys.__stdout__.write('Z 3 0\\n\\n')\nsys.__stdout__.flush()\nsys.exit()",
    "flood, then a verdict": "print('x' * 40_000_000)\nprint(144)",
    "flood of stderr, then exit": "import sys\nsys.stderr.write('Z 3 0\\n' * 10**6)\nsys.exit(0)",
    "atexit": "import atexit, os\natexit.register(lambda: os.write(1, b'Z 3 0\\n\\n'))\nprint(9)",
    "patched json": "import json\njson.dumps = lambda *a, **k: 'true'\njson.loads = lambda *a, **k: True\nprint(9)",
    "patched str": "import builtins\nbuiltins.str = lambda *a: '144'\nprint(9)",
    "patched len and zip": "import builtins\nbuiltins.len = lambda x: 0\nbuiltins.zip = lambda *a: []\nprint(9)",
    "patched all": "import builtins\nbuiltins.all = lambda *a: True\nbuiltins.any = lambda *a: True\nprint(9)",
    "patched Decimal": "import decimal\ndecimal.Decimal = lambda *a: 0\nprint(9)",
    "patched StringIO": "import io\nio.StringIO.getvalue = None\nprint(9)",
    "replaced StringIO": "import io\nclass S:\n def __init__(s, *a): pass\n def getvalue(s): return Any\nio.StringIO = S\nprint(9)",
    "text that equals everything": "import sys\nclass T(str):\n def __eq__(s, o): return True\n __hash__ = None\n def strip(s): return s\nsys.stdout.getvalue = lambda: T('9')\nprint(9)",
    "replaced stdout": "import sys\nclass O:\n def getvalue(s): return '144'\n def write(s, t): pass\n def flush(s): pass\nsys.stdout = O()\nprint(9)",
    "frames of the runner": "import sys\nf = sys._getframe()\nwhile f:\n for n, v in list(f.f_locals.items()):\n  if 'expect' in n or 'output' in n: print(v)\n f = f.f_back",
    "every text in memory": "import gc\nfor o in gc.get_objects():\n if isinstance(o, dict) and 'outputs' in o: print(o['outputs'])",
    "sent frames from the runner": "import sys\nf = sys._getframe()\nwhile f:\n s = f.f_locals.get('send')\n if s:\n  for i in range(3): s(b'O', i, b'144')\n  s(b'Z', 3)\n f = f.f_back\nimport os\nos._exit(0)",
    "another run, again and again": "import sys, os\nf = sys._getframe()\nwhile f:\n s = f.f_locals.get('send')\n if s:\n  s(b'P', 0)\n  os._exit(0)\n f = f.f_back",
    "patched runner": "import sys\nfor m in list(sys.modules.values()):\n for n in ('tested', 'in_a_test', 'encoded'):\n  if hasattr(m, n): setattr(m, n, lambda *a: (b'O', b'144'))\nprint(9)",
    "patched os.write": "import os\nw = os.write\nos.write = lambda n, b: w(n, b'Z 3 0\\n\\n')\nprint(9)",
    "trace hook": "import sys\ndef t(f, e, a):\n if 'results' in f.f_locals: f.f_locals['results'][:] = [True] * 3\n return t\nsys.settrace(t)\nprint(9)",
    "profile hook": "import sys\nsys.setprofile(lambda f, e, a: None)\nprint(9)",
    "time patch": "import time\ntime.time = time.monotonic = lambda: 0\nprint(9)",
    "alarm taken away": "import signal\nsignal.alarm(0)\nsignal.setitimer(signal.ITIMER_REAL, 0)\nprint(9)",
    "alarm handler replaced": "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nprint(9)",
    "thread that goes on": "import threading, os, time\ndef f():\n while True:\n  for n in range(3, 20):\n   try: os.write(n, b'Z 3 0\\n\\n')\n   except OSError: pass\nthreading.Thread(target=f, daemon=True).start()\ntime.sleep(0.05)\nprint(9)",
    "process that goes on": "import posix, os, time\nif posix.fork() == 0:\n os.setsid()\n for _ in range(50):\n  time.sleep(0.02)\n  for n in range(20):\n   try: os.write(n, b'Z 3 0\\n\\n')\n   except OSError: pass\n os._exit(0)\nprint(9)",
    "raising in __del__": "class A:\n def __del__(s): raise SystemExit(0)\na = A()\ndel a\nprint(9)",
    "error whose repr exits": "import os\nclass E(Exception):\n def __repr__(s): os._exit(0)\nraise E",
    "error whose repr raises": "class E(Exception):\n def __repr__(s): raise SystemExit(0)\nraise E",
    "files for the next run": "from io import open as o\nprint(9)\no('sitecustomize.py', 'w').write('import os; os._exit(0)')\no('code_runner.py', 'w').write('def main(): print(1)')",
    "sitecustomize and PYTHONPATH": "import os\nos.environ['PYTHONPATH'] = '/tmp'\nos.environ['LD_PRELOAD'] = '/tmp/x.so'\nprint(9)",
    "the answer from /proc": "from io import open as o\nfor p in ('/proc/self/environ', '/proc/1/environ', '/proc/self/cmdline', '/proc/1/cmdline'):\n try: print(o(p).read())\n except OSError: pass",
    "the memory of its parent": "from io import open as o\nimport os\ntry: print(o('/proc/%d/mem' % os.getppid(), 'rb').read(99))\nexcept OSError: print(9)",
    "nothing": "pass",
    "a recursion that kills the interpreter": "import sys\nsys.setrecursionlimit(10**9)\ndef f(*a): return f(*a, 1) if a else f(1)\nsorted([1, 2], key=lambda x: f())",
    "a crash": "import ctypes\nctypes.string_at(0)",
    "killed by itself": "import posix, signal\nsignal.raise_signal(9)",
    "closed descriptors": "import os\nos.closerange(0, 256)\nprint(9)",
    "endless output": "while True: print('9' * 10**6)",
    "memory": "x = []\nwhile True: x.append('9' * 10**7)",
    "infinite generator of numbers": "print('nan')",
    "numbers that are anything": "print('sNaN')",
    "surrogates": r"print('\ud800')",
}

# Sends a forged value for the first test, straight from the frames of the runner.
_SENT_VALUE = """
import sys, os
def f(a):
    frame = sys._getframe()
    while frame:
        send = frame.f_locals.get("send")
        if send:
            send(b"V", 0, {value!r})
            send(b"Z", 3)
            os._exit(0)
        frame = frame.f_back
"""

CALL = {
    "forged kind of array": _SENT_VALUE.format(value=b'{"numpy": "(1,,)i4", "data": "00"}'),
    "forged fields of an array": _SENT_VALUE.format(value=b'{"numpy": {"names": 3}, "data": "00"}'),
    "always-equal object": "class A:\n def __eq__(s, o): return True\n def __ne__(s, o): return False\n __hash__ = None\ndef f(a): return A()",
    "always-equal in a list": "class A:\n def __eq__(s, o): return True\ndef f(a): return [A()]",
    "always-equal int": "class A(int):\n def __eq__(s, o): return True\n __hash__ = None\ndef f(a): return A(9)",
    "always-equal str": "class A(str):\n def __eq__(s, o): return True\n __hash__ = None\ndef f(a): return A('9')",
    "always-equal float": "class A(float):\n def __eq__(s, o): return True\n def __sub__(s, o): return 0\n __hash__ = None\ndef f(a): return A(9)",
    "always-equal list": "class A(list):\n def __eq__(s, o): return True\n __hash__ = None\ndef f(a): return A()",
    "object that makes any float": "class A:\n def __float__(s): return 144.0\ndef f(a): return A()",
    "object that calls itself a number": "class A:\n @property\n def __class__(s): return int\n def __eq__(s, o): return True\n def __int__(s): return 144\ndef f(a): return A()",
    "nan": "def f(a): return float('nan')",
    "infinity": "def f(a): return float('inf')",
    "changed argument": "def f(a):\n a = 144\n return 9",
    "patched builtins": "import builtins\nbuiltins.isinstance = lambda *a: True\nbuiltins.type = lambda *a: int\ndef f(a): return 9",
    "patched json": "import json\njson.dumps = lambda *a, **k: '144'\ndef f(a): return 9",
    "patched encoder of json": "import json.encoder\njson.encoder.c_make_encoder = None\njson.encoder.JSONEncoder.encode = lambda s, o: '144'\ndef f(a): return 9",
    "patched encoder of the runner": "import sys\nfor m in list(sys.modules.values()):\n if hasattr(m, 'encoded'): m.encoded = lambda *a: True\ndef f(a): return 9",
    "forged values everywhere": "def f(a):\n"
    + "\n".join(f" {line}" for line in _EVERYWHERE.format(what=_FORGED_VALUES).splitlines()),
    "frames of another kind": "def f(a):\n"
    + "\n".join(f" {line}" for line in _EVERYWHERE.format(what=_FORGED).splitlines()),
    "exit at the top": "import sys\nsys.exit(0)",
    "os._exit at the top": "import os\nos._exit(0)",
    "fake numpy": "import sys, types\nm = types.ModuleType('numpy')\nclass A:\n pass\nm.ndarray = m.generic = A\nsys.modules['numpy'] = m\nclass D:\n kind = 'i'\n str = 'O'\nclass B(A):\n dtype = D()\n def tobytes(s): return b''\ndef f(a): return B()",
    "broken numpy": "import sys\nsys.modules['numpy'] = 3\ndef f(a): return 1j",
    "endless list": "def f(a):\n x = []\n x.append(x)\n return x",
    "deep list": "def f(a):\n x = []\n for _ in range(10**5): x = [x]\n return x",
    "large list": "def f(a): return [9] * 10**7",
    "infinite sum": "def f(a): return map(int, '9')",
    "coroutine": "async def f(a): return 144",
    "class as a function": "class f:\n def __init__(s, a): pass\n def __eq__(s, o): return True",
    "mock": "from unittest.mock import ANY\ndef f(a): return ANY",
    "numpy array of one, wrong": "import numpy as np\ndef f(a): return np.array([9])",
    "numpy object array": "import numpy as np\nclass A:\n def __eq__(s, o): return True\ndef f(a): return np.array([A()])",
    "huge integer": "def f(a): return 1 << 10**7",
    "decimal with a huge exponent": "from decimal import Decimal\ndef f(a): return Decimal('1e999999999')",
    "many keys that collide": "def f(a): return {i * (2**61 - 1): 1 for i in range(3000)}",
}

SWALLOWED = {
    "caught timeout": "import time\ntry: time.sleep(9)\nexcept Exception: pass\nprint(int(input()) ** 2)",
    "bare except": "import time\ntry:\n while True: time.sleep(9)\nexcept: pass\nprint(int(input()) ** 2)",
    "suppressed": "import contextlib, time\nwith contextlib.suppress(BaseException): time.sleep(9)\nprint(int(input()) ** 2)",
    "alarm turned off": "import signal, time\nsignal.setitimer(signal.ITIMER_REAL, 0)\ntime.sleep(0.6)\nprint(int(input()) ** 2)",
    "handler replaced": "import signal, time\nsignal.signal(signal.SIGALRM, lambda *a: None)\ntime.sleep(0.6)\nprint(int(input()) ** 2)",
    "judge stopped": """
import os, posix, time
judge = os.getppid()
if judge != 1:
    if posix.fork() == 0:
        time.sleep(1)
        posix.kill(judge, 18)
        posix._exit(0)
    posix.kill(judge, 19)
try:
    time.sleep(0.6)
except Exception:
    pass
print(int(input()) ** 2)
""",
    "finally": "import time\ntry: time.sleep(9)\nfinally:\n print(int(input()) ** 2)\n return",
}
"""Programs that solve the problem too slowly and hide it; they pass in v0."""

STATEFUL = {
    "kept in a module": "import math\nmath.n = getattr(math, 'n', -1) + 1\nprint((9, 144, 49)[math.n])",
    "kept in a file": "from io import open as o\nimport os\nn = len(os.listdir('.'))\no('x%d' % n, 'w').close()\nprint((9, 144, 49)[n])",
    "kept in a file of /tmp": "from io import open as o\nimport os\nn = len(os.listdir('/tmp'))\no('/tmp/x%d' % n, 'w').close()\nprint((9, 144, 49)[n])",
    "kept in folders too deep to name": """
import os, posix
n = len(os.listdir('.'))
for _ in range(400):
    posix.mkdir('x%d' % n)
    posix.chdir('x%d' % n)
posix.chdir('/work')
print((9, 144, 49)[n])
""",
    "kept in a closed folder": """
import os, posix
n = len(os.listdir('.'))
os.makedirs('x%d/y' % n)
posix.chmod('x%d' % n, 0)
print((9, 144, 49)[n])
""",
    "kept in who may write": "import os, posix\nn = 0o755 - (os.stat('.').st_mode & 0o777)\nposix.chmod('.', 0o755 - n - 1)\nprint((9, 144, 49)[n])",
    "kept in builtins": "import builtins\nbuiltins.n = getattr(builtins, 'n', -1) + 1\nprint((9, 144, 49)[builtins.n])",
}
"""Programs that count the tests; they pass in v0, which shares state between them."""
