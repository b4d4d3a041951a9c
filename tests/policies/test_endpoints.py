from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmgym.errors import SettingsError
from llmgym.policies.endpoints import Endpoint, Redactor, Router


def endpoints(count: int) -> list[Endpoint]:
    return [Endpoint(f"http://node{number}.test/v1") for number in range(count)]


@pytest.mark.parametrize(
    ("url", "shown", "target"),
    [
        ("http://h/v1", "http://h/v1", "http://h/v1/responses"),
        (" https://h:8443/v1/ ", "https://h:8443/v1", "https://h:8443/v1/responses"),
        ("http://u:p@h/v1?key=secret", "http://h/v1", "http://h/v1/responses?key=secret"),
        ("http://[::1]:80/v1#x", "http://[::1]:80/v1", "http://[::1]/v1/responses"),
    ],
)
def test_urls(url, shown, target):
    endpoint = Endpoint(url)
    assert endpoint.shown == shown
    assert str(endpoint.target("responses")) == target
    assert shown in repr(endpoint)


@pytest.mark.parametrize(
    "url", ["", "h/v1", "ftp://h", "http://", "http://u:s3cret@:80/", "http://h:99999/v1"]
)
def test_what_is_no_url(url):
    with pytest.raises(SettingsError, match="Expected a base URL") as caught:
        Endpoint(url)
    assert "s3cret" not in str(caught.value)


def test_headers_are_told_apart_without_case():
    endpoint = Endpoint("http://h/v1", "sk-secret", {"authorization": "Custom abcdefgh"})
    assert endpoint.headers == {"Content-Type": "application/json", "authorization": "Custom abcdefgh"}
    assert Redactor(endpoint.secrets)("got abcdefgh and sk-secret") == "got [redacted] and [redacted]"


def test_redacting_trees():
    redact = Redactor(["canary-key", "EMPTY"])
    assert redact.tree(
        {"a": ["x canary-key", 1, None], "API_KEY": 7, "b": {"password": ["p"]}, "c": "EMPTY"}
    ) == {
        "a": ["x [redacted]", 1, None],
        "API_KEY": "[redacted]",
        "b": {"password": "[redacted]"},
        "c": "EMPTY",
    }
    assert "canary" not in repr(redact)


def test_longer_secrets_go_first():
    assert Redactor(["secret", "secret-longer"])("secret-longer") == "[redacted]"


@given(sessions=st.lists(st.text(min_size=1), min_size=1, max_size=20))
def test_the_choice_is_a_function_of_the_session(sessions):
    one, two = Router(endpoints(3)), Router(endpoints(3)[::-1])
    for session in sessions:
        assert one.pick(session).shown == one.pick(session).shown == two.pick(session).shown


def test_sessions_spread_and_few_move():
    before, after = Router(endpoints(4)), Router(endpoints(5))
    names = [f"episode-{number}" for number in range(1000)]
    load = Counter(before.pick(name).shown for name in names)
    assert min(load.values()) > 150
    moved = [name for name in names if before.pick(name).shown != after.pick(name).shown]
    assert 100 < len(moved) < 300
    assert {after.pick(name).shown for name in moved} == {"http://node4.test/v1"}


def test_down_and_failing_endpoints_are_passed_over():
    router = Router(endpoints(3))
    order = [endpoint.shown for endpoint in router._order("s")]
    assert [router.pick("s", failures).shown for failures in (0, 1, 2, 4, 6)] == [
        order[number] for number in (0, 0, 1, 2, 0)
    ]
    first = router.pick("s")
    first.limiter.mark_down(60)
    assert router.pick("s").shown == order[1]
    for endpoint in router.endpoints:
        endpoint.limiter.mark_down(60)
    assert [router.pick("s", failures).shown for failures in range(4)] == [*order, order[0]]
    first.limiter.mark_down(0)
    assert router.pick("s").shown == order[0]
    for endpoint in router.endpoints:
        endpoint.limiter.mark_down(0)
