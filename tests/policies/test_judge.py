from __future__ import annotations

import asyncio
import copy
import gc
import pickle
import weakref

import pytest

from llmgym.errors import InfrastructureError, SettingsError, UsageError
from llmgym.messages import Response, assistant, user
from llmgym.policies.base import Policy
from llmgym.policies.judge import CONCURRENCY, Judge, make_judge
from llmgym.policies.judge_cache import ReplyCache
from llmgym.policies.judge_sources import PolicySource
from llmgym.testing.server import Fault, ModelServer
from llmgym.verifiers.judge import JudgePrompt

PROMPT = JudgePrompt("{question}|{expected_answer}|{generated_answer}", fenced=False)
YES, NO = "[[A=B]]", "[[A!=B]]"
CANARY = "sk-canary-0123456789"


@pytest.fixture(autouse=True)
def no_settings(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "LLMGYM_MODEL", "LLMGYM_BASE_URL", "LLMGYM_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def described(url: str, **more) -> dict:
    given = {"kind": "openai", "model": "j", "base_url": url, "api_key": "", "max_retries": 2}
    return given | {"retry_base_delay": 0.001, "timeout": 5.0} | more


def compare(judge: Judge, *pairs: tuple[str, str], **options):
    """Return the evaluations of pairs of answers, asked one after the other."""

    async def main():
        return [await judge.compare(PROMPT, "q", *pair, **options) for pair in pairs]

    return asyncio.run(main())


def on_server(reply, *pairs, **more):
    """Return evaluations (or the error) and the server that judged."""

    async def main():
        async with ModelServer(reply) as server:
            judge = make_judge(described(server.url, **more))
            try:
                return [await judge.compare(PROMPT, "q", *pair) for pair in pairs or [("4", "four")]], server
            except InfrastructureError as error:
                return error, server
            finally:
                await judge.close()

    return asyncio.run(main())


class TestEndpoint:
    @pytest.mark.parametrize("api", ["chat", "responses"])
    def test_asks_and_reads(self, api):
        said = Response(
            assistant(f"So {YES}"), usage={"prompt_tokens": 7, "completion_tokens": 3}, model="big"
        )
        (found,), server = on_server(said, api=api)
        assert found.equal is True
        assert found.verdict_label == YES
        assert found.model == "big"
        assert (found.usage["prompt_tokens"], found.usage["completion_tokens"]) == (7, 3)
        assert found.request == {"input": [user("q|4|four")]}
        asked = server.requests[0].json
        assert asked["messages" if api == "chat" else "input"] == [user("q|4|four")]

    def test_sends_sampling_parameters(self):
        async def main():
            async with ModelServer(YES) as server:
                judge = make_judge(described(server.url, extra_body={"top_k": 1}))
                params = {"temperature": 0, "max_output_tokens": 64}
                found = await judge.compare(PROMPT, "q", "a", "b", params=params)
                return found, server.requests[0].json

        found, asked = asyncio.run(main())
        assert {"temperature": 0, "max_tokens": 64, "top_k": 1}.items() <= asked.items()
        assert found.request == {"input": [user("q|a|b")], "temperature": 0, "max_output_tokens": 64}

    def test_reasoning_comes_first_and_is_not_read(self):
        said = assistant(NO) | {"reasoning_content": YES}
        (found,), _ = on_server(said)
        assert [item["type"] for item in found.items] == ["reasoning", "message"]
        assert found.equal is False
        (found,), _ = on_server(assistant("") | {"reasoning_content": YES})
        assert found.equal is None

    @pytest.mark.parametrize(
        "reply",
        [
            Fault(reset="before"),
            Fault(200, {"padding": "x" * 5000}, reset="during"),
            *[Fault(status) for status in (408, 409, 429, 500, 502, 503, 504, 529)],
            Fault(429, headers={"Retry-After": "0.01"}),
            Fault(503, "<html>Bad Gateway</html>"),
            Fault(200, b""),
            Fault(200, b"<!doctype html>"),
            Fault(200, b'{"choices": []}'),
            Fault(200, b"[]"),
            Fault(200, b'{"choices": [{"message"'),
            Fault(200, b'{"error": {"message": "upstream died", "code": 502}}'),
        ],
    )
    def test_what_passes_is_tried_again(self, reply):
        found, server = on_server([reply, YES])
        assert found[0].equal is True
        assert len(server.requests) == 2

    @pytest.mark.parametrize(
        ("reply", "retryable"),
        [
            (Fault(400, message="bad parameter"), False),
            (Fault(401, message=f"wrong key {CANARY}"), False),
            (Fault(403), False),
            (Fault(404), False),
            (Fault(405), False),
            (Fault(422), False),
            (Fault(429, {"error": {"message": "no money", "code": "insufficient_quota"}}), False),
            (Fault(301, "", headers={"Location": "http://elsewhere.test"}), False),
            (Fault(400, message="This model's maximum context length is 10 tokens"), False),
            (Fault(500), True),
            (Fault(503), True),
            (Fault(200, b"not json"), True),
            (Fault(200, b'{"choices": 1}'), True),
            (Fault(reset="before"), True),
        ],
    )
    def test_what_does_not_pass_is_no_verdict(self, reply, retryable):
        error, _ = on_server(reply, api_key=CANARY)
        assert isinstance(error, InfrastructureError)
        assert (error.boundary, error.retryable) == ("judge", retryable)
        assert "judge" in str(error)
        assert CANARY not in str(error)

    def test_silence_is_no_verdict(self):
        error, _ = on_server(Fault(200, delay=5), timeout=0.05)
        assert isinstance(error, InfrastructureError)
        assert error.boundary == "judge"

    def test_nobody_there_is_no_verdict(self):
        with pytest.raises(InfrastructureError, match="judge gave no answer") as caught:
            compare(make_judge(described("http://127.0.0.1:1/v1", max_retries=0)), ("a", "b"))
        assert caught.value.boundary == "judge"

    def test_two_verdicts_no_verdict_and_a_refusal(self):
        replies = [f"{NO} {YES}", "hm", assistant(None) | {"refusal": YES}, ""]
        found, _ = on_server(replies, ("a", "1"), ("a", "2"), ("a", "3"), ("a", "4"))
        assert [each.equal for each in found] == [False, None, None, None]

    def test_no_more_questions_at_a_time_than_allowed(self):
        async def reply(asked):
            await asyncio.sleep(0.005)
            return YES

        async def main():
            async with ModelServer(reply) as server:
                judge = make_judge(described(server.url), concurrency=3)
                await asyncio.gather(*[judge.compare(PROMPT, "q", "a", str(n)) for n in range(12)])
                return server.most_in_flight

        assert asyncio.run(main()) == 3

    def test_the_policy_is_not_slowed_down_by_the_judges_limit(self):
        from llmgym.policies.limiter import limiter_for

        url = "http://127.0.0.1:9/v1"
        limiter = limiter_for(url)
        judge = make_judge(described(url), concurrency=1)
        assert limiter.concurrency == float("inf")
        assert judge is not None

    def test_lone_surrogates_are_sent_as_replacement(self):
        (found,), server = on_server(YES, ("4", "\ud800"))
        assert found.equal
        assert server.requests[0].json["messages"][0]["content"] == "q|4|\ufffd"


class TestCache:
    def test_equal_questions_are_asked_once(self):
        found, server = on_server([YES, NO], ("a", "b"), ("a", "b"), ("b", "a"))
        assert [each.equal for each in found] == [True, True, False]
        assert len(server.requests) == 2

    def test_also_at_the_same_time(self):
        async def main():
            async with ModelServer(YES) as server:
                judge = make_judge(described(server.url))
                found = await asyncio.gather(*[judge.compare(PROMPT, "q", "a", "b") for _ in range(9)])
                return found, len(server.requests), judge.usage

        found, asked, usage = asyncio.run(main())
        assert all(each.equal for each in found)
        assert asked == 1
        assert (usage.questions, usage.calls, usage.failures) == (9, 1, 0)

    def test_replies_without_a_verdict_are_not_kept(self):
        found, server = on_server(["?", "", YES, NO], *[("a", "b")] * 4)
        assert [each.equal for each in found] == [None, None, True, True]
        assert len(server.requests) == 3

    def test_can_be_switched_off(self):
        found, server = on_server([YES, NO], ("a", "b"), ("a", "b"), cache=False)
        assert [each.equal for each in found] == [True, False]

    def test_sampling_parameters_are_part_of_the_question(self):
        async def main():
            async with ModelServer([YES, NO]) as server:
                judge = make_judge(described(server.url))
                return [
                    (await judge.compare(PROMPT, "q", "a", "b", params={"temperature": t})).equal
                    for t in (0, 1)
                ]

        assert asyncio.run(main()) == [True, False]

    def test_a_file_keeps_replies(self, tmp_path):
        path = str(tmp_path / "judge.jsonl")

        async def main():
            async with ModelServer([YES, NO]) as server:
                first = make_judge(described(server.url, cache=path))
                one = await first.compare(PROMPT, "q", "a", "b")
                again = Judge(PolicySource(first._source.policy), cache=ReplyCache(path))
                two = await again.compare(PROMPT, "q", "a", "b")
                return [one.equal, two.equal], len(server.requests), two.usage == one.usage

        assert asyncio.run(main()) == ([True, True], 1, True)

    def test_accounting(self):
        async def main():
            usage = {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12}
            async with ModelServer([Response(assistant(YES), usage=usage), Fault(400)]) as server:
                judge = make_judge(described(server.url))
                for _ in range(3):
                    await judge.compare(PROMPT, "q", "a", "b")
                with pytest.raises(InfrastructureError):
                    await judge.compare(PROMPT, "q", "a", "c")
                return judge.usage

        usage = asyncio.run(main())
        assert (usage.questions, usage.calls, usage.failures) == (4, 2, 1)
        assert (usage.prompt_tokens, usage.completion_tokens) == (10, 2)


class TestScript:
    def test_says_its_lines_in_order(self):
        items = [{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": NO}]}]
        judge = make_judge({"kind": "scripted", "replies": [YES, items, "?"]})
        assert [each.equal for each in compare(judge, *[("a", "b")] * 3)] == [True, False, None]
        with pytest.raises(UsageError, match="more often than the 3 times"):
            compare(judge, ("a", "b"))

    def test_a_text_is_said_for_ever(self):
        judge = make_judge({"kind": "scripted", "replies": YES})
        assert all(each.equal for each in compare(judge, *[("a", "b")] * 3))

    def test_an_error_is_one(self):
        judge = make_judge({"kind": "scripted", "replies": [{"error": "down", "retryable": False}, YES]})
        with pytest.raises(InfrastructureError, match="down") as caught:
            compare(judge, ("a", "b"))
        assert (caught.value.boundary, caught.value.retryable) == ("judge", False)
        assert compare(judge, ("a", "b"))[0].equal

    @pytest.mark.parametrize("replies", [[7], [None], [{"text": YES}], [["x"]], 7, None])
    def test_replies_of_no_kind(self, replies):
        with pytest.raises(UsageError, match="repl"):
            make_judge({"kind": "scripted", "replies": replies})

    def test_each_judge_and_each_copy_has_its_own_place(self):
        description = {"kind": "scripted", "replies": [YES, NO]}
        one = make_judge(description)
        compare(one, ("a", "b"))
        fork, other = copy.deepcopy(one), make_judge(description)
        assert compare(one, ("a", "b"))[0].equal is False
        assert compare(fork, ("a", "b"))[0].equal is False
        assert compare(other, ("a", "b"))[0].equal is True
        assert compare(pickle.loads(pickle.dumps(one)), ("a", "b"))[0].equal is True


class TestExact:
    def test_compares_texts(self):
        found = compare(make_judge("exact"), ("12", "twelve"), ("12", "13"), ("", ""))
        assert [each.equal for each in found] == [True, False, False]
        assert found[0].verdict_label == YES

    def test_speaks_the_labels_asked_for(self):
        async def main():
            prompt = JudgePrompt("{expected_answer}{generated_answer}", None, "GOOD", "BAD")
            return await make_judge("exact").compare(prompt, "q", "a", "a")

        assert asyncio.run(main()).verdict_label == "GOOD"

    def test_reads_no_prompts(self):
        with pytest.raises(UsageError, match=r"judge\.compare"):
            asyncio.run(make_judge("exact").ask([user("is 4 = four?")]))


class TestObjects:
    def test_a_policy_can_judge(self):
        class Friendly(Policy):
            async def respond(self, request):
                return Response.of(YES)

        judge = make_judge(Friendly())
        assert compare(judge, ("a", "b"))[0].equal
        assert judge.describe() == {"kind": "Friendly"}
        assert make_judge(judge) is judge
        with pytest.raises(UsageError, match="another process"):
            pickle.dumps(judge)

    def test_a_policy_that_breaks_is_a_judge_that_cannot_be_reached(self):
        class Broken(Policy):
            async def respond(self, request):
                raise ValueError("oops")

        with pytest.raises(InfrastructureError, match="ValueError: oops") as caught:
            compare(make_judge(Broken()), ("a", "b"))
        assert caught.value.boundary == "judge"

    def test_a_plain_question(self):
        reply = asyncio.run(make_judge({"kind": "scripted", "replies": ["yes", []]}).ask([user("?")]))
        assert (reply.text, reply.cached, [item["type"] for item in reply.items]) == (
            "yes",
            False,
            ["message"],
        )

    def test_equal_descriptions_share_a_judge_until_it_is_forgotten(self):
        one = make_judge(described("http://127.0.0.1:1/v1"))
        assert make_judge(described("http://127.0.0.1:1/v1")) is one
        assert make_judge(described("http://127.0.0.1:2/v1")) is not one
        assert make_judge(described("http://127.0.0.1:1/v1"), concurrency=2) is not one
        assert copy.deepcopy(one) is one
        assert pickle.loads(pickle.dumps(one)) is one
        forgotten = weakref.ref(one)
        del one
        gc.collect()
        assert forgotten() is None
        assert CONCURRENCY == 64


class TestSettings:
    def test_without_any_judge_one_sentence_says_how(self):
        with pytest.raises(SettingsError) as caught:
            make_judge(None)
        assert str(caught.value).count(". ") == 0
        for word in ("judge={'kind': 'openai'", "judge='local'", "judge='exact'", "LLMGYM_JUDGE__MODEL"):
            assert word in str(caught.value)

    def test_a_key_alone_is_no_judge(self, monkeypatch):
        monkeypatch.setenv("OPENAI_API_KEY", CANARY)
        with pytest.raises(SettingsError, match="needs a judge"):
            make_judge(None)

    def test_its_own_section_comes_first(self, monkeypatch):
        monkeypatch.setenv("LLMGYM_MODEL", "policy")
        monkeypatch.setenv("LLMGYM_BASE_URL", "http://127.0.0.1:1/v1")
        assert make_judge(None).describe()["model"] == "policy"
        monkeypatch.setenv("LLMGYM_JUDGE__MODEL", "judge")
        monkeypatch.setenv("LLMGYM_JUDGE__TEMPERATURE", "0")
        found = make_judge(None).describe()
        assert (found["model"], found["base_url"], found["temperature"]) == (
            "judge",
            "http://127.0.0.1:1/v1",
            0,
        )
        monkeypatch.setenv("LLMGYM_JUDGE__BASE_URL", "http://127.0.0.1:2/v1")
        assert make_judge(None).describe()["base_url"] == "http://127.0.0.1:2/v1"
        assert make_judge({"model": "mine"}).describe()["model"] == "mine"

    def test_sampling_of_the_policy_is_not_the_judges(self, monkeypatch):
        monkeypatch.setenv("LLMGYM_POLICY__MODEL", "m")
        monkeypatch.setenv("LLMGYM_POLICY__BASE_URL", "http://127.0.0.1:1/v1")
        monkeypatch.setenv("LLMGYM_POLICY__TEMPERATURE", "1.5")
        assert "temperature" not in make_judge(None).describe()

    def test_a_file_may_name_it(self, tmp_path):
        text = "judge:\n  model: j\n  base_url: http://127.0.0.1:1/v1\n  concurrency: 5\n"
        (tmp_path / "llmgym.yaml").write_text(text)
        judge = make_judge(None, concurrency=64)
        assert judge.describe()["model"] == "j"
        assert judge._concurrency == 5

    @pytest.mark.parametrize("kind", ["exact", "local"])
    def test_kinds_of_settings(self, monkeypatch, kind):
        monkeypatch.setenv("LLMGYM_JUDGE__KIND", kind)
        monkeypatch.setattr("llmgym.policies.judge._SOURCES", {kind: lambda **given: _Nothing(kind, given)})
        assert make_judge(None).describe() == {"kind": kind}

    def test_a_key_goes_nowhere_but_where_it_belongs(self, monkeypatch):
        def key(description):
            sent = make_judge(description)._source.policy._connection.router.endpoints[0].headers
            return sent.get("Authorization")

        monkeypatch.setenv("OPENAI_API_KEY", "policy-key")
        elsewhere = {"model": "m", "base_url": "http://127.0.0.1:1/v1"}
        assert key(elsewhere) is None
        assert key({"model": "m"}) == "Bearer policy-key"
        assert key({"model": "m", "base_url": "https://api.openai.com/v1/"}) == "Bearer policy-key"
        assert key(elsewhere | {"api_key": "own-key"}) == "Bearer own-key"
        monkeypatch.setenv("MY_KEY", "named-key")
        assert key(elsewhere | {"api_key_env": "MY_KEY"}) == "Bearer named-key"
        monkeypatch.setenv("LLMGYM_JUDGE__API_KEY", "judge-key")
        assert key(elsewhere) == "Bearer judge-key"
        monkeypatch.setenv("LLMGYM_JUDGE__BASE_URL", "http://127.0.0.1:2/v1")
        assert key(elsewhere) is None
        with pytest.raises(SettingsError, match="NO_KEY"):
            make_judge(elsewhere | {"api_key_env": "NO_KEY"})

    def test_no_key_is_told(self):
        judge = make_judge(described("http://u:secret-word@127.0.0.1:1/v1", api_key=CANARY))
        assert CANARY not in repr(judge) + str(judge.describe())
        assert "secret-word" not in repr(judge)

    @pytest.mark.parametrize(
        ("description", "fault"),
        [
            ("claude", "openai, local, exact, scripted, found 'claude'"),
            ({"kind": "oracle"}, "found 'oracle'"),
            (7, "found int"),
            (["exact"], "found list"),
            ({"kind": "exact", "model": "m"}, "'exact' is wrong"),
            ({"kind": "scripted", "reply": YES}, "'reply'"),
            ({"model": "m", "base_url": "http://127.0.0.1:1/v1", "nonsense": 1}, "'nonsense'"),
            ({"model": "m", "base_url": "nowhere"}, "base URL"),
            ({"kind": "exact", "concurrency": -1}, "concurrency"),
        ],
    )
    def test_wrong_descriptions(self, description, fault):
        with pytest.raises(UsageError, match=fault):
            make_judge(description)


class _Nothing:
    shared, kept = True, False

    def __init__(self, kind, given):
        self.kind = kind

    def describe(self):
        return {"kind": self.kind}
