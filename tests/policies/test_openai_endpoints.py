from __future__ import annotations

import asyncio

import pytest

from llmgym.errors import InfrastructureError
from llmgym.messages import Messages, Response, assistant, user
from llmgym.policies import OpenAIPolicy, Request
from llmgym.policies.limiter import limiter_for
from llmgym.testing.server import Fault, ModelServer

QUESTION = Messages([user("hi")])


def policy(url, **options) -> OpenAIPolicy:
    given = {"api_key": "", "api": "chat", "timeout": 5.0, "retry_base_delay": 0.001}
    return OpenAIPolicy("m", base_url=url, **given | options)


def test_sessions_keep_to_their_server():
    async def main():
        async with ModelServer("a") as a, ModelServer("b") as b, ModelServer("c") as c:
            async with policy([a.url, b.url, c.url]) as asked:
                for _ in range(3):
                    for number in range(12):
                        await asked.respond(Request(QUESTION, session=f"s{number}", params={"top_p": number}))
                return [{request.json["top_p"] for request in server.requests} for server in (a, b, c)]

    assert sum(map(len, asyncio.run(main()))) == 12


def session_of(asked: OpenAIPolicy, url: str) -> str:
    """Return the name of a session that this endpoint would serve."""
    return next(f"s{n}" for n in range(1000) if asked._connection.router.pick(f"s{n}").shown == url)


def test_a_dead_server_hands_over_and_comes_back():
    async def main():
        async with ModelServer("alive") as alive:
            async with ModelServer("back") as back:
                port = back._port
            async with policy([alive.url, back.url], revive_after=60) as asked:
                request = Request(QUESTION, session=session_of(asked, back.url))
                first = await asked.respond(request)
                async with ModelServer("back", port=port):
                    second = await asked.respond(request)
                    limiter_for(back.url).mark_down(0)
                    third = await asked.respond(request)
                return first.text, second.text, third.text

    assert asyncio.run(main()) == ("alive", "alive", "back")


def test_a_server_that_keeps_failing_is_left():
    async def main():
        async with ModelServer(Fault(500)) as broken, ModelServer("fine") as sound:
            async with policy([broken.url, sound.url]) as asked:
                return {(await asked.respond(Request(QUESTION, session=f"s{n}"))).text for n in range(8)}

    assert asyncio.run(main()) == {"fine"}


def test_requests_without_a_session_are_dealt_out():
    async def main():
        async with ModelServer("a") as a, ModelServer("b") as b, policy([a.url, b.url]) as asked:
            return [(await asked.respond(Request(QUESTION))).text for _ in range(4)]

    assert asyncio.run(main()) == ["a", "b", "a", "b"]


def test_concurrency_is_shared_by_all_policies_of_an_endpoint():
    async def reply(asked):
        await asyncio.sleep(0.005)
        return "ok"

    async def main():
        async with ModelServer(reply) as server:
            async with policy(server.url, concurrency=3) as one, policy(server.url + "/") as two:
                await asyncio.gather(
                    *(asked.respond(Request(QUESTION)) for asked in (one, two) for _ in range(10))
                )
            return server.most_in_flight

    assert asyncio.run(main()) == 3


def test_a_complaint_pauses_the_whole_endpoint():
    said = []

    def reply(asked):
        said.append(asyncio.get_running_loop().time())
        return Fault(429, headers={"Retry-After": "0.1"}) if len(said) == 1 else "ok"

    async def main():
        async with ModelServer(reply) as server, policy(server.url) as one, policy(server.url) as two:
            first = asyncio.create_task(one.respond(Request(QUESTION)))
            while not limiter_for(server.url).paused_for:
                await asyncio.sleep(0.001)
            await asyncio.gather(first, *(two.respond(Request(QUESTION)) for _ in range(5)))

    asyncio.run(main())
    assert len(said) == 7
    assert min(said[1:]) - said[0] >= 0.09


def test_many_requests_get_through_a_narrow_server():
    busy = [0]

    async def reply(asked):
        if busy[0] >= 4:
            return Fault(429, headers={"Retry-After": "0.01"})
        busy[0] += 1
        await asyncio.sleep(0.001)
        busy[0] -= 1
        return "ok"

    async def main():
        async with ModelServer(reply) as server, policy(server.url, max_retries=0) as asked:
            await asyncio.gather(*(asked.respond(Request(QUESTION)) for _ in range(40)))

    asyncio.run(main())


def test_cancelling_ends_the_request_and_frees_its_place():
    async def main():
        async with ModelServer(Fault(delay=30)) as server, policy(server.url, concurrency=1) as asked:
            limiter = limiter_for(server.url)
            task = asyncio.create_task(asked.respond(Request(QUESTION)))
            queued = asyncio.create_task(asked.respond(Request(QUESTION)))
            while not server.in_flight:
                await asyncio.sleep(0.001)
            assert (limiter.in_flight, limiter.waiting) == (1, 1)
            for each in (task, queued):
                each.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await each
            assert (limiter.in_flight, limiter.waiting) == (0, 0)
            while server.in_flight:
                await asyncio.sleep(0.001)
            server.reply = "free"
            assert (await asked.respond(Request(QUESTION))).text == "free"

    asyncio.run(asyncio.wait_for(main(), 20))


def test_the_deadline_covers_waiting_for_a_turn():
    async def main():
        async with ModelServer(Fault(delay=30)) as server, policy(server.url, concurrency=1) as patient:
            holder = asyncio.create_task(patient.respond(Request(QUESTION)))
            await asyncio.sleep(0)
            async with policy(server.url, timeout=0.1) as hasty:
                with pytest.raises(InfrastructureError, match="still waiting for its turn"):
                    await hasty.respond(Request(QUESTION))
            holder.cancel()
            with pytest.raises(asyncio.CancelledError):
                await holder

    asyncio.run(main())


def test_tokens_are_estimated_then_corrected():
    usage = {"prompt_tokens": 10, "completion_tokens": 10, "total_tokens": 20}

    async def main():
        async with ModelServer(Response(assistant("ok"), usage=usage)) as server:
            async with policy(server.url, tokens_per_minute=60_000, max_tokens=1000) as asked:
                bucket = limiter_for(server.url)._tokens
                full = bucket.capacity
                await asked.respond(Request(QUESTION))
                return full - bucket.level

    assert 0 <= asyncio.run(main()) <= 20
