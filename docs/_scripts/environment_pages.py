"""A Sphinx extension that writes one page for each environment of the suite, from its class.

A page holds what the catalogue and the spaces say, the docstring as it is, and a real task with the oracle's answer,
played when the documentation is built.
"""

from __future__ import annotations

import inspect
import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gymnasium as gym

import llmgym
from llmgym.messages import Message, message_text
from llmgym.registration import SUITE, Row

__all__ = ["catalogue", "page", "page_name", "setup", "write_pages"]

LONGEST = 3000
"""Most characters of a message that a page shows."""

MOST_MESSAGES = 12
"""Most messages of an example that a page shows."""


def setup(app: Any) -> dict[str, Any]:
    """Write the pages before Sphinx looks for sources."""
    app.connect("builder-inited", lambda app: write_pages(Path(app.srcdir)))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def write_pages(docs: Path) -> None:
    """Write a page for each environment, and the table of all of them.

    Args:
        docs: The folder of the documentation.
    """
    folder = docs / "environments"
    wanted = {f"{page_name(row)}.md": page(row) for row in SUITE}
    for stale in set(folder.glob("*.md")) - {folder / name for name in (*wanted, "index.md")}:
        stale.unlink()
    for name, text in wanted.items():
        write(folder / name, text)
    write(docs / "_generated" / "environments.md", catalogue())


def write(path: Path, text: str) -> None:
    """Write a file, unless it holds that text already: Sphinx reads again what is newer."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def page_name(row: Row) -> str:
    """Return the name of a page: ``llmgym/SingleToolCall-v1`` becomes ``SingleToolCall-v1``."""
    return row.id.partition("/")[2]


def catalogue() -> str:
    """Return the table of all environments."""
    lines = ["| environment | domain | turns | tools | reward | public data |", "|---|---|---|---|---|---|"]
    for row in SUITE:
        link = f"[{page_name(row)}]({page_name(row)}.md)"
        cells = (link, row.domain, row.turns, row.tools, row.reward, row.public)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def page(row: Row) -> str:
    """Return the page of an environment as Markdown."""
    with warnings.catch_warnings():
        # Gymnasium warns that a newer version exists; the older one has a page too.
        warnings.filterwarnings("ignore", message=".*is out of date.*")
        env = gym.make(row.id, **row.offline)
    try:
        intro, description, rest = _sections(type(env.unwrapped))
        parts = [f"# {page_name(row)}", intro, _head(row, env), description, _example(row, env), rest]
        return "\n\n".join(filter(None, parts)) + "\n"
    finally:
        env.close()


def _sections(kind: type) -> tuple[str, str, str]:
    """Split a docstring into its first line, its description and everything after that."""
    intro, *sections = re.split(r"^(?=## )", inspect.getdoc(kind) or "", flags=re.MULTILINE)
    if not sections:
        raise ValueError(f"{kind.__name__} has no '## ' sections in its docstring.")
    return intro.strip(), sections[0].strip(), "".join(sections[1:]).strip()


def _head(row: Row, env: gym.Env[Any, Any]) -> str:
    _, info = env.reset(seed=0, options={"task": 0})
    names = [tool["function"]["name"] for tool in info["tools"]]
    cells = {
        "Import": "`import gymnasium as gym, llmgym`",
        "Make": f'`gym.make("{row.id}")`',
        "Action Space": f"`{env.action_space!r}`",
        "Observation Space": f"`{env.observation_space!r}`",
        "Domain": row.domain,
        "Turns": row.turns,
        "Tools": ", ".join(f"`{name}`" for name in names) or "none",
        "Reward": row.reward,
        "Public data": row.public,
    }
    lines = [f"| **{name}** | {value.replace('|', chr(92) + '|')} |" for name, value in cells.items()]
    return "\n".join(["| | |", "|---|---|", *lines])


def _example(row: Row, env: gym.Env[Any, Any]) -> str:
    """Play the first task with the oracle and show the conversation."""
    prompt, info = env.reset(seed=0, options={"task": 0})
    inner = env.unwrapped
    assert isinstance(inner, llmgym.Env)
    parts = ["## Example", f"Task `{info['task_id']}`, as the policy sees it:", *_blocks(prompt)]
    responses: Sequence[Any] | None = inner._call("oracle", inner.task)
    if not responses:
        return "\n\n".join([*parts, "This environment has no oracle."])
    messages, total = prompt, 0.0
    for response in responses:
        messages, reward, terminated, truncated, info = env.step(response)
        total += float(reward)
        if terminated or truncated:
            break
    told = "What the oracle answers, and what the environment says to it:"
    parts += [told, *_blocks(messages[len(prompt) :])]
    reason = f", reason `{info['reason']}`" if info.get("reason") else ""
    return "\n\n".join([*parts, f"Reward {total:g}, stop reason `{info['stop_reason']}`{reason}."])


def _blocks(messages: Sequence[Message]) -> list[str]:
    shown = list(messages)
    left_out = len(shown) - MOST_MESSAGES
    if left_out > 0:
        shown = [*shown[: MOST_MESSAGES // 2], *shown[-MOST_MESSAGES // 2 :]]
    blocks = [f"**{message['role']}**\n\n{_fenced(_text(message))}" for message in shown]
    if left_out > 0:
        blocks.insert(MOST_MESSAGES // 2, f"*({left_out} messages are left out.)*")
    return blocks


def _text(message: Message) -> str:
    lines = [message_text(message)] if message_text(message) else []
    for call in message.get("tool_calls") or ():
        lines.append(f"call {call['function']['name']}({call['function']['arguments']})")
    text = "\n".join(lines)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\n... ({len(text) - LONGEST} more characters)"


def _fenced(text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"
