from __future__ import annotations

import asyncio

import orjson
import pytest

from llmgym.errors import InfrastructureError, UsageError
from llmgym.policies import judge_cache
from llmgym.policies.judge_cache import ReplyCache, key_of


def reply(text: str) -> dict:
    items = [{"type": "message", "content": [{"type": "output_text", "text": text}]}]
    return {"items": items, "usage": {"prompt_tokens": 1}, "model": None}


def asked(cache: ReplyCache, key: str, text: str, worth: bool = True):
    """Return the reply for a key and whether it was known."""

    async def ask():
        return reply(text)

    found, known = asyncio.run(cache.get(key, ask, lambda _: worth))
    return found["items"][0]["content"][0]["text"], known


def test_keys_do_not_depend_on_the_order_of_keys():
    assert key_of({"a": 1, "b": [2]}) == key_of({"b": [2], "a": 1})
    assert key_of({"a": 1}) != key_of({"a": 2})
    assert key_of("a", "b") != key_of("ab")


def test_keeps_what_is_worth_it():
    cache = ReplyCache()
    assert asked(cache, "k", "one", worth=False) == ("one", False)
    assert asked(cache, "k", "two") == ("two", False)
    assert asked(cache, "k", "three") == ("two", True)


def test_forgets_what_was_not_asked_for_the_longest(monkeypatch):
    monkeypatch.setattr(judge_cache, "MEMORY", 2)
    cache = ReplyCache()
    for key in ("a", "b", "a", "c"):
        asked(cache, key, key)
    assert len(cache) == 2
    assert asked(cache, "a", "again") == ("a", True)
    assert asked(cache, "b", "again") == ("again", False)


def test_everybody_who_waits_gets_the_error():
    async def main():
        cache, calls = ReplyCache(), []

        async def ask():
            calls.append(1)
            await asyncio.sleep(0.01)
            raise InfrastructureError("down", boundary="judge")

        waiting = [cache.get("k", ask, lambda _: True) for _ in range(5)]
        return await asyncio.gather(*waiting, return_exceptions=True), len(calls)

    errors, calls = asyncio.run(main())
    assert [str(error) for error in errors] == ["down"] * 5
    assert calls == 1


def test_when_the_one_who_asks_is_cancelled_the_next_one_asks():
    async def main():
        cache, calls, begun = ReplyCache(), [], asyncio.Event()

        async def ask():
            calls.append(1)
            begun.set()
            await asyncio.sleep(0.01 if len(calls) > 1 else 10)
            return reply("late")

        first, *others = [asyncio.create_task(cache.get("k", ask, lambda _: True)) for _ in range(4)]
        await begun.wait()
        first.cancel()
        found = await asyncio.gather(*others)
        assert first.cancelled() or first.cancelling()
        return found, len(calls)

    found, calls = asyncio.run(main())
    assert len(found) == 3
    assert calls == 2


def test_when_one_who_waits_is_cancelled_the_others_do_not_notice():
    async def main():
        cache, begun = ReplyCache(), asyncio.Event()

        async def ask():
            begun.set()
            await asyncio.sleep(0.01)
            return reply("fine")

        tasks = [asyncio.create_task(cache.get("k", ask, lambda _: True)) for _ in range(3)]
        await begun.wait()
        tasks[1].cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    first, second, third = asyncio.run(main())
    assert isinstance(second, asyncio.CancelledError)
    assert first[0] == third[0]


class TestFile:
    def test_is_read_again(self, tmp_path):
        path = tmp_path / "cache.jsonl"
        asked(ReplyCache(path), "k", "one")
        asked(ReplyCache(path), "l", "zwei \u00e4")
        again = ReplyCache(path)
        assert len(again) == 2
        assert asked(again, "l", "other") == ("zwei \u00e4", True)
        assert len(path.read_bytes().splitlines()) == 2

    @pytest.mark.parametrize(
        "junk", [b"", b"{", b"[]\n", b"7\n", b'{"key": "x"}\n', b"\xff\xfe\n", b'{"items": []}\n']
    )
    def test_bad_lines_are_passed_over(self, tmp_path, junk):
        path = tmp_path / "cache.jsonl"
        path.write_bytes(orjson.dumps({"key": "k", **reply("one")}) + b"\n" + junk)
        cache = ReplyCache(path)
        assert len(cache) == 1
        asked(cache, "l", "two")
        # The line that follows a torn one is whole.
        assert len(ReplyCache(path)) == 2

    def test_every_torn_end_costs_one_reply_at_most(self, tmp_path):
        path = tmp_path / "cache.jsonl"
        whole = b"".join(orjson.dumps({"key": key, **reply(key)}) + b"\n" for key in "ab")
        for size in range(len(whole)):
            path.write_bytes(whole[:size])
            before = len(ReplyCache(path))
            assert before >= whole[:size].count(b"\n")
            asked(ReplyCache(path), "z", "z")
            assert len(ReplyCache(path)) == before + 1

    def test_a_file_that_cannot_be_written(self, tmp_path):
        with pytest.raises(UsageError, match="cache"):
            ReplyCache(tmp_path)
        with pytest.raises(UsageError, match="cache"):
            ReplyCache(tmp_path / "absent" / "cache.jsonl")
