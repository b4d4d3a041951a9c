"""Programs and what the public checker says about them: rule, program, inputs, outputs, function, result."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    rule: str
    code: str
    inputs: list[str]
    outputs: list[str]
    result: list[bool | int]
    fn_name: str | None = None
    timeout: float = 5.0


def io(rule, code, given, expected, *result, timeout=5.0):
    """A program that prints, with one test or several."""
    inputs = [given] if isinstance(given, str) else given
    outputs = [expected] if isinstance(expected, str) else expected
    return Case(rule, code, inputs, outputs, list(result) or [True] * len(inputs), None, timeout)


def call(rule, code, given, expected, *result, name="f", timeout=5.0):
    """A function `f`, with one test or several."""
    inputs = [given] if isinstance(given, str) else given
    outputs = [expected] if isinstance(expected, str) else expected
    return Case(rule, code, inputs, outputs, list(result) or [True] * len(inputs), name, timeout)


ECHO = "print(input())"

STDIN = [
    io("a right answer passes", "print(int(input()) + 1)", "1\n", "2\n"),
    io("each test has its own input", "print(int(input()) + 1)", ["1\n", "5\n"], ["2\n", "6"]),
    io("a wrong answer is -2", "print(3)", "1\n", "2\n", -2),
    io("the first failure ends it", "print(3)", ["", "", ""], ["3", "4", "3"], True, -2),
    io("surplus inputs are ignored", "print(3)", ["", ""], ["3"], True),
    io("surplus outputs are ignored", "print(3)", [""], ["3", "4"], True),
    io("no tests pass for a program that compiles", "print(1)", [], []),
    io("no tests do not pass with a syntax error", "print(", [], [], -4),
    io("an exception is -4", "1 / 0", "", "", -4),
    io("a syntax error is -4", "print(1", "", "1", -4),
    io("an exception after the right output is -4", "print(1)\nraise ValueError", "", "1", -4),
    io("a slow test is -3", "while True: pass", "", "", -3, timeout=1),
    io("sleeping is slow too", "import time\ntime.sleep(9)", "", "", -3, timeout=1),
    io(
        "an exception of that name is a timeout",
        "class TimeoutException(Exception): pass\nraise TimeoutException",
        "",
        "",
        -3,
    ),
    io(
        "a timeout may be caught",
        "import time\ntry: time.sleep(9)\nexcept Exception: print(7)",
        "",
        "7",
        timeout=1,
    ),
    io(
        "also by a bare except, and go on",
        "import time\ntry:\n while True: time.sleep(9)\nexcept: pass\nprint(7)",
        "",
        "7",
        timeout=1,
    ),
    io("sys.exit is a success", "import sys\nprint(1)\nsys.exit()\nprint(2)", "", "1"),
    io("also with a status", "import sys\nprint(1)\nsys.exit(3)", "", "1"),
    io("exit is a success", "print(1)\nexit(0)", "", "1"),
    io("quit fails", "print(1)\nquit()", "", "1", -4),
    io("raise SystemExit is a success", "print(1)\nraise SystemExit", "", "1"),
    io("exit with the wrong output is a wrong answer", "import sys\nsys.exit(0)", "", "1", -2),
    io("os._exit gives no result at all", "import os\nprint(1)\nos._exit(0)", ["", ""], ["1", "1"], -1, -1),
    io(
        "also after a test that passed",
        "import os\nif input() == 'b': os._exit(0)\nprint(1)",
        ["a", "b"],
        ["1", "1"],
        -1,
        -1,
    ),
    io("KeyboardInterrupt gives no result", "raise KeyboardInterrupt", "", "1", -1),
    io(
        "the main block at the end runs",
        "def main(): print(1)\nif __name__ == '__main__':\n    main()",
        "",
        "1",
    ),
    io("with any quotes", 'if __name__ == "__main__": print(1)', "", "1"),
    io("its else does not", "if __name__ == '__main__':\n print(1)\nelse:\n print(2)", "", "1"),
    io("a main block that is not last never runs", "if __name__ == '__main__': print(2)\nprint(1)", "", "1"),
    io("the name of the module is tmp_sol", "print(__name__)", "", "tmp_sol"),
    io(
        "the main test the other way round is no main block",
        "if '__main__' == __name__: print(1)\n",
        "",
        "1",
        -2,
    ),
    io(
        "global does not reach top-level names",
        "x = 1\ndef f():\n global x\n x += 1\nf()\nprint(x)",
        "",
        "2",
        -4,
    ),
    io("nonlocal does", "x = 1\ndef f():\n nonlocal x\n x += 1\nf()\nprint(x)", "", "2"),
    io("from __future__ is a syntax error", "from __future__ import annotations\nprint(1)", "", "1", -4),
    io("return at the top level ends the program", "print(1)\nreturn\nprint(2)", "", "1"),
    io("a top-level yield makes nothing run", "print(1)\nyield", "", "1", -2),
    io("a class may be used", "class A:\n def f(self): return 4\nprint(A().f())", "", "4"),
    io("recursive functions work", "def f(n): return n and n + f(n - 1)\nprint(f(9000))", "", "40504500"),
    io(
        "recursion may be deep in C too",
        "from functools import lru_cache\n@lru_cache(None)\ndef f(n): return n and 1 + f(n - 1)\nprint(f(20000))",
        "",
        "20000",
    ),
    io("endless recursion is an error", "def f(): return f()\nf()", "", "", -4),
    io(
        "modules are there without import",
        "print(math.gcd(4, 6), Counter('aab')['a'], heappop([1]), inf > 0)",
        "",
        "2 2 1 True",
    ),
    io("typing is there too", "def f(x: List[Optional[int]]) -> int: return 1\nprint(f([]))", "", "1"),
    io("numpy may be imported", "import numpy as np\nprint(np.arange(4).sum())", "", "6"),
    io("numbers may have 50,000 digits", "print(len(str(10 ** 49000)))", "", "49001"),
    io("but no more", "print(len(str(10 ** 51000)))", "", "51001", -4),
    io("input reads lines", "print(input(), input())", "a\nb\n", "a b"),
    io("input at the end is an error", "input()\ninput()", "a\n", "", -4),
    io(
        "readline keeps the newline and ends empty",
        "import sys\nprint(repr(sys.stdin.readline()), repr(sys.stdin.readline()))",
        "a\n",
        r"'a\n' ''",
    ),
    io("iteration gives lines", "import sys\nprint(sum(1 for _ in sys.stdin))", "a\nb\nc", "3"),
    io("read gives everything", "import sys\nprint(len(sys.stdin.read()))", "a\nbc\n", "5"),
    io(
        "read gives everything, also after a line",
        "import sys\ninput()\nprint(len(sys.stdin.read()))",
        "a\nbc\n",
        "5",
    ),
    io("read ignores its size", "import sys\nprint(len(sys.stdin.read(2)))", "a\nbc\n", "5"),
    io(
        "readlines splits, with an empty last one",
        "import sys\nprint(sys.stdin.readlines())",
        "a\nb\n",
        "['a', 'b', '']",
    ),
    io("buffer.read gives all bytes", "import sys\nprint(sys.stdin.buffer.read())", "a\nb", r"b'a\nb'"),
    io(
        "buffer.readline gives the first line for ever",
        "import sys\nr = sys.stdin.buffer.readline\nprint(r(), r())",
        "a\nb\n",
        r"b'a\n' b'a\n'",
    ),
    io("buffer is not iterable", "import sys\nfor line in sys.stdin.buffer: pass", "a\n", "", -4),
    io("stdout has no buffer", "import sys\nsys.stdout.buffer.write(b'1')", "", "1", -4),
    io("sys.stdout.write works", "import sys\nsys.stdout.write('1')\nsys.stdout.flush()", "", "1"),
    io("os.write to 1 is not captured", "import os\nos.write(1, b'1')", "", "1", -2),
    io("sys.__stdout__ is not captured", "import sys\nprint(1, file=sys.__stdout__)", "", "1", -2),
    io("stderr is not captured", "import sys\nprint(2, file=sys.stderr)\nprint(1)", "", "1"),
    io("open(0) is the real one", "print(repr(open(0).read()))", "abc", "''"),
    io("builtins.open holds the input", "import builtins\nprint(builtins.open('x').read())", "abc", "abc"),
    io("os.read(0) gives nothing", "import os\nprint(os.read(0, 9))", "abc", "b''"),
    io(
        "a name imported from sys is the real stream",
        "from sys import stdin\nprint(repr(stdin.readline()))",
        "abc",
        "''",
    ),
    io("os.system is None", "import os\nos.system('true')", "", "", -4),
    io("os.getcwd is None", "import os\nos.getcwd()", "", "", -4),
    io("subprocess.Popen is None", "import subprocess\nsubprocess.run(['true'])", "", "", -4),
    io("help is None", "help()", "", "", -4),
    io("resource cannot be imported", "import resource\nprint(1)", "", "1", -4),
    io("too much memory is an error", "x = bytearray(1 << 40)", "", "", -4),
    io(
        "state stays from test to test",
        "import math\nmath.n = getattr(math, 'n', 0) + 1\nprint(math.n)",
        ["", ""],
        ["1", "2"],
    ),
    io("an empty function body is an error", "import math", "", "", -4),
    io("a null character is an error", "print(1)\0", "", "1", -4),
    io("a type of its own may be printed", "class A:\n def __repr__(self): return '4'\nprint(A())", "", "4"),
]

OUTPUT = [
    io("blanks around the output do not count", "print('  1 \\n\\n')", "", "1"),
    io("blanks around a line do not count", "print(' 1 \\n 2')", "", "1\n2"),
    io("blanks around the expected output do not count", "print(1)", "", "\n 1 \n"),
    io("a missing line does", "print(1)", "", "1\n2", -2),
    io("an empty line in the middle does", "print('1\\n\\n2')", "", "1\n2", -2),
    io("1.0 equals 1", "print(1.0)", "", "1"),
    io("1e3 equals 1000", "print('1e3')", "", "1000"),
    io("numbers are exact", "print(0.1 + 0.2)", "", "0.3", -2),
    io("blanks between numbers do not count", "print('1   2')", "", "1 2"),
    io("blanks between words do", "print('a   b')", "", "a b", -2),
    io("upper case does", "print('Yes')", "", "YES", -2),
    io("a line of words and numbers is text", "print('a 1.0')", "", "a 1", -2),
    io("another count of numbers is wrong", "print('1 2')", "", "1 2 3", -2),
    io("nan equals itself as text", "print('nan')", "", "nan"),
    io("but not another nan", "print('nan')", "", "NaN", -2),
    io("a signalling nan is an error", "print('sNaN')", "", "1", -4),
    io("infinity is a number", "print('inf')", "", "Infinity"),
    io("-0 equals 0", "print('-0')", "", "0"),
    io("huge exponents are compared at once", "print('1e999999999')", "", "10e999999998"),
    io("and differ", "print('1e999999999')", "", "1e999999998", -2),
    io("digits of other scripts are numbers", "print('\u0663')", "", "3"),
    io("underlines are allowed in numbers", "print('1_000')", "", "1000"),
    io("no output equals an empty one", "pass", "", ""),
    io("no output is no answer", "pass", "", "0", -2),
    io("carriage returns are blanks", "print('1\\r\\n2\\r')", "", "1\n2"),
]

CALL = [
    call("a function is called", "def f(a): return a + 1", "1", "2"),
    call("each line is an argument", "def f(a, b): return a * b", '3\n"x"', '"xxx"'),
    call("a method of Solution is called", "class Solution:\n def f(self, a): return a + 1", "1", "2"),
    call(
        "one instance serves all tests",
        "class Solution:\n n = 0\n def f(self):\n  self.n += 1\n  return self.n",
        ["0", "0"],
        ["1", "2"],
        -4,
    ),
    call(
        "its state stays",
        "class Solution:\n def __init__(self): self.n = 0\n def f(self, a):\n  self.n += 1\n  return self.n",
        ["0", "0"],
        ["1", "2"],
    ),
    call(
        "'class Solution' in a comment makes it wanted", "# class Solution\ndef f(a): return a", "1", "1", -4
    ),
    call("a wrong value is False", "def f(a): return a", "1", "2", False),
    call("the first failure ends it", "def f(a): return a", ["1", "1", "1"], ["1", "2", "1"], True, False),
    call("a missing function is -4", "def g(a): return a", "1", "1", -4),
    call("an exception is -4", "def f(a): return a / 0", "1", "1", -4),
    call("too many arguments are an error", "def f(a): return a", "1\n2", "1", -4),
    call("a slow call is -3", "def f(a):\n while True: pass", "1", "1", -3, timeout=1),
    call("a slow top level is -4", "while True: pass", "1", "1", -4, timeout=1),
    call("an error at the top level is -4", "1 / 0\ndef f(a): return a", "1", "1", -4),
    call(
        "from __future__ is a syntax error",
        "from __future__ import annotations\ndef f(a): return a",
        "1",
        "1",
        -4,
    ),
    call("SystemExit in a call gives no result", "def f(a): raise SystemExit", "1", "1", -1),
    call("at the top level too", "exit()", "1", "1", -1),
    call("the main block does not run", "def f(a): return a\nif __name__ == '__main__': 1 / 0", "1", "1"),
    call("global works", "n = 0\ndef f(a):\n global n\n n += 1\n return n", ["0", "0"], ["1", "2"]),
    call("printing does not matter", "def f(a):\n print(7)\n return a", "1", "1"),
    call("input is empty", "def f(a): return input()", "1", "1", -4),
    call("a tuple counts as a list", "def f(a): return (1, 2)", "0", "[1, 2]"),
    call("also inside, since JSON writes it alike", "def f(a): return [(1, 2)]", "0", "[[1, 2]]"),
    call("True equals 1", "def f(a): return True", "0", "1"),
    call("1.0 equals 1", "def f(a): return 1.0", "0", "1"),
    call("'1' is close to 1 as a float", "def f(a): return '1'", "0", "1"),
    call("numbers may be close", "def f(a): return 0.1 + 0.2", "0", "0.3"),
    call("within 1e-5 of the expected one", "def f(a): return 100.0009", "0", "100"),
    call("but no farther", "def f(a): return 100.002", "0", "100", False),
    call("numbers in a list are exact", "def f(a): return [0.1 + 0.2]", "0", "[0.3]", False),
    call("None equals null", "def f(a): return None", "0", "null"),
    call("None is no number", "def f(a): pass", "0", "0", False),
    call("a dictionary with numbers as keys is written alike", "def f(a): return {1: 2}", "0", '{"1": 2}'),
    call("the order of such keys counts", "def f(a): return {2: 1, 1: 2}", "0", '{"1": 2, "2": 1}', False),
    call("the order of text keys does not", "def f(a): return {'b': 1, 'a': 2}", "0", '{"a": 2, "b": 1}'),
    call("None as key is written null", "def f(a): return {None: 1}", "0", '{"null": 1}'),
    call("a tuple as key is no JSON", "def f(a): return {(1,): 1}", "0", '{"1": 1}', False),
    call("a set is no list", "def f(a): return {1, 2}", "0", "[1, 2]", False),
    call("an iterator is no list", "def f(a): return map(int, '12')", "0", "[1, 2]", False),
    call("a deque is no list", "def f(a): return deque([1])", "0", "[1]", False),
    call(
        "derived classes count as their base",
        "def f(a): return [Counter('a'), defaultdict(int, b=1)]",
        "0",
        '[{"a": 1}, {"b": 1}]',
    ),
    call("a namedtuple is a tuple", "def f(a): return namedtuple('P', 'x y')(1, 2)", "0", "[1, 2]"),
    call("a numpy number equals a number", "import numpy as np\ndef f(a): return np.int64(3)", "0", "3"),
    call("also in a list", "import numpy as np\ndef f(a): return [np.int64(3)]", "0", "[3]"),
    call(
        "an array of one is true or false", "import numpy as np\ndef f(a): return np.array([3])", "0", "[3]"
    ),
    call(
        "an array of several is an error",
        "import numpy as np\ndef f(a): return np.array([3, 4])",
        "0",
        "[3, 4]",
        -4,
    ),
    call(
        "a Decimal equals a number",
        "from decimal import Decimal\ndef f(a): return Decimal('0.5')",
        "0",
        "0.5",
    ),
    call(
        "a Fraction equals a number",
        "from fractions import Fraction\ndef f(a): return Fraction(1, 2)",
        "0",
        "0.5",
    ),
    call("a complex number may be real", "def f(a): return 1 + 0j", "0", "1"),
    call("numbers may be huge", "def f(a): return 10 ** 6000", "0", "1" + "0" * 6000),
    call("and differ", "def f(a): return 10 ** 6000 + 1", "0", "1" + "0" * 6000, False),
    call("surrogates survive", r"def f(a): return '\ud800'", "0", r'"\ud800"'),
    call("nan equals nan, since JSON writes it alike", "def f(a): return float('nan')", "0", "NaN"),
    call("an object of the program equals nothing", "class A: pass\ndef f(a): return A()", "0", "0", False),
    call("bytes are no text", "def f(a): return b'x'", "0", '"x"', False),
    call("arguments that are not JSON give no result", "def f(a): return a", "x", "1", -1),
    call("an expected value that is not JSON gives no result", "def f(a): return a", "1", "x", -1),
    call("no tests pass", "def f(a): return a", [], []),
    call("no tests do not pass without the function", "def g(a): return a", [], [], -4),
]

CASES = STDIN + OUTPUT + CALL
