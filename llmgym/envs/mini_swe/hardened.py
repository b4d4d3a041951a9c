"""The software engineering environment, graded on a tree of its own."""

from __future__ import annotations

from typing import ClassVar

from llmgym.envs.mini_swe.env import MiniSWEEnv

__all__ = ["MiniSWEV1Env"]


class MiniSWEV1Env(MiniSWEEnv):
    """Repair a repository with shell commands; what was handed in is graded, on a tree of its own.

    ## Description
    As `llmgym/MiniSWE-v0`, which has the same tasks and arguments, without the openings of a tree that the model leaves
    behind.

    ## Action Space
    A response: a string, an assistant message or an `llmgym.Response`, in the text or the tool protocol of v0.

    ## Observation Space
    The conversation so far: `Messages`, a list of Chat messages.

    ## Starting State
    A system message with the form, and the issue with rules and advice.

    ## Rewards
    1.0 when every test of `FAIL_TO_PASS` and `PASS_TO_PASS` passes and there is at least one, else 0.0. The tests run in
    a new sandbox, on the repository as it was with the patch applied, or with the changed text files where no patch was
    handed in. Tests are put back. A model that never handed in earns 0.0. `evaluation="live"` is the rule of v0.

    Public rows are graded by the log of the harness of SWE-bench, which the code under test can write too.

    ## Episode End
    As in v0.

    ## Information
    As in v0; `metrics` also has `patch_applied`.

    ## Arguments
    ```python
    gym.make("llmgym/MiniSWE-v1", protocol="tools", difficulty="hard")
    ```

    As in v0, with `evaluation="clean"` by default.

    ## References
    As v0.

    ## Version History
    * v1: `evaluation="clean"` by default. In v0, files that are not handed in, left processes and changes outside the
      repository take part in the evaluation, and a model that never hands in can earn the reward.
    * v0: the live tree is graded, as in the public environment.
    """

    default_evaluation: ClassVar[str] = "clean"
