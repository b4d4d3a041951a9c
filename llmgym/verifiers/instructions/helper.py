"""The program that checks instructions in a process of its own: one check a line of input.

A request is a line of JSON with ``id``, ``arguments``, ``text``, ``cpu_seconds`` and ``seed``; the reply is a line
of JSON with ``followed``, and ``detail`` where the check could not be made, or with ``missing``, the NLTK data that
a check of IFBench lacks. A check that uses up its processor time is ended by the operating system together with the
process: neither the engine of :mod:`re` nor a tokenizer can be interrupted in any gentler way.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from typing import Any, BinaryIO

from llmgym.verifiers.instructions import ifbench, languages, tokens
from llmgym.verifiers.instructions.checking import REFUSED, refusal
from llmgym.verifiers.instructions.registry import INSTRUCTIONS

__all__ = ["answer", "main"]


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Make the check of a request and return the reply."""
    id, arguments, text = request["id"], request["arguments"], request["text"]
    instruction = INSTRUCTIONS.get(id)
    if instruction is None:
        checker = ifbench.load_checker(id)
    else:
        _warm(instruction.work)
    # Loading is not part of the check, so the clock starts here.
    signal.setitimer(signal.ITIMER_PROF, request["cpu_seconds"])
    try:
        if instruction is not None:
            return {"followed": instruction.check(text, **arguments)}
        random.seed(request["seed"])
        return {"followed": ifbench.check(checker, arguments, text)}
    except ifbench.DataMissing as missing:
        return {"missing": str(missing)}
    except REFUSED as error:
        return {"followed": False, "detail": refusal(error)}
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _warm(work: str) -> None:
    if work == "tokens":
        tokens.warm()
        if "nltk.redos" in sys.modules:
            # A limit on the clock of NLTK's own would let a loaded machine change a verdict.
            sys.modules["nltk.redos"].DEFAULT_TIMEOUT = None  # type: ignore[attr-defined]
    elif work == "language":
        languages.warm()


def main() -> None:
    """Answer requests from standard input until it is closed."""
    replies: BinaryIO = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # What a package prints must not be taken for a reply.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # A parent may ignore or block the signal, and both would be inherited: then nothing would end a check.
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGPROF})
    for line in sys.stdin.buffer:
        replies.write(json.dumps(answer(json.loads(line))).encode() + b"\n")
        replies.flush()


if __name__ == "__main__":
    main()
