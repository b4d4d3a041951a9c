"""The software engineering environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from llmgym import bridge
from llmgym.core import Env
from llmgym.envs.arguments import one_of
from llmgym.envs.mini_swe.evaluation import Evaluation, Repository
from llmgym.envs.mini_swe.history import Commit, fast_import
from llmgym.envs.mini_swe.oracle import repair, say
from llmgym.envs.mini_swe.prompts import format_error
from llmgym.envs.mini_swe.protocol import CommandResult, bash_blocks, observation, submission
from llmgym.envs.mini_swe.rows import loaded, procedural, with_input, with_prompt
from llmgym.envs.mini_swe.tasks import LEVELS
from llmgym.envs.mini_swe.workspace import Workspace
from llmgym.envs.sandbox_settings import sandbox_setting
from llmgym.episode import Episode, Turn
from llmgym.errors import InvalidTask, UsageError
from llmgym.messages import Action, Message, user
from llmgym.sandbox import FileProblem, backend_of
from llmgym.spaces import ResponseSpace
from llmgym.tasks import Task, TaskSet
from llmgym.threads import in_thread
from llmgym.toolbox import Toolbox
from llmgym.tools import tool
from llmgym.verdict import Verdict
from llmgym.verifiers.repository_tests import grade_report

__all__ = ["MiniSWEEnv"]


class MiniSWEEnv(Env):
    """Repair a repository with shell commands.

    ## Description
    A repository has a fault, and somebody describes what goes wrong. The model looks around, changes files and hands
    in, all with commands of a shell. What it did is graded by tests that it has not seen. Everything runs in a sandbox.

    ## Action Space
    A response: a string, an assistant message or an `llmgym.Response`.

    * `protocol="text"`: its text has exactly one code block marked `bash` with one command, which runs in a new
      shell. There are no tools.
    * `protocol="tools"`: it calls the tool `bash(command: string)`, once or several times; the calls run in order.

    To hand in, a command has to print `COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT` as the first line that is not blank
    (`MINI_SWE_AGENT_FINAL_OUTPUT` will do in the text protocol). What follows is the patch. The tool protocol also
    asks for the exit status 0. Procedural tasks need no patch: without one all changed files are handed in.

    ## Observation Space
    The conversation so far: `Messages`, a list of Chat messages. What a command wrote, output and errors together,
    comes as a user message (text) or tool message (tools): `<returncode>`, and `<output>` if there are fewer than
    10,000 characters, else the first and the last 5,000 in `<output_head>` and `<output_tail>` with the number of
    `<elided_chars>` between them. With tools, `<exception>` says why a command did not run to its end. A response
    without a command, or in the text protocol with several, is told the form.

    ## Starting State
    A system message with the form, and the issue with rules and advice. A row with messages of its own brings both.
    Commands start in `/testbed`, each in a new shell. Procedural repositories have a package of 4 to 8 modules in
    Python, tests, and a past in git where the sandbox has git. One fault of 21 kinds was put into one of 14 families:

    | difficulty | modules | the issue |
    |---|---|---|
    | `easy` | 4-5 | names the function, and has an example that calls it |
    | `medium` | 4-6 | has an example from anywhere |
    | `hard` | 6-8 | has an example that calls another module than the one at fault, and a wrong suspicion |

    At least two tests notice the fault, and the issue tells of one. The tests in the repository do not fail.

    ## Rewards
    1.0 when every test of `FAIL_TO_PASS` and `PASS_TO_PASS` passes and there is at least one, else 0.0; 0.0 at every
    step before the end. The tests of procedural tasks run in processes of their own inside the sandbox; what they
    expect, and the comparison, stay outside. What remains is code that gives the right results without the repair, for
    inputs that the model has not seen. Public rows are graded by the script and the log parser of the harness of
    SWE-bench, whose log the code under test can write too.

    * `evaluation="live"`: on the tree as the model left it, with processes that it left running. A model that never
      handed in is graded all the same. This is the public rule.
    * `evaluation="clean"`: in a new sandbox, on the repository as it was with the patch applied, or with the changed
      text files where no patch was handed in. Tests are put back. A model that never handed in earns 0.0.

    ## Episode End
    * Termination: a submission (`submitted`).
    * Truncation: `step_limit` responses (`max_turns`), a response that was cut off (`length`, `content_filter`), or
      `deadline`.

    ## Information
    At reset `tools`, `task_id` (the `instance_id`), `task_index` and `new_messages`; at each step `turn` and
    `new_messages`; at the end also `stop_reason`, `components` (`fail_to_pass`, `pass_to_pass`: shares of the tests
    that pass), `metrics`, `reason` and `vacuous`. A reward of 0.0 has one of these reasons: `tests_fail`,
    `not_submitted`, `patch_failed`, `eval_error`, `no_tests`, `no_sandbox`. `metrics` has

    | metric | meaning |
    |---|---|
    | `resolved` | the reward, as a bool |
    | `tests_status` | for each kind of test the names under `success` and `failure`; empty where none ran |
    | `tests`, `tests_passed` | how many there are, and how many pass |
    | `fail_to_pass_success`, `..._failure`, `pass_to_pass_success`, `..._failure` | the same, by kind |
    | `has_eval_report`, `has_tests_status`, `has_eval_error` | whether there is a report, one with tests, an `eval_error` |
    | `patch` | what was graded, as a patch |
    | `patch_applied` | whether it fits; with `clean` only |
    | `eval_error` | why the tests gave no report |
    | `submitted`, `steps`, `commands` | whether the model handed in, how many responses and commands it took |
    | `evaluation`, `sandbox` | the tree that was graded, and the backend that held it |
    | `difficulty`, `family`, `bug_kind` | of procedural tasks |

    ## Arguments
    ```python
    gym.make("llmgym/MiniSWE-v0", protocol="tools", difficulty="hard")
    ```
    * `protocol="text"`: `text` or `tools`.
    * `difficulty="medium"`: `easy`, `medium` or `hard`; of procedural tasks only.
    * `evaluation="live"`: `live` or `clean`.
    * `sandbox=None`: name or settings of the sandbox; `None` for that of the settings, by default bubblewrap. Public
      rows need a container, such as `{"kind": "docker"}`; the image comes from the row. Procedural ones in a container
      need an image with Python 3 and bash, and `"writable": True`.
    * `step_limit=250`: most responses; `max_turns` is another name for it.
    * `step_timeout=600`, `eval_timeout=1800`: how long a command and the evaluation may take, in seconds.
    * `collapse_limit=3`: from so many equal commands in a row on the model is warned.
    * `dataset=None`: a file, hub id or rows of SWE-Gym or SWE-bench (Verified), or rows that bring their `files`;
      `None` for procedural tasks.
    * `tool_timeout=None`: another name for `step_timeout`; the shorter of the two counts.
    * `split`, `num_tasks`, `deadline`, `on_bad_row`, `render_mode`: as in `llmgym.Env`.

    A row has the fields of SWE-bench: `instance_id`, `repo`, `base_commit`, `problem_statement`, `patch`,
    `test_patch`, `FAIL_TO_PASS`, `PASS_TO_PASS`, `version`. Procedural rows add `files` (text by path), `history`
    (commits as message and paths), `difficulty`, `family` and `bug_kind`.

    ## References
    NeMo Gym, agents `mini_swe_agent` and `mini_swe_agent_2`; mini-swe-agent; SWE-bench (Jimenez et al., 2024);
    SWE-Gym (Pan et al., 2024).

    ## Version History
    * v0: the public rules of the two protocols. Differences: a response that the server cut off ends the episode, a
      call of an unknown tool or with malformed arguments is answered as such while the other calls still run, and the
      texts are other ones. Of an output beyond 8 MiB the rest is not kept. Rows whose `instance_id` has capitals always
      earn 0.0 in the public agent, which loses their report; here they are graded. Repositories of SWE-Gym that the
      package `swebench` does not know are tested with `pytest -rA`.
    """

    default_evaluation: ClassVar[str] = "live"

    def __init__(
        self,
        *,
        protocol: str = "text",
        difficulty: str = "medium",
        evaluation: str | None = None,
        sandbox: Any = None,
        step_limit: int = 250,
        step_timeout: float = 600.0,
        eval_timeout: float = 1800.0,
        collapse_limit: int = 3,
        max_turns: int | None = None,
        tool_timeout: float | None = None,
        **kwargs: Any,
    ):
        one_of("protocol", protocol, ("text", "tools"))
        one_of("difficulty", difficulty, LEVELS)
        one_of("evaluation", evaluation or self.default_evaluation, ("live", "clean"))
        # A tool call that is cut off from outside would take the sandbox with it.
        commands = step_timeout if tool_timeout is None else tool_timeout
        for name, seconds in (
            ("step_timeout", step_timeout),
            ("eval_timeout", eval_timeout),
            ("tool_timeout", commands),
        ):
            number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
            if not number or not 0 < seconds < float("inf"):
                raise UsageError(f"Expected {name} to be a number of seconds above 0, found {seconds!r}.")
        for name, count in {"step_limit": step_limit, "collapse_limit": collapse_limit}.items():
            if isinstance(count, bool) or not isinstance(count, int) or count < 1:
                raise UsageError(f"Expected {name} to be a whole number above 0, found {count!r}.")
        super().__init__(
            max_turns=step_limit if max_turns is None else max_turns, tool_timeout=None, **kwargs
        )
        self.protocol, self.difficulty, self.sandbox = protocol, difficulty, sandbox_setting(sandbox)
        self.sandbox_backend = backend_of(self.sandbox)
        self.evaluation = evaluation or self.default_evaluation
        self.step_timeout = min(step_timeout, commands)
        self.eval_timeout, self.collapse_limit = eval_timeout, collapse_limit
        self.counterpart = _CommandLine(self)
        if protocol == "text":
            self.toolbox = Toolbox()
            self.action_space = ResponseSpace()
        self._box: Workspace | None = None
        self._instance: Any = None
        self._repository: Repository | None = None
        self._last, self._repeats, self._commands = "", 0, 0
        self._submitted: str | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what lives outside of this process: a copy begins with its next reset."""
        return {**self.__dict__, "_box": None, "_instance": None, "_over": True}

    def task_set(self, dataset: Any, split: str) -> TaskSet:
        """Return procedural tasks, or those of a data set."""
        if dataset is None:
            tasks = procedural(split, self.difficulty)
        else:
            tasks = loaded(dataset, split, self.on_bad_row)
        return tasks.map(self.adapt)

    def convert_row(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """Give a row of SWE-bench the prompt that it lacks."""
        return with_input(row)

    def adapt(self, task: Task) -> Task:
        """Return a task with the prompt of the protocol that is spoken."""
        return with_prompt(task, self.protocol, self.step_timeout)

    def tools(self, task: Task) -> list[dict[str, Any]]:
        """Return the tool of the tool protocol; the text protocol has none."""
        return self.toolbox.schemas if self.protocol == "tools" else []

    async def begin(self, task: Task) -> None:
        """Open a sandbox with the repository in it.

        Raises:
            InvalidTask: When the row lacks what is needed.
            UsageError: When the sandbox does not suit the row, or the package ``swebench`` is missing for it.
            InfrastructureError: When the sandbox cannot be made.
        """
        await self._leave()
        self._last, self._repeats, self._commands, self._submitted = "", 0, 0, None
        self._instance = self._repository = None
        if task.data.get("files") is None:
            from llmgym.envs.mini_swe.instances import instance_of

            self._instance = instance_of(task.data)
            if self._instance is None:
                raise InvalidTask(
                    f"Task {task.id!r}: expected 'files', or the fields of a SWE-bench instance."
                )
        else:
            # Taking the tests apart takes some tens of milliseconds.
            self._repository = await in_thread(Repository, task)
        self._box = self._workspace()
        if self._instance is not None:
            # What the evaluation will lack is told before the work, not after it.
            await in_thread(self._instance.eval_script, self.evaluation)
        await self._box.open()
        if self._repository is not None:
            files = self._repository.files
            commits = [Commit(message, tuple(paths)) for message, paths in task.data.get("history") or ()]
            try:
                await self._box.set_up(files, fast_import(files, commits))
            except FileProblem as error:
                raise InvalidTask(f"Task {task.id!r}: {error}") from error

    @tool
    async def bash(self, command: str) -> str:
        """Run a command in a new shell, in the folder of the repository.

        Args:
            command: The command.
        """
        return await self._run(command)

    async def verify(self, episode: Episode) -> Verdict:
        """Run the tests: the public rule, on the tree that the evaluation names."""
        box, handed_in = self._box, self._submitted is not None
        metrics: dict[str, Any] = {
            "submitted": handed_in,
            "steps": len(episode.turns),
            "commands": self._commands,
            "evaluation": self.evaluation,
            "difficulty": episode.task.data.get("difficulty"),
            "family": episode.task.data.get("family"),
            "bug_kind": episode.task.data.get("bug_kind"),
        }
        if box is None:
            # It was graded before, and what was to be graded is gone.
            return grade_report(None, metrics, "no_sandbox")
        metrics["sandbox"] = box.sandbox.backend
        try:
            if self.evaluation == "clean" and not handed_in:
                return grade_report(None, metrics, "not_submitted")
            found = await self._evaluated(box)
        finally:
            await self._leave()
        metrics |= {
            "patch": found.patch,
            "patch_applied": found.patch_applied,
            "eval_error": found.error or None,
        }
        reason = (
            "patch_failed" if found.patch_applied is False else "eval_error" if found.report is None else ""
        )
        return grade_report(found.report, metrics, reason)

    def oracle(self, task: Task) -> Sequence[Action] | None:
        """Return the row's own patch as commands, and the submission."""
        return say(repair(task.data), self.protocol) if task.data.get("patch") else None

    def close(self) -> None:
        """Take the sandbox away."""
        super().close()
        if self._box is not None:
            bridge.wait(self._leave())

    def fork(self) -> Env:
        """Refuse: a sandbox with what runs in it cannot be copied.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError("a sandbox cannot be copied")

    def _advance(self, episode: Episode, turn: Turn) -> None:
        super()._advance(episode, turn)
        if not episode.stop_reason and not turn.results and turn.reply is None:
            # A response that only reasons has no command either, and is told so.
            self._yield_floor(episode, turn)

    async def _answer(self, text: str) -> Message:
        """Return what the model reads after a response without tool calls."""
        if self.protocol == "tools":
            return user(format_error("tools", 0))
        commands = bash_blocks(text)
        if len(commands) != 1:
            return user(format_error("text", len(commands)))
        return user(await self._run(commands[0].strip()))

    async def _run(self, command: str) -> str:
        assert self._box is not None
        self._commands += 1
        self._repeats = self._repeats + 1 if command == self._last else 1
        self._last = command
        result: CommandResult = await self._box.run(command)
        tools = self.protocol == "tools"
        handed_in = submission(result, tools=tools)
        if handed_in is not None:
            self._submitted = handed_in
            self.episode.finish("submitted")
        repeated = self._repeats if self._repeats >= self.collapse_limit else 0
        return observation(result, tools=tools, repeated=repeated)

    async def _evaluated(self, box: Workspace) -> Evaluation:
        submitted, seconds = self._submitted or "", self.eval_timeout
        nonce = f"{int(self.stream('evaluation').integers(2**63)):016x}"
        repository = self._repository
        if self.evaluation == "live":
            if repository is not None:
                return await repository.evaluate_live(box, seconds, nonce)
            from llmgym.envs.mini_swe.public_rows import evaluate_live

            return await evaluate_live(self._instance, box, submitted, seconds)
        fresh = self._workspace()
        try:
            await fresh.open()
            if repository is not None:
                return await repository.evaluate_clean(box, fresh, submitted, seconds, nonce)
            from llmgym.envs.mini_swe.public_rows import evaluate_clean

            return await evaluate_clean(self._instance, fresh, submitted, seconds)
        finally:
            await fresh.close()

    def _workspace(self) -> Workspace:
        if self._instance is None:
            return Workspace(self.sandbox, self.step_timeout)
        from llmgym.envs.mini_swe.public_rows import container_setting

        setting = container_setting(self.sandbox, self._instance.image)
        return Workspace(setting, self.step_timeout, cwd=self._instance.cwd, conda=True)

    async def _leave(self) -> None:
        box, self._box = self._box, None
        if box is not None:
            await box.close()


class _CommandLine:
    """Answers a response: runs the command in its text, or says how to write one."""

    acts = True

    def __init__(self, env: MiniSWEEnv):
        self._env = env

    def begin(self, episode: Episode, rng: np.random.Generator) -> None:
        """Nothing to prepare."""

    async def reply(self, episode: Episode) -> Message:
        """Return the observation."""
        return await self._env._answer(episode.turns[-1].response.text)
