from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from testing_env import WeatherEnv

from llmgym import Task, tool_call
from llmgym.messages import assistant, user
from llmgym.rendering import conversation, message_block, printable


def test_an_episode_as_text():
    env = WeatherEnv(render_mode="ansi")
    assert env.render() == "WeatherEnv: no episode yet"
    env.reset(options={"task": {"prompt": "Weather in Zürich?", "city": "Zürich", "id": "t1"}})
    env.step(
        {
            **assistant("Let me\nsee.", tool_call("get_weather", {"city": "Zürich"})),
            "reasoning_content": "hmm",
        }
    )
    env.step("It is cold.")
    assert env.render() == (
        "WeatherEnv · task t1\n"
        "user:\n"
        "  Weather in Zürich?\n"
        "assistant:\n"
        "  hmm\n"
        "  Let me\n"
        "  see.\n"
        '  → get_weather({"city":"Zürich"})\n'
        "tool:\n"
        '  {"city":"Zürich","weather":"cold"}\n'
        "assistant:\n"
        "  It is cold.\n"
        "end: answered"
    )


def test_without_a_render_mode_there_is_no_text():
    env = WeatherEnv()
    env.reset(seed=0)
    assert env.render() is None


def test_colours_are_for_terminals(monkeypatch):
    env = WeatherEnv()
    env.reset(seed=0)
    monkeypatch.delenv("NO_COLOR", raising=False)

    def coloured(**options):
        return "\033[" in conversation(env.episode, "x", **options)

    assert coloured(colour=True) and not coloured(colour=False) and not coloured()
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert coloured()
    monkeypatch.setenv("NO_COLOR", "1")
    assert not coloured()


EVIL = "\033[2J\033]0;title\a\r\b\x9b1m\x00\u202etxt\u2066 \ud800"


def test_nobody_can_steer_the_terminal():
    calls = [tool_call(EVIL, EVIL, EVIL), {"id": "x", "function": EVIL}, None]
    message = {**assistant(EVIL, *calls), "reasoning_content": EVIL}
    env = WeatherEnv()
    env.reset(options={"task": Task(EVIL, [user(EVIL), {"role": EVIL, "content": [EVIL]}], {"city": EVIL})})
    env.step("x")
    env.episode.finish(EVIL)
    env.episode.messages.append(message)
    text = conversation(env.episode, EVIL, colour=False)
    assert not set(text) & set(EVIL.replace("1m", "").replace("txt", "").replace(" ", "")) - set(
        "[2J]0;title"
    )
    text.encode()


@given(st.text(st.characters(exclude_categories=[]), max_size=30))
def test_printable_text_stays(text):
    shown = printable(text)
    assert len(shown) == len(text) == len(shown.encode().decode())
    assert all(char == "\n" or char == "\t" or ord(char) >= 32 for char in shown)
    if text.isprintable():
        assert shown == text


def test_long_lines_are_wrapped_and_parts_joined():
    content = [{"type": "text", "text": "word " * 60}, {"type": "image_url", "image_url": {"url": "u"}}]
    lines = message_block({"role": "user", "content": content}).split("\n")
    assert len(lines) == 4 and max(map(len, lines)) <= 112 and " ".join(lines[1:]).split() == ["word"] * 60


@pytest.mark.parametrize("message", [{}, {"role": "user"}, {"role": "assistant", "tool_calls": None}])
def test_messages_without_content(message):
    assert message_block(message).endswith(":")
