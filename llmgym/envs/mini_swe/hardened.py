"""The software engineering environment, graded on a tree of its own."""

from __future__ import annotations

from typing import ClassVar

from llmgym.envs.mini_swe.env import MiniSWEEnv

__all__ = ["MiniSWEV1Env"]


class MiniSWEV1Env(MiniSWEEnv):
    """Repair a repository with shell commands; what was handed in is graded, on a tree of its own.

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
    gym.make("llmgym/MiniSWE-v1", protocol="tools", difficulty="hard")
    ```
    * `protocol="text"`: `text` or `tools`.
    * `difficulty="medium"`: `easy`, `medium` or `hard`; of procedural tasks only.
    * `evaluation="clean"`: `live` or `clean`.
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
    * v1: `evaluation="clean"` by default. In v0, files that are not handed in, left processes and changes outside the
      repository take part in the evaluation, and a model that never hands in can earn the reward.
    * v0: the live tree is graded, as in the public environment.
    """

    default_evaluation: ClassVar[str] = "clean"
