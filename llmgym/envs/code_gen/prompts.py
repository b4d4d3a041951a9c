"""How problems are put to the policy."""

from __future__ import annotations

__all__ = ["write_prompt"]

_TASK = """Solve the following problem with a program in Python.

{problem}

{form}
Put the whole program into one block at the end of your answer:
```python
# your program
```"""
_STDIN = "The program reads from standard input and writes to standard output. Print nothing else."
_CALL = "Complete this code. Keep the names; do not read or print anything.\n```python\n{starter}\n```"


def write_prompt(problem: str, starter_code: str = "") -> str:
    """Return the prompt for a problem.

    Args:
        problem: Its statement, with examples.
        starter_code: The head of the function or class to be written; nothing for a program that prints.
    """
    starter = starter_code.rstrip()
    form = _CALL.format(starter=starter) if starter else _STDIN
    return _TASK.format(problem=problem.strip(), form=form)
