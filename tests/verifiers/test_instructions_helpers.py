"""Checks that may take long: bounded in time, made elsewhere, and never lost."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from llmgym.errors import InfrastructureError
from llmgym.verifiers.instructions import INSTRUCTIONS, check_instruction, helpers, settle

CATASTROPHE = "(a+)+$"


def settled(id, kwargs=None):
    return settle(id, kwargs, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("id", "kwargs"),
    [
        ("keywords:existence", {"keywords": [CATASTROPHE]}),
        ("keywords:forbidden_words", {"forbidden_words": [CATASTROPHE]}),
        ("keywords:word_once", {"keyword": CATASTROPHE}),
        ("detectable_content:postscript", {"postscript_marker": CATASTROPHE}),
        ("detectable_format:multiple_sections", {"section_spliter": "(a+)+$", "num_sections": 1}),
        ("copy:repeat_phrase", {"phrase": "(a+)+! b c", "small_n": 2}),
    ],
)
def test_a_catastrophic_expression_ends(id, kwargs):
    instruction = settled(id, kwargs)
    text = "a" * 60 + "!"
    assert not instruction.quick(text)
    outcome = instruction.check(text)
    assert (outcome.followed, outcome.detail) == (False, "too_slow")
    assert check_instruction("keywords:existence", {"keywords": ["o(a)k"]}, "an oak")


@pytest.mark.parametrize(
    ("id", "kwargs", "text"),
    [
        ("detectable_content:number_placeholders", {"num_placeholders": 1}, "[" * 20_000),
        ("detectable_format:number_bullet_lists", {"num_bullets": 1}, "\n" * 20_000),
        ("detectable_format:number_bullet_lists", {"num_bullets": 1}, " " * 20_000),
        ("detectable_format:title", {}, "<" * 20_000),
        ("detectable_format:number_highlighted_sections", {"num_highlights": 1}, "*" * 19_000 + "\n"),
        ("detectable_content:postscript", {"postscript_marker": "P.S."}, " " * 20_000),
        ("detectable_content:postscript", {"postscript_marker": "N.B"}, " " * 20_000),
        ("count:lowercase_counting", {"N": 1}, "a" * 19_000 + "1"),
        ("first_word:first_word_sent", {"first_word": "a"}, "a." * 10_000),
        ("detectable_format:sentence_hyphens", {}, "-a." * 6_000),
    ],
)
def test_quick_checks_take_time_in_proportion_to_the_text(id, kwargs, text):
    instruction = settled(id, kwargs)
    assert instruction.quick(text)
    started = time.process_time()
    instruction.check(text)
    # A quadratic search would take seconds.
    assert time.process_time() - started < 0.2


@pytest.mark.parametrize("id", INSTRUCTIONS)
def test_a_long_text_is_checked_elsewhere(id):
    kwargs = {"prompt_to_repeat": "a b c d"} if "prompt_to_repeat" in INSTRUCTIONS[id].parameters else {}
    text = "Some words, and more. " * 2_000
    instruction = settled(id, kwargs)
    assert not instruction.quick(text)
    outcome = instruction.check(text)
    assert outcome.detail != "too_slow"
    if INSTRUCTIONS[id].work == "text" and not instruction.detail:
        assert outcome.followed == INSTRUCTIONS[id].check(text, **instruction.arguments)


def test_a_long_keyword_is_searched_elsewhere():
    keyword = "oak" * 1_000
    instruction = settled("keywords:existence", {"keywords": [keyword]})
    assert instruction.quick("an oak")
    assert not instruction.quick("an oak" * 1_000)
    assert instruction.check("an oak" * 1_000).detail == ""


@pytest.mark.parametrize("text", ["\ud800", "\x00", "a\u2028b", "\U0001f600" * 100, "\r\n\x85"])
def test_any_character_reaches_the_helper(text):
    assert check_instruction("keywords:existence", {"keywords": ["(?s)^.*$"]}, text)


def test_checks_at_once_share_the_helpers():
    def check(number):
        text = "word. " * number
        return check_instruction(
            "length_constraints:number_sentences", {"num_sentences": number, "relation": "at least"}, text
        )

    with ThreadPoolExecutor(12) as pool:
        assert all(pool.map(check, range(1, 60)))
    assert 1 <= len(helpers._helpers._idle) <= helpers.MOST_HELPERS


def idle():
    check_instruction("keywords:existence", {"keywords": ["a+"]}, "a")
    return helpers._helpers._idle[-1]


def test_a_helper_that_was_ended_is_replaced():
    process = idle()
    process.kill()
    process.wait()
    assert check_instruction("keywords:existence", {"keywords": ["a+"]}, "a")
    assert idle().pid != process.pid


def test_a_helper_that_keeps_dying_is_an_error_of_the_world(monkeypatch):
    helpers.close()
    monkeypatch.setattr(helpers, "_PROGRAM", "raise SystemExit(3)")
    with pytest.raises(InfrastructureError, match="status 3") as caught:
        check_instruction("keywords:existence", {"keywords": ["a+"]}, "a")
    assert caught.value.boundary == "sandbox"
    monkeypatch.undo()
    assert check_instruction("keywords:existence", {"keywords": ["a+"]}, "a")


def _in_child(connection):
    connection.send(check_instruction("keywords:existence", {"keywords": ["a+"]}, "a"))


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_fork_has_helpers_of_its_own():
    process = idle()
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    child = context.Process(target=_in_child, args=(there,))
    child.start()
    assert here.poll(60) and here.recv() is True
    child.join()
    here.close()
    there.close()
    assert idle().pid == process.pid


def test_a_blocked_signal_does_not_lift_the_bound():
    helpers.close()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPROF})
    try:
        outcome = settled("keywords:existence", {"keywords": [CATASTROPHE]}).check("a" * 60 + "!")
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGPROF})
    assert outcome.detail == "too_slow"


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts open files in /proc")
def test_closing_leaves_no_file_open():
    helpers.close()
    before = len(os.listdir("/proc/self/fd"))
    idle()
    helpers.close()
    assert len(os.listdir("/proc/self/fd")) == before
