"""The program that :mod:`llmgym.verifiers.math_pool` runs beside the host: it loads math-verify once and forks workers.

It is started as ``python -P -s math_worker.py DESCRIPTOR PATH``, where the descriptor is a Unix socket to the host
and the path is the host's ``sys.path`` as JSON. On that socket come lines: ``fork`` with a descriptor, the worker's
end of a socket of its own, and ``kill`` with the number of a worker. When the host goes away, by whatever road, the
socket ends, and this program kills every worker, whatever it is doing, and ends too.

A worker reads a line of JSON for each job (``gold``, ``text``, ``strict``, ``seconds``) and answers with a line
(``score``, ``answer``, ``reason``). Besides the standard library only math-verify is inside, nothing of the host.
"""

from __future__ import annotations

import gc
import json
import logging
import math
import os
import resource
import select
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Iterator
from typing import Any

__all__ = ["DEEPEST", "LONGEST", "Grader", "depth", "main"]

LONGEST = 100_000
"""Most characters of a single expression; math-verify needs its own five seconds for far fewer."""

DEEPEST = 200
"""Deepest nesting of brackets in a single expression; math-verify's parser gives up at about a hundred."""

_LIBRARY_SECONDS = 5.0
_MEMORY = 4 << 30
_BRACKETS = {"{": 1, "(": 1, "[": 1, "}": -1, ")": -1, "]": -1}

# What a fresh worker has parsed already. The parser builds tables on the way, which is most of the cost of a first
# answer of each kind.
_WARM_UP = (
    ("42", "The answer is 42."),
    (r"\frac{3}{4}", r"So $x = \frac{6}{8}$, that is \boxed{\dfrac{3}{4}}."),
    (r"2\sqrt{3}+\pi", r"\boxed{\pi + \sqrt{12}}"),
    ("x^{2}-3x+2", r"\[ \boxed{(x-1)(x-2)} \]"),
    (r"\{1, -2\}", r"\boxed{x = -2 \text{ or } x = 1}"),
    ("(3,-4)", r"\boxed{(3, -4)}"),
    (r"(-\infty, 2]", r"\boxed{x \le 2}"),
    ("y=2x+1", r"\boxed{y = 2x + 1}"),
    ("0.25", r"\boxed{25\%}"),
    (r"\frac{e^{2x}}{2}+\ln 3", r"\boxed{\frac{1}{2} e^{2x} + \log(3)}"),
    ("3+4i", r"\boxed{3 + 4i}"),
    (r"\binom{5}{2}\cdot 3!", r"\boxed{60}"),
    (
        r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
        r"\boxed{\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}}",
    ),
    (r"\sin^2 x", r"\boxed{1 - \cos^{2}(x)}"),
    (r"\frac{\sqrt{6}-\sqrt{2}}{4}", r"\boxed{\frac{\sqrt{6}-\sqrt{2}}{4}}"),
    ("120^\\circ", r"\boxed{120}"),
    ("7", r"Final answer: $7$. I hope it is correct."),
)


def depth(latex: str) -> int:
    r"""Return how deep the brackets of an expression are nested.

    Args:
        latex: The expression; its brackets need not match.

    Example:
        >>> depth(r"\frac{1}{(2+[3])}")
        3
    """
    now = deepest = 0
    for character in latex:
        now += _BRACKETS.get(character, 0)
        deepest = max(deepest, now)
    return deepest


class Grader:
    """The public verifier's rule, with math-verify loaded and its settings as there.

    The gold answer is read as LaTeX, the text as plain expressions and as LaTeX; the score is the best over what was
    found, numbers are compared to 6 decimal places; all else is math-verify's default. An expression longer than
    :data:`LONGEST` or nested deeper than :data:`DEEPEST` is treated as one that takes too long to parse.

    It must be used in the main thread, because math-verify's own time limits are alarm signals, and in a process of
    its own, because it changes how math-verify parses in all of it: faster, and with these bounds.
    """

    def __init__(self) -> None:
        from math_verify import parser
        from math_verify.errors import TimeoutException
        from math_verify.grader import verify
        from math_verify.metric import math_metric

        gold = (parser.LatexExtractionConfig(),)
        text = (parser.ExprExtractionConfig(), parser.LatexExtractionConfig())
        self._timeout = TimeoutException
        self._metric = math_metric(
            gold_extraction_target=gold, pred_extraction_target=text, aggregation_function=max, precision=6
        )
        self._golds = lambda answer: parser.parse(answer, gold)
        self._predictions = lambda answer: parser.parse(answer, text)
        self._verify = verify
        _bound(parser, TimeoutException)
        _quicken()

    def grade(self, gold: str, text: str, strict: bool = False) -> dict[str, Any]:
        """Grade a text.

        Args:
            gold: The right answer, in a box.
            text: All that the model said.
            strict: Refuse an answer that holds a false equation between numbers, such as ``43=42``.

        Returns:
            ``score`` (0.0 or 1.0), ``answer`` (text, or None) and ``reason`` of a score of 0.
        """
        started = time.monotonic()
        try:
            score, strings = self._metric([gold], [text])
            answer = _extracted(*strings) if strings is not None else None
            if score and strict and not self._sound(gold, text):
                return {"score": 0.0, "answer": answer, "reason": "false_equation"}
        except self._timeout:
            return {"score": 0.0, "answer": None, "reason": "timeout"}
        except Exception as error:
            unread = isinstance(error, ValueError) and str(error).startswith("No gold targets found")
            return {
                "score": 0.0,
                "answer": None,
                "reason": "unreadable_expected_answer" if unread else "error",
            }
        if score:
            return {"score": float(score), "answer": answer, "reason": ""}
        late = time.monotonic() - started >= _LIBRARY_SECONDS
        reason = (
            "timeout" if late else "no_answer" if strings is not None and not strings[1] else "wrong_answer"
        )
        return {"score": 0.0, "answer": answer, "reason": reason}

    def _sound(self, gold: str, text: str) -> bool:
        """Tell whether a prediction verifies that claims no false equation between numbers."""
        golds = self._golds(gold)
        if any(True for answer in golds for _ in _equations(answer)):
            return True
        return any(
            self._verify(golds, [prediction], 6)
            and all(self._verify([left], [right], 6) for left, right in _equations(prediction))
            for prediction in self._predictions(text)
        )


def _bound(parser: Any, too_much: type[BaseException]) -> None:
    """Make math-verify's parser give up at once on what it could never read in time."""
    parse = parser.latex2sympy

    def bounded(latex: str, *args: Any, **kwargs: Any) -> Any:
        if len(latex) > LONGEST or depth(latex) > DEEPEST:
            raise too_much("too long or nested too deeply")
        return parse(latex, *args, **kwargs)

    parser.latex2sympy = bounded


def _quicken() -> None:
    """Let the grammar's parser try its quick mode first, and its thorough one when that finds an error.

    By the manual of ANTLR, what the quick mode (SLL) accepts has the same parse tree in the thorough one (LL).
    """
    from latex2sympy2_extended.latex2sympy2 import _Latex2Sympy

    thorough, create = _Latex2Sympy.parse, _Latex2Sympy.create_parser

    def create_parser(self: Any, latex: str) -> Any:
        made = create(self, latex)
        if self.quick:
            modes = type(made._interp.predictionMode)
            made._interp.predictionMode = modes.SLL
        return made

    def parse(self: Any, latex: str) -> Any:
        self.quick = True
        try:
            return thorough(self, latex)
        except Exception:
            self.quick = False
            return thorough(self, latex)

    _Latex2Sympy.create_parser, _Latex2Sympy.parse = create_parser, parse


def _extracted(golds: list[str], predictions: list[str]) -> str | None:
    """Choose what the public verifier reports: the first prediction that is written as a gold, else the first."""
    known = {gold.strip() for gold in golds} - {""}
    return next(
        (each for each in predictions if each.strip() in known), predictions[0] if predictions else None
    )


def _equations(answer: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the sides of every equation between numbers that an answer holds."""
    from sympy import Basic, Eq, preorder_traversal

    if isinstance(answer, Basic):
        for part in preorder_traversal(answer):
            if isinstance(part, Eq) and part.lhs.is_number and part.rhs.is_number:
                yield part.lhs, part.rhs


def main() -> None:
    """Serve a host until it goes away."""
    control = socket.socket(fileno=int(sys.argv[1]))
    sys.path[:] = json.loads(sys.argv[2])
    # The host may ignore or block signals, and both would be inherited: then nothing would end a worker.
    for number in (signal.SIGPROF, signal.SIGALRM, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    logging.disable(logging.CRITICAL)
    try:
        grader = Grader()
        for gold, text in _WARM_UP:
            grader.grade(f"\\boxed{{{gold}}}", text)
    except Exception as error:
        control.sendall(f"{type(error).__name__}: {error}".encode())
        raise SystemExit(1) from error
    # What is there now is shared with the workers; a collection in one of them would copy it. And parsing makes many
    # objects that live briefly, for which the usual thresholds are far too low.
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)
    _serve(control, grader)


def _serve(control: socket.socket, grader: Grader) -> None:
    children: set[int] = set()
    woken, wake = os.pipe()
    for end in (woken, wake):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    poll = select.poll()
    poll.register(control, select.POLLIN)
    poll.register(woken, select.POLLIN)
    pending, ends = b"", deque[int]()
    while True:
        ready = {descriptor for descriptor, _ in poll.poll()}
        if woken in ready:
            os.read(woken, 512)
            children -= _ended(children)
        if control.fileno() not in ready:
            continue
        try:
            data, received, _, _ = socket.recv_fds(control, 4096, 64)
        except ConnectionError:
            data, received = b"", []
        ends += received
        if not data:
            break
        *lines, pending = (pending + data).split(b"\n")
        for line in lines:
            if line == b"fork":
                children.add(_fork(ends.popleft(), grader, (control.fileno(), woken, wake, *ends)))
            elif (child := int(line.removeprefix(b"kill "))) in children:
                os.kill(child, signal.SIGKILL)
    for child in children:
        os.kill(child, signal.SIGKILL)
    for child in children:
        os.waitpid(child, 0)


def _ended(children: set[int]) -> set[int]:
    """Collect the children that have ended."""
    return {child for child in children if os.waitpid(child, os.WNOHANG)[0]}


def _fork(end: int, grader: Grader, others: tuple[int, ...]) -> int:
    child = os.fork()
    if child:
        os.close(end)
        return child
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for descriptor in others:
            os.close(descriptor)
        _limit(resource.RLIMIT_AS, _MEMORY)
        _limit(resource.RLIMIT_CORE, 0)
        _work(socket.socket(fileno=end), grader)
        status = 0
    finally:
        os._exit(status)


def _limit(kind: int, most: int) -> None:
    hard = resource.getrlimit(kind)[1]
    try:
        resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    except (ValueError, OSError):
        # Not every system has every limit; the deadline holds all the same.
        return


def _work(host: socket.socket, grader: Grader) -> None:
    """Answer jobs until the host closes the socket."""
    host.sendall(json.dumps({"pid": os.getpid()}).encode() + b"\n")
    with host.makefile("rb") as jobs:
        for line in jobs:
            job = json.loads(line)
            # The host keeps the time. This is for the worker whose host and parent are both gone.
            signal.setitimer(signal.ITIMER_PROF, math.ceil(job["seconds"]) + 1)
            result = grader.grade(job["gold"], job["text"], job["strict"])
            signal.alarm(0)
            signal.setitimer(signal.ITIMER_PROF, 0)
            host.sendall(json.dumps(result).encode() + b"\n")


if __name__ == "__main__":
    main()
