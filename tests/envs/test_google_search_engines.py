from __future__ import annotations

import asyncio
import json
import socket
import sys

import pytest
from envs.search_site import running_site

import llmgym.envs.google_search.search.pages as pages
from llmgym.envs.google_search import GoogleSearchEnv
from llmgym.envs.google_search.search import (
    Hit,
    SearchFailed,
    engine_of,
    identity_of,
    results_text,
    settings_of,
)
from llmgym.envs.google_search.search.addresses import check_url, guarded_resolver, is_public
from llmgym.envs.google_search.search.pages import fetch, page_content, shorten
from llmgym.errors import DependencyMissing, InfrastructureError, SettingsError, UsageError
from llmgym.messages import assistant, tool_call

ROW = {"prompt": "Which?\nA: one\nB: two", "expected_answer": "B"}


@pytest.fixture(scope="module")
def site():
    with running_site() as site:
        yield site


def ask(settings, query="herons & co"):
    return json.loads(asyncio.run(engine_of(settings_of(settings)).search(query)))


def failure(settings):
    with pytest.raises(SearchFailed) as caught:
        asyncio.run(engine_of(settings_of({"pause": 0.01, **settings})).search("x"))
    return str(caught.value)


def used(env, name, **arguments):
    env.reset(seed=0, options={"task": ROW})
    env.step(assistant(None, tool_call(name, json.dumps(arguments))))
    result = env.episode.tool_results[0]
    return next(iter(json.loads(result.content).values()))


# Engines.


def test_google_shows_the_whole_answer(site):
    told = ask({"kind": "google", "key": "k", "cx": "c", "url": site.url("/google")})
    assert told == {"kind": "customsearch#search", "q": {"key": "k", "cx": "c", "q": "herons & co"}, "é": "ü"}


def test_google_texts_are_ascii_as_json_dumps_makes_them(site):
    settings = settings_of({"kind": "google", "key": "k", "cx": "c", "url": site.url("/google")})
    assert '"\\u00e9": "\\u00fc"' in asyncio.run(engine_of(settings).search("x"))


def test_results_have_the_form_of_google_and_are_ten_at_most(site):
    told = ask({"kind": "http", "url": site.url("/results") + "?q={query}"})
    assert len(told["items"]) == 10
    assert told["items"][0] == {"title": "T0", "link": "http://x/0", "snippet": "herons & co"}


def test_an_engine_by_template(site, monkeypatch):
    monkeypatch.setenv("MY_KEY", "secret$HOME")
    told = ask(
        {
            "kind": "http",
            "url": site.url("/nested"),
            "method": "POST",
            "headers": {"X-Key": "Bearer $MY_KEY"},
            "body": {"query": "{query}", "more": ["{query}", 1]},
            "results": "web.list",
            "title": "name",
            "link": "href",
        }
    )
    assert told == {"items": [{"title": "herons & co", "link": "http://x/", "snippet": ""}]}
    assert site.last.headers["X-Key"] == "Bearer secret$HOME"


@pytest.mark.parametrize("kind", ["searxng", "brave", "tavily"])
def test_known_engines_take_another_address(site, monkeypatch, kind):
    monkeypatch.setenv("BRAVE_API_KEY", "b")
    monkeypatch.setenv("TAVILY_API_KEY", "t")
    url = site.url("/results") + "?q={query}"
    settings = {"kind": kind, "url": url, "results": "results", "snippet": "content"}
    assert len(ask(settings)["items"]) == 10
    if kind == "brave":
        assert site.last.headers["X-Subscription-Token"] == "b"
    if kind == "tavily":
        assert site.last.headers["Authorization"] == "Bearer t"


def test_passing_failures_are_repeated(site):
    assert "items" not in ask({"kind": "http", "url": site.url("/flaky"), "pause": 0.01})
    assert site.asked["/flaky"] == 3


@pytest.mark.parametrize(
    ("path", "settings", "text"),
    [
        ("/busy", {"retries": 1}, "the search engine answered 429 Too Many Requests"),
        ("/denied", {}, "the search engine answered 403 Forbidden"),
        ("/nojson", {}, "the search engine's answer is not JSON"),
        ("/google", {}, "the search engine's answer has no list at 'results'"),
        ("/huge", {}, "the search engine's answer is too long"),
        ("/slow", {"timeout": 0.1}, "the search engine did not answer within 0.1 seconds"),
    ],
)
def test_failures(site, path, settings, text):
    assert failure({"kind": "http", "url": site.url(path), **settings}) == text


def test_a_server_that_is_not_there():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        text = failure(
            {"kind": "google", "key": "K3Y", "cx": "c", "url": f"http://127.0.0.1:{port}/", "retries": 1}
        )
    assert text == "the search engine cannot be reached (ClientConnectorError)"


def test_the_model_is_told_of_a_failure_or_the_rollout_fails(site):
    engine = {"kind": "http", "url": site.url("/denied")}
    told = used(GoogleSearchEnv(engine=engine), "search", query="x")
    assert told == "Error: Unexpected error - the search engine answered 403 Forbidden"
    with pytest.raises(InfrastructureError) as caught:
        used(GoogleSearchEnv(engine=engine, on_failure="fail"), "search", query="x")
    assert caught.value.boundary == "tool"


def test_concurrency_is_bounded_and_waiting_is_no_failure(site):
    engine = engine_of(
        settings_of(
            {"kind": "http", "url": site.url("/together"), "concurrency": 2, "timeout": 5, "retries": 0}
        )
    )

    async def many():
        return await asyncio.gather(*(engine.search(str(number)) for number in range(8)))

    assert len(asyncio.run(many())) == 8
    assert site.most_together == 2


def test_equal_settings_share_an_engine(site):
    settings = settings_of({"kind": "http", "url": site.url("/results")})
    assert engine_of(settings) is engine_of(dict(settings))


def test_identities_tell_engines_apart_and_hold_no_keys():
    one = settings_of({"kind": "google", "key": "a", "cx": "c", "timeout": 3})
    assert identity_of(one) == identity_of(settings_of({"kind": "google", "key": "b", "cx": "c"}))
    assert identity_of(one) != identity_of(settings_of({"kind": "google", "key": "a", "cx": "d"}))


@pytest.mark.parametrize(
    "engine",
    [
        "bing",
        5,
        {},
        {"kind": "bing"},
        {"kind": "embedded", "url": "x"},
        {"kind": "http"},
        {"kind": "google", "results": "x"},
        {"kind": "searxng", "timeout": 0},
        {"kind": "searxng", "concurrency": "many"},
        {"kind": "google", "key": "$LLMGYM_TEST_UNSET", "cx": "c"},
    ],
)
def test_bad_engines(engine):
    with pytest.raises(SettingsError):
        GoogleSearchEnv(engine=engine)


@pytest.mark.parametrize(
    "arguments",
    [
        {"engine": "searxng", "google_api_key": "k"},
        {"replay": True},
        {"on_failure": "ignore"},
        {"articles": 5},
        {"articles": True},
        {"encyclopedia_seed": -1},
        {"difficulty": "brutal"},
    ],
)
def test_bad_arguments(arguments):
    with pytest.raises(UsageError):
        GoogleSearchEnv(**arguments)


def test_google_arguments_under_their_public_names(site, monkeypatch):
    monkeypatch.setenv("MY_GOOGLE_KEY", "k")
    env = GoogleSearchEnv(google_api_key="$MY_GOOGLE_KEY", google_cx="c")
    assert env._settings == {"kind": "google", "key": "$MY_GOOGLE_KEY", "cx": "c"}


def test_no_hits():
    assert json.loads(results_text([])) == {"searchInformation": {"totalResults": "0"}}
    assert len(json.loads(results_text([Hit("a", "b", "c")] * 20))["items"]) == 10


# Pages.


def content(site, path, **options):
    return asyncio.run(page_content(site.url(path), allow_private=True, **options))


def test_a_page(site):
    text = content(site, "/article")
    assert "hunt by standing still" in text
    assert "menu" not in text
    assert content(site, "/there") == text


def test_a_long_page_is_cut_by_characters(site):
    text = content(site, "/long")
    assert len(text) == 10_003
    assert text[5_000:5_003] == "..."


@pytest.mark.parametrize(("words", "length"), [(9_999, None), (10_000, None), (10_001, 10_003)])
def test_the_bound_is_in_words(words, length):
    text = "word " * words
    assert len(shorten(text)) == (length or len(text))


@pytest.mark.parametrize("path", ["/missing", "/busy", "/nothing", "/huge", "/round"])
def test_pages_that_cannot_be_fetched(site, path):
    assert content(site, path) == "No HTML found"


def test_a_page_that_takes_too_long(site):
    assert content(site, "/slow", timeout=0.1) == "No HTML found"


@pytest.mark.parametrize(
    "url", ["http://no-such-host.invalid/", "http://[::1", "http://x y/", "http://a..b/"]
)
def test_hosts_that_do_not_exist(url):
    try:
        assert asyncio.run(page_content(url)) == "No HTML found"
    except SearchFailed as refusal:
        assert "address" in str(refusal)


def test_a_page_without_text_is_an_error_as_on_the_public_server(site):
    with pytest.raises(SearchFailed, match="'NoneType' object has no attribute 'split'"):
        content(site, "/empty")


def test_an_empty_extraction(site, monkeypatch):
    monkeypatch.setattr(pages, "_extract", lambda html: "")
    assert content(site, "/article") == "No text found"


def test_whatever_breaks_in_a_page_is_told(site, monkeypatch):
    import trafilatura

    def broken(html):
        raise RuntimeError("odd page")

    monkeypatch.setattr(trafilatura, "extract", broken)
    env = GoogleSearchEnv(engine={"kind": "http", "url": site.url("/results")}, allow_private=True)
    assert used(env, "browse", url=site.url("/article")) == "Error: Unexpected error = odd page"


def test_without_trafilatura(site, monkeypatch):
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    with pytest.raises(DependencyMissing, match="'search'"):
        GoogleSearchEnv(engine={"kind": "http", "url": site.url("/results")})
    GoogleSearchEnv()


def test_halves_of_surrogate_pairs(site):
    env = GoogleSearchEnv(
        engine={"kind": "google", "key": "k", "cx": "c", "url": site.url("/google")}, allow_private=True
    )
    assert json.loads(used(env, "search", query="\ud800"))["q"]["q"] == "?"
    assert used(env, "browse", url=site.url("/\ud800")) == "No HTML found"


# Addresses.


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("127.9.9.9", False),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_public_addresses(address, public):
    assert is_public(address) == public


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.org/",
        "gopher://example.org/",
        "data:text/html,x",
        "javascript:1",
        "/etc/passwd",
        "example.org",
        "",
        "http://",
        "http:///x",
        "http://127.0.0.1/",
        "http://user@127.0.0.1:80/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest/meta-data",
        "http://[::1",
    ],
)
def test_urls_that_are_refused(url):
    with pytest.raises(SearchFailed):
        check_url(url, False)


@pytest.mark.parametrize("host", ["localhost", "localhost.", "127.1", "2130706433", "0x7f000001", "0"])
def test_names_that_lead_to_this_machine_are_refused_after_the_lookup(site, host):
    before = site.asked["/article"]
    try:
        assert asyncio.run(fetch(f"http://{host}:{site.port}/article")) is None
    except SearchFailed as refusal:
        assert "not public" in str(refusal)
    assert site.asked["/article"] == before


def test_the_connection_goes_to_the_addresses_that_were_checked():
    async def resolve(allow_private):
        resolver = guarded_resolver(allow_private)
        return await resolver.resolve("localhost", 80, family=socket.AF_INET)

    assert asyncio.run(resolve(True))[0]["host"] == "127.0.0.1"
    with pytest.raises(SearchFailed):
        asyncio.run(resolve(False))


def test_redirections_are_checked(site):
    with pytest.raises(SearchFailed, match="http://"):
        content(site, "/file")


def test_the_model_reads_a_refusal(site):
    env = GoogleSearchEnv(engine={"kind": "http", "url": site.url("/results")})
    told = used(env, "browse", url=site.url("/article"))
    assert told == "Error: Unexpected error = this address is not public, so it is not visited"
    assert used(env, "browse", url="file:///etc/passwd").startswith(
        "Error: Unexpected error = only addresses"
    )


# Recordings.


def rollout(env, site, port=None):
    env.reset(seed=0, options={"task": ROW})
    base = f"http://127.0.0.1:{port or site.port}"
    for call in (
        tool_call("search", {"query": "herons"}),
        tool_call("browse", {"url": f"{base}/article"}),
        tool_call("browse", {"url": f"{base}/missing"}),
        tool_call("browse", {"url": "file:///x"}),
    ):
        observation, *_ = env.step(assistant(None, call))
    return json.dumps(list(observation))


def test_a_recorded_run_is_repeated_offline_byte_for_byte(tmp_path):
    with running_site() as site:
        engine = {"kind": "http", "url": site.url("/results") + "?q={query}", "retries": 0}
        recorder = GoogleSearchEnv(engine=engine, allow_private=True, recording=str(tmp_path / "tape"))
        first = rollout(recorder, site)
        asked = sum(site.asked.values())
        assert rollout(recorder, site) == first
        assert sum(site.asked.values()) == asked
        port = site.port
    replayed = GoogleSearchEnv(
        engine=engine, allow_private=True, recording=str(tmp_path / "tape"), replay=True
    )
    assert rollout(replayed, None, port) == first
    with pytest.raises(InfrastructureError, match="no answer to search\\('other'\\)"):
        used(replayed, "search", query="other")
    assert not list((tmp_path / "tape").glob("*.part"))


def test_a_replay_needs_no_keys(tmp_path):
    GoogleSearchEnv(google_api_key="$LLMGYM_TEST_UNSET", recording=str(tmp_path), replay=True)


def test_a_replay_needs_a_recording(tmp_path):
    with pytest.raises(UsageError, match="Record a run first"):
        GoogleSearchEnv(recording=str(tmp_path / "none"), replay=True)


def test_failures_that_the_model_is_told_are_recorded_too(site, tmp_path):
    engine = {"kind": "http", "url": site.url("/denied")}
    env = GoogleSearchEnv(engine=engine, recording=str(tmp_path))
    told = used(env, "search", query="x")
    asked = site.asked["/denied"]
    assert used(env, "search", query="x") == told
    assert site.asked["/denied"] == asked


def test_a_damaged_recording_is_an_error(tmp_path):
    env = GoogleSearchEnv(recording=str(tmp_path))
    used(env, "search", query="x")
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"{")
    with pytest.raises(InfrastructureError, match="damaged"):
        used(env, "search", query="x")


def test_two_recorders_keep_one_answer(tmp_path):
    from llmgym.envs.google_search.search.tape import Tape

    async def answer(text):
        await asyncio.sleep(0.01)
        return text

    async def race():
        tapes = [Tape(tmp_path), Tape(tmp_path)]
        return await asyncio.gather(
            *(
                tape.get("search", "s", "q", lambda text=text: answer(text))
                for tape, text in zip(tapes, "ab", strict=True)
            )
        )

    assert len(set(asyncio.run(race()))) == 1
