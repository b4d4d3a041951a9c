"""Rows of SWE-Gym and SWE-bench: repositories in images, evaluated with the harness of SWE-bench."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmgym.envs.mini_swe.evaluation import Evaluation
from llmgym.envs.mini_swe.workspace import Workspace
from llmgym.errors import UsageError
from llmgym.sandbox import FileProblem
from llmgym.sandbox.base import broken
from llmgym.threads import in_thread

__all__ = ["container_setting", "evaluate_clean", "evaluate_live"]

_PATCH = "/tmp/patch.diff"


def container_setting(setting: Any, image: str) -> dict[str, Any]:
    """Return the setting of a sandbox from an image.

    Args:
        setting: What the user asked for.
        image: The image.

    Raises:
        UsageError: When the user asked for a sandbox that has no images.
    """
    chosen = {"kind": setting} if isinstance(setting, str) else dict(setting or {})
    if chosen.get("kind", "auto") not in ("docker", "podman", "swerex"):
        raise UsageError(
            "Tasks of SWE-Gym and SWE-bench need a container for each repository; "
            "pass sandbox={'kind': 'docker'} or sandbox={'kind': 'podman'}."
        )
    return (
        {"image": image, "writable": True, **chosen}
        if chosen["kind"] != "swerex"
        else {"image": image, **chosen}
    )


async def evaluate_live(instance: Any, box: Workspace, submitted: str, seconds: float) -> Evaluation:
    """Run the harness's script on the tree as the model left it: the public rule.

    Args:
        instance: The instance.
        box: Where the model worked.
        submitted: The patch that was handed in, for the record.
        seconds: How long the script may take.
    """
    script = await in_thread(instance.eval_script, "live")
    try:
        log = await box.script(script, seconds)
    except FileProblem as error:
        # A model can leave no room, or put something else where the script belongs.
        return Evaluation(None, submitted, None, f"the tests could not be written: {error}")
    return _evaluation(await in_thread(instance.grade, log), submitted, None)


async def evaluate_clean(instance: Any, fresh: Workspace, submitted: str, seconds: float) -> Evaluation:
    """Run the harness's script in a new container, with the patch alone.

    Args:
        instance: The instance.
        fresh: Another sandbox, open, of the same image.
        submitted: The patch that was handed in.
        seconds: How long the script may take.
    """
    if not submitted.strip():
        return Evaluation(None, submitted, False, "the patch is empty")
    text = submitted if submitted.endswith("\n") else f"{submitted}\n"
    try:
        await fresh.sandbox.write(_PATCH, text.encode())
    except FileProblem as error:
        # Nobody but us has been there.
        raise broken(f"A patch could not be written into a new sandbox: {error}") from error
    applied = await fresh.run(f"git apply --verbose {_PATCH} || patch --batch --fuzz=5 -p1 -i {_PATCH}")
    if applied.returncode != 0:
        return Evaluation(None, submitted, False, "the patch does not apply")
    log = await fresh.script(await in_thread(instance.eval_script, "clean"), seconds)
    return _evaluation(await in_thread(instance.grade, log, strict=True), submitted, True)


def _evaluation(report: Mapping[str, Any] | None, submitted: str, applied: bool | None) -> Evaluation:
    return Evaluation(
        report, submitted, applied, "" if report and report.get("tests_status") else "the tests did not run"
    )
