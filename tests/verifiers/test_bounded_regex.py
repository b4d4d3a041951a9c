from __future__ import annotations

import os
import re
import signal
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmgym.errors import InfrastructureError
from llmgym.verifiers import bounded_regex
from llmgym.verifiers.bounded_regex import LastMatch, close, last_match


def process():
    last_match("a", "a")
    return bounded_regex._worker._idle[-1] if bounded_regex._worker._idle else None


@pytest.mark.filterwarnings("ignore::FutureWarning")
@settings(max_examples=300, deadline=None)
@given(st.text("ab()[]+*?|.\\w{}1,^$", max_size=8), st.text("abAB1 \n", max_size=8), st.booleans())
def test_equals_findall(pattern, text, ignore_case):
    found = last_match(pattern, text, ignore_case=ignore_case)
    try:
        expected = re.findall(pattern, text, re.IGNORECASE if ignore_case else 0)
    except re.error:
        assert found.status == "invalid_pattern"
        return
    except OverflowError:
        assert found.status == "failed"
        return
    assert found.status == ("found" if expected else "absent")
    if found.groups <= 1:
        assert found.value == (expected or [""])[-1]


@pytest.mark.parametrize(
    "text", ["", "\ud800 \udfff", "\x00\n\r\u2028", "x" * 3_000_000, "\U0001f600" * 100_000]
)
def test_any_text_travels(text):
    assert last_match("(?s).*", text).status == "found"
    assert last_match(r"(?s)\A(.*)\Z", text).value in (text, "")


@pytest.mark.parametrize(
    ("pattern", "text"), [(r"(a+)+$", "a" * 60 + "!"), (r"(?:a|a)*b", "a" * 60), (r"\s*x", " " * 200_000)]
)
def test_too_slow_ends_and_the_next_search_works(pattern, text):
    found = last_match(pattern, text, cpu_seconds=0.03)
    assert found == LastMatch("too_slow", detail="more than 0.03 s of processor time")
    assert last_match("b", "b").value == "b"


def test_the_signal_may_be_ignored_by_the_host():
    close()
    before = signal.signal(signal.SIGPROF, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPROF})
    try:
        assert last_match(r"(a+)+$", "a" * 60 + "!", cpu_seconds=0.03).status == "too_slow"
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGPROF})
        signal.signal(signal.SIGPROF, before)


def test_a_helper_that_was_ended_while_idle_is_replaced():
    helper = process()
    helper.kill()
    helper.wait()
    assert last_match("b", "b").value == "b"
    assert process() is not helper


def test_close_leaves_nothing_behind():
    helper = process()
    close()
    assert helper.returncode is not None
    assert helper.stdin.closed and helper.stdout.closed
    close()


def test_a_frozen_helper_is_the_worlds_fault(monkeypatch):
    helper = process()
    monkeypatch.setattr(bounded_regex, "_GRACE_SECONDS", 0.05)
    os.kill(helper.pid, signal.SIGSTOP)
    with pytest.raises(InfrastructureError, match="processor time") as caught:
        last_match("a", "a" * 1_000_000, cpu_seconds=0.01)
    assert (caught.value.boundary, caught.value.retryable) == ("sandbox", True)
    assert helper.returncode is not None


def test_a_helper_that_cannot_start_is_the_worlds_fault(monkeypatch):
    close()
    monkeypatch.setattr(bounded_regex.sys, "executable", "/nonexistent/python")
    with pytest.raises(InfrastructureError, match="could not be started"):
        last_match("a", "a")


def test_a_helper_that_always_ends_is_the_worlds_fault(monkeypatch):
    close()
    monkeypatch.setattr(bounded_regex.sys, "executable", "/bin/false")
    with pytest.raises(InfrastructureError, match="ended with status 1"):
        last_match("a", "a")


def test_threads_share_one_helper():
    helper = process()
    values = {}

    def search(number):
        for i in range(50):
            values[number, i] = last_match(r"\d+", f"x{number * 1000 + i}").value

    threads = [threading.Thread(target=search, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert values == {(n, i): str(n * 1000 + i) for n in range(1, 5) for i in range(50)}
    assert process() is helper


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_forked_child_has_its_own_helper():
    helper = process()
    child = os.fork()
    if child == 0:
        own = process()
        fine = own.pid != helper.pid and last_match("b", "b").value == "b"
        close()
        os._exit(0 if fine else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert process() is helper
