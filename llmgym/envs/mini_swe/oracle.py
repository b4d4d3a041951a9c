"""The repair of a task as commands of a plain shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmgym.envs.mini_swe.patches import apply_patch
from llmgym.messages import Action, assistant, tool_call

__all__ = ["repair", "say"]

_END = "END_OF_FILE"


def repair(data: Mapping[str, Any]) -> list[str]:
    """Return the commands that apply the row's own patch and hand in.

    Args:
        data: The row.
    """
    patch, files = data["patch"], data.get("files")
    if files is None:
        return [
            f"cat > /tmp/repair.diff <<'{_END}'\n{patch.rstrip(chr(10))}\n{_END}\ngit apply /tmp/repair.diff",
            "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT && git add -A && git diff --cached",
        ]
    mended = apply_patch(files, patch)
    commands = []
    for path in sorted({*files, *mended}):
        if path not in mended:
            commands.append(f"rm '{path}'")
        elif mended[path] != files.get(path):
            folder = path.rpartition("/")[0]
            made = f"mkdir -p '{folder}' && " if folder else ""
            commands.append(f"{made}cat > '{path}' <<'{_END}'\n{mended[path].rstrip(chr(10))}\n{_END}")
    return [*commands, "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT"]


def say(commands: Sequence[str], protocol: str) -> list[Action]:
    """Return responses that run commands.

    Args:
        commands: The commands, one a response.
        protocol: ``text`` or ``tools``.
    """
    if protocol == "tools":
        return [
            assistant(None, tool_call("bash", {"command": command}, f"call_{turn}_0"))
            for turn, command in enumerate(commands)
        ]
    return [f"THOUGHT: This is the next step.\n\n```bash\n{command}\n```" for command in commands]
