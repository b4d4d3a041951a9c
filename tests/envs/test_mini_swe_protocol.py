from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmgym.envs.mini_swe.prompts import format_error, prompt
from llmgym.envs.mini_swe.protocol import CUT, CommandResult, bash_blocks, observation, submission
from llmgym.sandbox import Completed

PUBLIC = re.compile(r"```bash\s*\n(.*?)\n```", re.DOTALL)
SUBMITTED, OLD = "COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT", "MINI_SWE_AGENT_FINAL_OUTPUT"

BLOCKS = {
    "plain": ("```bash\nls\n```", ["ls"]),
    "with a thought before": ("THOUGHT: look\n\n```bash\nls -la\n```", ["ls -la"]),
    "with text after": ("```bash\nls\n```\nThat is all.", ["ls"]),
    "several lines": ("```bash\ncd /tmp\nls\n```", ["cd /tmp\nls"]),
    "blank lines inside": ("```bash\na\n\n\nb\n```", ["a\n\n\nb"]),
    "blanks after the word": ("```bash   \nls\n```", ["ls"]),
    "blank lines before the command": ("```bash\n\n\nls\n```", ["ls"]),
    "indented command": ("```bash\n  ls\n```", ["  ls"]),
    "carriage returns": ("```bash\r\nls\r\n```", ["ls\r"]),
    "nothing": ("", []),
    "no block": ("I am done.", []),
    "another language": ("```sh\nls\n```", []),
    "no language": ("```\nls\n```", []),
    "python": ("```python\nprint()\n```", []),
    "upper case": ("```BASH\nls\n```", []),
    "a longer word": ("```bashful\nls\n```", []),
    "command on the first line": ("```bash ls\n```", []),
    "not closed": ("```bash\nls", []),
    "closed on the same line": ("```bash\nls```", []),
    "closed by tildes": ("```bash\nls\n~~~", []),
    "two": ("```bash\na\n```\n```bash\nb\n```", ["a", "b"]),
    "two, the second open": ("```bash\na\n```\n```bash\nb", ["a"]),
    "three": ("```bash\na\n```\n" * 3, ["a", "a", "a"]),
    "empty": ("```bash\n```", []),
    "one empty line": ("```bash\n\n```", [""]),
    "two empty lines": ("```bash\n\n\n```", [""]),
    "a heredoc": ("```bash\ncat <<'EOF' > a\nx\nEOF\n```", ["cat <<'EOF' > a\nx\nEOF"]),
    "backquotes in a line": ("```bash\necho ```\n```", ["echo ```"]),
    "a block in a block": ("```bash\necho\n```bash\nls\n```", ["echo"]),
    "in a quote": ("> ```bash\n> ls\n> ```", []),
    "closing fence with a language": ("```bash\nls\n```python", ["ls"]),
    "four backquotes": ("````bash\nls\n````", ["ls"]),
    "indented fence": ("  ```bash\n  ls\n  ```", []),
    "other white space": ("```bash\x0b\u2003\nls\n```", ["ls"]),
}


@pytest.mark.parametrize("case", BLOCKS)
def test_blocks(case):
    text, expected = BLOCKS[case]
    assert bash_blocks(text) == expected == PUBLIC.findall(text)


@given(st.lists(st.sampled_from(["```bash", "```", "\n", " ", "ls", "\t", "`"]), max_size=30).map("".join))
def test_blocks_are_those_of_the_public_expression(text):
    assert bash_blocks(text) == PUBLIC.findall(text)


@pytest.mark.parametrize("text", ["```bash\nx" * 100_000, "```bash" + "\n" * 700_000, "```bash \t" * 90_000])
def test_blocks_are_found_in_linear_time(text):
    assert bash_blocks(text) == []


def ran(output: str, code: int = 0, cause: str = "exited", truncated: bool = False) -> CommandResult:
    return CommandResult.of("ls", Completed(code, output.encode(), b"", cause, 0.1, truncated), 600.0)


OBSERVATIONS = {
    "short": (ran("a\n"), "<returncode>0</returncode>\n<output>\na\n</output>"),
    "empty": (ran(""), "<returncode>0</returncode>\n<output>\n</output>"),
    "no line feed at the end": (ran("a"), "<returncode>0</returncode>\n<output>\na</output>"),
    "failed": (ran("no\n", 2), "<returncode>2</returncode>\n<output>\nno\n</output>"),
    "killed by a signal": (ran("", -9, "signal"), "<returncode>137</returncode>\n<output>\n</output>"),
    "not UTF-8": (
        CommandResult.of("x", Completed(0, b"\xff", b"", "exited", 0.1), 1.0),
        "<returncode>0</returncode>\n<output>\n\ufffd</output>",
    ),
}


@pytest.mark.parametrize("tools", [False, True])
@pytest.mark.parametrize("case", OBSERVATIONS)
def test_observations(case, tools):
    result, expected = OBSERVATIONS[case]
    assert observation(result, tools=tools) == expected


class TestLongOutput:
    @pytest.mark.parametrize("length", [1, 9_998, 9_999])
    def test_is_whole_below_ten_thousand_characters(self, length):
        text = observation(ran("x" * length), tools=False)
        assert text == f"<returncode>0</returncode>\n<output>\n{'x' * length}</output>"

    @pytest.mark.parametrize(("length", "elided"), [(10_000, 0), (10_001, 1), (25_000, 15_000)])
    def test_is_cut_from_ten_thousand_on(self, length, elided):
        whole = "a" * 5_000 + "-" * (length - 10_000) + "z" * 5_000
        text = observation(ran(whole), tools=False)
        assert "<output>" not in text and text.startswith("<returncode>0</returncode>\n<warning>")
        assert f"<output_head>\n{'a' * 5_000}\n</output_head>" in text
        assert f"<elided_chars>\n{elided} characters elided\n</elided_chars>" in text
        assert f"<output_tail>\n{'z' * 5_000}\n</output_tail>" in text

    def test_says_where_even_the_end_is_missing(self):
        result = ran("x" * 20_000, truncated=True)
        assert result.output.endswith(f"x{CUT}") and CUT.strip() in observation(result, tools=False)

    def test_counts_characters_not_bytes(self):
        assert "<output>" in observation(ran("é" * 9_999), tools=False)
        assert "<output_head>" in observation(ran("é" * 10_000), tools=False)


class TestTimeout:
    def test_in_the_text_protocol_tells_that_the_command_was_stopped(self):
        text = observation(ran("half", -9, "wall_time"), tools=False)
        assert "longer than 600 seconds and was stopped" in text and "<output>\nhalf</output>" in text
        assert "<returncode>" not in text

    def test_in_the_tool_protocol_is_an_exception(self):
        text = observation(ran("half", -9, "wall_time"), tools=True)
        assert text.startswith(
            "<exception>The command took longer than 600 seconds and was stopped.</exception>\n"
        )
        assert "<returncode>-1</returncode>" in text and "<output>\nhalf</output>" in text

    @pytest.mark.parametrize(
        ("cause", "told"), [("memory", "memory"), ("cpu_time", "processor time"), ("output", "room")]
    )
    def test_other_limits_are_exceptions_too(self, cause, told):
        assert told in observation(ran("", -9, cause), tools=True).splitlines()[0]

    def test_has_no_exception_otherwise(self):
        assert "<exception>" not in observation(ran("", 1), tools=True)


def test_repetition_is_warned_of():
    assert "3 times in a row" in observation(ran(""), tools=False, repeated=3)
    assert "in a row" not in observation(ran(""), tools=False)


SUBMISSIONS = {
    "marker alone": (ran(f"{SUBMITTED}\n"), "", ""),
    "without a line feed": (ran(SUBMITTED), "", ""),
    "with a patch": (ran(f"{SUBMITTED}\ndiff\n+a\n"), "diff\n+a\n", "diff\n+a\n"),
    "patch keeps blank lines": (ran(f"{SUBMITTED}\n\ndiff\n\n"), "\ndiff\n\n", "\ndiff\n\n"),
    "blank lines before": (ran(f"\n  \n{SUBMITTED}\nx"), "x", "x"),
    "blanks around": (ran(f"  {SUBMITTED} \nx"), "x", "x"),
    "the older marker": (ran(f"{OLD}\nx"), "x", None),
    "failed command": (ran(f"{SUBMITTED}\nx", 1), "x", None),
    "killed command": (ran(f"{SUBMITTED}\nx", -9, "signal"), "x", None),
    "timed out": (ran(f"{SUBMITTED}\nx", -9, "wall_time"), None, None),
    "second line": (ran(f"ready\n{SUBMITTED}\n"), None, None),
    "something after it": (ran(f"{SUBMITTED} now\n"), None, None),
    "something before it": (ran(f"echo {SUBMITTED}\n"), None, None),
    "lower case": (ran(SUBMITTED.lower()), None, None),
    "half of it": (ran(SUBMITTED[:-1]), None, None),
    "nothing": (ran(""), None, None),
    "blank": (ran("\n \n"), None, None),
    "carriage return": (ran(f"{SUBMITTED}\r\nx"), "x", "x"),
}


@pytest.mark.parametrize("tools", [False, True])
@pytest.mark.parametrize("case", SUBMISSIONS)
def test_submissions(case, tools):
    result, text, called = SUBMISSIONS[case]
    assert submission(result, tools=tools) == (called if tools else text)


def test_there_are_enough_cases():
    assert len(BLOCKS) + len(OBSERVATIONS) + 2 * len(SUBMISSIONS) >= 70


class TestPrompts:
    @pytest.mark.parametrize("protocol", ["text", "tools"])
    @pytest.mark.parametrize("public", [False, True])
    def test_tell_the_issue_the_folder_and_how_to_hand_in(self, protocol, public):
        system, asked = prompt("It {breaks}.", protocol, public=public, cwd="/testbed", timeout=600.0)
        assert system["role"] == "system" and asked["role"] == "user"
        for told in ("It {breaks}.", "/testbed", SUBMITTED, "600 seconds"):
            assert told in asked["content"]
        assert ("git add -A" in asked["content"]) == (public and protocol == "text")
        assert ("patch.txt" in asked["content"]) == (public and protocol == "tools")

    def test_of_the_text_protocol_have_one_example_each(self):
        system, asked = prompt("x", "text", public=False, cwd="/testbed", timeout=60)
        assert bash_blocks(system["content"]) == ["the command"]
        assert bash_blocks(asked["content"]) == [f"echo {SUBMITTED}"]

    @pytest.mark.parametrize("found", [0, 2, 17])
    def test_a_wrong_form_is_told_with_what_was_found(self, found):
        assert f"but {found} were found" in format_error("text", found)
        assert bash_blocks(format_error("text", found)) == ["the command"]
        assert "calls no tool" in format_error("tools", 0)
