from __future__ import annotations

import asyncio
import gc
import threading

import orjson
import pytest

from llmgym.bridge import wait
from llmgym.policies.endpoints import Endpoint
from llmgym.policies.http import HttpTransport, TransportFault
from llmgym.policies.per_loop import PerLoop
from llmgym.policies.sdk import SdkTransport
from llmgym.testing.server import Fault, ModelServer, server_process

PAYLOAD = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
TRANSPORTS = {"fast": HttpTransport, "openai": SdkTransport}


@pytest.fixture(params=list(TRANSPORTS))
def transport(request):
    return TRANSPORTS[request.param]()


async def post(transport, url: str, payload=PAYLOAD, path: str = "chat/completions", **endpoint):
    return await transport.post(Endpoint(url, **endpoint), path, payload, orjson.dumps(payload))


def exchange(transport, reply, **endpoint):
    async def main():
        async with ModelServer(reply) as server:
            try:
                return await post(transport, server.url, **endpoint), server
            finally:
                await transport.close()

    return asyncio.run(main())


@pytest.mark.parametrize("path", ["chat/completions", "responses"])
def test_both_transports_send_the_same(path):
    async def main():
        seen = []
        async with ModelServer("hello") as server:
            for kind in TRANSPORTS.values():
                transport = kind()
                await post(transport, server.url + "?route=a", path=path)
                await transport.close()
                seen.append((server.requests[-1].path, server.requests[-1].json))
        return seen

    first, second = asyncio.run(main())
    assert first[0] == second[0] == f"/v1/{path}?route=a"
    # The library adds nothing to what it is given, except where it insists on messages.
    assert first[1] == second[1] == PAYLOAD


def test_a_reply_is_given_back_as_it_is(transport):
    reply, server = exchange(transport, Fault(503, "<html>", headers={"Retry-After": "7"}))
    assert (reply.status, reply.body, reply.headers["retry-after"]) == (503, b"<html>", "7")
    assert len(server.requests) == 1


def test_keys_and_headers_are_sent(transport):
    _, server = exchange(transport, "ok", api_key="sk-canary", headers={"X-Team": "blue"})
    headers = server.requests[0].headers
    assert headers["x-team"] == "blue"
    if isinstance(transport, HttpTransport):
        assert headers["authorization"] == "Bearer sk-canary"


def test_without_a_key_no_authorization_is_sent(transport):
    _, server = exchange(transport, "ok")
    assert "authorization" not in server.requests[0].headers


def test_name_and_password_become_basic_authorization(transport):
    async def main():
        async with ModelServer("ok") as server:
            await post(transport, server.url.replace("://", "://ann:s%40cret@"))
            await transport.close()
            return server.requests[0].headers["authorization"]

    assert asyncio.run(main()) == "Basic YW5uOnNAY3JldA=="


def test_a_refused_connection_is_unreachable(transport):
    async def main():
        async with ModelServer() as server:
            url = server.url
        with pytest.raises(TransportFault) as caught:
            await post(transport, url)
        await transport.close()
        assert caught.value.unreachable and not caught.value.fatal

    asyncio.run(main())


@pytest.mark.parametrize("reset", ["before", "during"])
def test_broken_connections(transport, reset):
    with pytest.raises(TransportFault) as caught:
        exchange(transport, Fault(200, {"padding": "x" * 5000}, reset=reset))
    assert not caught.value.unreachable
    assert caught.value.__cause__ is None and caught.value.__context__ is None


def test_an_unknown_name_is_unreachable(transport):
    async def main():
        with pytest.raises(TransportFault) as caught:
            await post(transport, "http://no-such-host.invalid/v1")
        await transport.close()
        assert caught.value.unreachable

    asyncio.run(main())


def test_a_reply_that_is_not_http():
    async def main():
        async def talk(reader, writer):
            await reader.readline()
            writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
            writer.close()

        listener = await asyncio.start_server(talk, "127.0.0.1", 0)
        port = listener.sockets[0].getsockname()[1]
        transport = HttpTransport()
        with pytest.raises(TransportFault, match="not HTTP"):
            await post(transport, f"http://127.0.0.1:{port}/v1")
        await transport.close()
        listener.close()
        await listener.wait_closed()

    asyncio.run(main())


def test_plain_http_behind_an_https_address():
    async def main():
        async with ModelServer() as server:
            transport = HttpTransport()
            with pytest.raises(TransportFault):
                await post(transport, server.url.replace("http:", "https:"))
            await transport.close()

    asyncio.run(main())


def test_redirects_are_not_followed(transport):
    reply, server = exchange(transport, Fault(307, "", headers={"Location": "http://elsewhere.test/"}))
    assert reply.status == 307 and len(server.requests) == 1


def test_a_reply_without_end_is_given_up(monkeypatch):
    monkeypatch.setattr("llmgym.policies.http.LARGEST_REPLY", 1000)
    with pytest.raises(TransportFault, match="longer than 1000 bytes"):
        exchange(HttpTransport(), "x" * 5000)


def test_large_requests(transport):
    async def main():
        async with ModelServer("ok") as server:
            payload = {"model": "m", "messages": [{"role": "user", "content": "x" * 2_000_000}]}
            await post(transport, server.url, payload)
            await transport.close()
            assert server.requests[0].json == payload

    asyncio.run(main())


def test_a_proxy_from_the_environment_is_used(monkeypatch):
    with ModelServer("by proxy") as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.removesuffix("/v1"))
        monkeypatch.setenv("no_proxy", "")

        async def main():
            transport = HttpTransport()
            reply = await post(transport, "http://model.test/v1")
            await transport.close()
            return reply

        assert b"by proxy" in asyncio.run(main()).body


def test_connections_are_kept_and_shared():
    async def main():
        peers = set()

        async with ModelServer("ok") as server:
            transport = HttpTransport()
            for _ in range(5):
                await post(transport, server.url)
            session = await transport._sessions.get()
            peers = [len(each) for each in session.connector._conns.values()]
            await transport.close()
        return peers

    assert asyncio.run(main()) == [1]


def test_one_transport_on_several_loops(transport):
    with ModelServer("ok") as server:
        for _ in range(3):
            assert asyncio.run(post(transport, server.url)).status == 200
        assert wait(post(transport, server.url)).status == 200

        loop = asyncio.new_event_loop()
        loop.run_until_complete(post(transport, server.url))
        # One pool is on a loop in another thread, one on a loop that stands still, the rest went with their loops.
        wait(transport.close())
        loop.close()
    gc.collect()


def test_closing_from_another_loop_than_the_one_in_use():
    ready, done = threading.Event(), threading.Event()
    opened, closed = [], []

    async def close(value):
        closed.append((value, asyncio.get_running_loop()))

    held = PerLoop(lambda: object(), close)

    async def use():
        opened.append((await held.get(), asyncio.get_running_loop()))
        assert await held.get() is opened[0][0]
        ready.set()
        await asyncio.to_thread(done.wait, 10)

    thread = threading.Thread(target=lambda: asyncio.run(use()))
    thread.start()
    assert ready.wait(10)
    asyncio.run(held.close())
    assert closed == opened
    done.set()
    thread.join()
    asyncio.run(held.close())
    assert closed == opened


def test_a_forgotten_value_is_closed_on_its_loop():
    closed = []

    async def close(value):
        closed.append(value)

    async def main():
        held = PerLoop(lambda: "pool", close)
        await held.get()
        del held
        gc.collect()
        await asyncio.sleep(0.01)
        assert closed == ["pool"]

    asyncio.run(main())


def test_a_server_in_a_process_of_its_own():
    with server_process("--instant", "--reply", "far away") as url:
        transport = HttpTransport()

        async def main():
            reply = await post(transport, url)
            await transport.close()
            return reply

        assert b"far away" in asyncio.run(main()).body
