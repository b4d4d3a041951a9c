"""The two ways to talk: one bash block in each message, or calls of a tool. Parsing, and what the model reads back."""

from __future__ import annotations

import re
from dataclasses import dataclass

from llmgym.sandbox import Completed

__all__ = ["CUT", "MARKERS", "CommandResult", "bash_blocks", "observation", "submission"]

MARKERS = ("MINI_SWE_AGENT_FINAL_OUTPUT", "COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT")
"""The first line of the output that hands in; the tool protocol knows the second alone."""

LONGEST = 10_000
"""From so many characters on only the beginning and the end of an output are shown."""

CUT = "\n[What followed was too much to be kept.]\n"
"""Stands at the end of an output that was larger than a sandbox keeps."""

_SHOWN = 5_000
_OPENING = "```bash"
_CLOSING = "\n```"
_BLANK = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What became of a command.

    Attributes:
        command: The command.
        output: What it wrote, errors included.
        returncode: Its exit status, as a shell tells it: 128 and the number of the signal that ended it.
        exception: Why it did not run to its end, in one sentence; empty when it did.
        timed_out: Whether it was stopped because it took too long.
    """

    command: str
    output: str
    returncode: int
    exception: str = ""
    timed_out: bool = False

    @classmethod
    def of(cls, command: str, done: Completed, seconds: float) -> CommandResult:
        """Read how a program ended.

        Args:
            command: The command.
            done: How it ended.
            seconds: How long it was allowed to take.
        """
        output = done.stdout.decode("utf-8", "replace")
        if done.truncated:
            output += CUT
        if done.cause == "wall_time":
            told = f"The command took longer than {seconds:g} seconds and was stopped."
            return cls(command, output, -1, told, True)
        code = done.returncode if done.returncode >= 0 else 128 - done.returncode
        causes = {"cpu_time": "processor time", "memory": "memory", "output": "room for output and files"}
        told = (
            f"The command was stopped: it used up its {causes[done.cause]}." if done.cause in causes else ""
        )
        return cls(command, output, code, told)


def bash_blocks(text: str) -> list[str]:
    r"""Return the contents of the bash blocks of a text, as the public agent finds them.

    The rule is the expression ````` ```bash\s*\n(.*?)\n``` ````` (dot matches all); this finds the same in linear time.

    Args:
        text: What the model wrote.

    Example:
        >>> bash_blocks("Look:\n```bash\nls -la\n```")
        ['ls -la']
    """
    found: list[str] = []
    place = 0
    more = True
    while (place := text.find(_OPENING, place)) >= 0:
        place += len(_OPENING)
        match = _BLANK.match(text, place)
        assert match is not None
        line_end = text.rfind("\n", place, match.end())
        if line_end < 0:
            continue
        end = text.find(_CLOSING, line_end + 1) if more else -1
        if end >= 0:
            found.append(text[line_end + 1 : end])
            place = end + len(_CLOSING)
            continue
        more = False
        # Nothing closes a block that begins after the last line feed; one that begins earlier may end there.
        earlier = text.rfind("\n", place, line_end)
        if earlier >= 0 and text.startswith(_CLOSING, line_end):
            found.append(text[earlier + 1 : line_end])
            place = line_end + len(_CLOSING)
    return found


def observation(result: CommandResult, *, tools: bool, repeated: int = 0) -> str:
    """Return what the model reads about a command.

    Args:
        result: What became of it.
        tools: Whether the tool protocol is spoken; it tells what went wrong in a field of its own.
        repeated: How often in a row the same command was run, if that is worth a warning.
    """
    parts = []
    if tools and result.exception:
        parts.append(f"<exception>{result.exception}</exception>")
    elif result.timed_out:
        parts.append(
            f"{result.exception} Its output so far is below. Try something that ends sooner, and that asks nothing."
        )
    if tools or not result.timed_out:
        parts.append(f"<returncode>{result.returncode}</returncode>")
    text = result.output
    if len(text) < LONGEST:
        parts.append(f"<output>\n{text}</output>")
    else:
        parts += [
            "<warning>\nThe output is too long to be shown in full. Ask for less: use head, tail, grep or sed, or write "
            "it to a file and look at parts of that.\n</warning>",
            f"<output_head>\n{text[:_SHOWN]}\n</output_head>",
            f"<elided_chars>\n{len(text) - 2 * _SHOWN} characters elided\n</elided_chars>",
            f"<output_tail>\n{text[-_SHOWN:]}\n</output_tail>",
        ]
    if repeated:
        parts.append(
            f"<warning>\nThis was the same command {repeated} times in a row. Try something else.\n</warning>"
        )
    return "\n".join(parts)


def submission(result: CommandResult, *, tools: bool) -> str | None:
    """Return what was handed in, or ``None`` when the output does not hand in.

    Args:
        result: What became of a command. The marker is the first line of its output that is not blank; the rest of
            the output is the patch. The tool protocol also asks for the exit status 0.
        tools: Whether the tool protocol is spoken.
    """
    if result.timed_out:
        return None
    lines = result.output.lstrip().splitlines(keepends=True)
    if not lines or lines[0].strip() not in (MARKERS[1:] if tools else MARKERS):
        return None
    if tools and result.returncode != 0:
        return None
    return "".join(lines[1:])
