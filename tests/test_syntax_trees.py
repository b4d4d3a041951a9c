"""Trees are made from several threads at once: what Python alone did not survive before 3.13."""

from __future__ import annotations

import ast
import sys
import threading

import pytest

from llmgym.syntax_trees import compile_tree, parse_expression, parse_module

SOURCE = "\n".join(
    f"def f{n}(a, b=[{n}]):\n    return [a + {n} * x for x in b if (x, a) != ({n}, 1)]" for n in range(60)
)


def test_many_threads_at_once():
    before, faults = sys.getswitchinterval(), []

    def work() -> None:
        try:
            for _ in range(15):
                scope: dict = {}
                exec(compile_tree(parse_module(SOURCE), "<test>"), scope)
                assert scope["f7"](2) == [51] and ast.unparse(parse_expression("1+2")) == "1 + 2"
        except BaseException as error:
            faults.append(error)

    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert not faults


def test_what_is_not_python_is_said_so():
    with pytest.raises(SyntaxError):
        parse_module("def")
    with pytest.raises(SyntaxError):
        parse_expression("a = 1")
