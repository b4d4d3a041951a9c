"""What the model is told at the beginning, and when it does not keep to the form."""

from __future__ import annotations

from llmgym.messages import Message, user

__all__ = ["format_error", "prompt"]

_SYSTEM = {
    "text": (
        "You work on a computer through a shell. Each of your messages has a short THOUGHT, and then exactly one code "
        "block marked bash with the command that you want to run:\n\n"
        "THOUGHT: why this command is the next step\n\n"
        "```bash\nthe command\n```\n\n"
        "Several commands can be joined by && or ||. A message with no such block, or with more than one, is sent back."
    ),
    "tools": "You work on a computer through a shell. Use the tool bash to run commands.",
}

_WORK = """Repair the repository in {cwd}. Somebody describes what is wrong:

<pr_description>
{problem}
</pr_description>

Change the source files so that what is described works, in general and not for the example alone. Leave tests and \
configuration as they are: tests are put back before your work is graded.

How to proceed:
1. Look at the files that matter.
2. Write a small script that shows the fault, and run it.
3. Mend the source.
4. Run the script again, and think of other cases.
5. Remove what you do not want to hand in, and hand in.

What to know:
* Every command runs in a new shell that starts in {cwd}: a change of folder or of variables does not last. Write \
`cd /path && ...` or `NAME=value command` where you need it.
* Nobody answers questions of a command, so use options such as -y, and no editor that wants a screen.
* Make a file with `cat <<'EOF' > path`, change lines with `sed -i`, look at lines with `sed -n '10,20p'`.
* A command may take {timeout:g} seconds. Of a long output you see the beginning and the end.
{hand_in}"""

_HAND_IN = {
    ("embedded", "text"): (
        "* When you are done, run this alone; you cannot go on afterwards:\n\n"
        "```bash\necho COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT\n```\n\n"
        "  All that you changed in {cwd} is handed in with it. If the command goes on to print a patch (as "
        "`git diff` writes it), the patch alone is handed in."
    ),
    ("embedded", "tools"): (
        "* When you are done, run `echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT`, alone; you cannot go on afterwards. "
        "All that you changed in {cwd} is handed in with it. If the command goes on to print a patch (as `git diff` "
        "writes it), the patch alone is handed in."
    ),
    ("public", "text"): (
        "* When you are done, run exactly this; you cannot go on afterwards:\n\n"
        "```bash\necho COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT && git add -A && git diff --cached\n```"
    ),
    ("public", "tools"): (
        "* Hand in with two commands. First write your changes to patch.txt with `git diff -- path ... > patch.txt`, and "
        "look at it. Then run exactly `echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT && cat patch.txt`; you cannot go on "
        "afterwards."
    ),
}


def prompt(problem: str, protocol: str, *, public: bool, cwd: str, timeout: float) -> list[Message]:
    """Return the messages with which an episode begins.

    Args:
        problem: The text of the issue.
        protocol: ``text`` or ``tools``.
        public: Whether the repository is a public one, under git in a container.
        cwd: Where the repository is.
        timeout: How long a command may take, in seconds.
    """
    hand_in = _HAND_IN["public" if public else "embedded", protocol].format(cwd=cwd)
    work = _WORK.format(cwd=cwd, problem=problem.strip(), timeout=timeout, hand_in=hand_in)
    return [{"role": "system", "content": _SYSTEM[protocol]}, user(work)]


def format_error(protocol: str, found: int) -> str:
    """Return what a model is told whose message holds no command, or several.

    Args:
        protocol: ``text`` or ``tools``.
        found: How many commands there were.
    """
    if protocol == "tools":
        return (
            "Your message calls no tool. Every message must call bash at least once. To hand in, run the command that "
            "you were told for that."
        )
    return (
        f"Your message must have exactly one command, but {found} were found. Write it like this:\n\n"
        "THOUGHT: why this command is the next step\n\n"
        "```bash\nthe command\n```\n\n"
        "To hand in, run the command that you were told for that."
    )
