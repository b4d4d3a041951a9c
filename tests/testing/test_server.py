from __future__ import annotations

import asyncio
import urllib.error
import urllib.request

import orjson
import pytest

from llmgym.messages import Response, assistant, tool_call
from llmgym.testing.server import Fault, ModelServer, server_process


def post(url: str, path: str = "/chat/completions", body: bytes = b'{"messages": []}') -> dict:
    request = urllib.request.Request(url + path, body, {"Content-Type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as reply:
        return orjson.loads(reply.read())


def test_scripts():
    with ModelServer(["a", assistant("b"), Response(assistant("c"), finish_reason="length")]) as server:
        choices = [post(server.url)["choices"][0] for _ in range(4)]
        assert [(c["message"]["content"], c["finish_reason"]) for c in choices] == [
            ("a", "stop"),
            ("b", "stop"),
            ("c", "length"),
            ("c", "length"),
        ]
        assert [request.json for request in server.requests] == [{"messages": []}] * 4
        assert server.requests[0].path == "/v1/chat/completions"


@pytest.mark.parametrize("asynchronous", [False, True])
def test_functions(asynchronous):
    def echo(asked):
        return asked["say"]

    async def slowly(asked):
        await asyncio.sleep(0)
        return echo(asked)

    with ModelServer(slowly if asynchronous else echo) as server:
        assert post(server.url, body=b'{"say": "x"}')["choices"][0]["message"]["content"] == "x"


def test_responses_bodies():
    call = assistant(None, tool_call("f", {"x": 1}, "c"))
    with ModelServer([call, Response(assistant("cut"), finish_reason="length"), {"whole": "body"}]) as server:
        body = post(server.url, "/responses")
        assert body["status"] == "completed"
        assert [(item["type"], item["call_id"]) for item in body["output"]] == [("function_call", "c")]
        assert post(server.url, "/responses")["incomplete_details"] == {"reason": "max_output_tokens"}
        assert post(server.url, "/responses") == {"whole": "body"}


def test_faults_and_unknown_paths():
    with ModelServer(Fault(418, "teapot", headers={"X-Kind": "pot"})) as server:
        with pytest.raises(urllib.error.HTTPError) as caught:
            post(server.url)
        with caught.value as reply:
            assert (reply.code, reply.read(), reply.headers["X-Kind"]) == (418, b"teapot", "pot")
        for path, body, status in (("/nowhere", b"{}", 404), ("/chat/completions", b"{", 400)):
            with pytest.raises(urllib.error.HTTPError) as caught:
                post(server.url, path, body)
            caught.value.close()
            assert caught.value.code == status


def test_the_list_of_models():
    with ModelServer(model="tiny") as server:
        assert post(server.url, "/models")["data"][0]["id"] == "tiny"


def test_instant_mode_records_nothing():
    with ModelServer("quick", instant=True) as server:
        for path, name in (("/chat/completions", "choices"), ("/responses", "output")):
            assert name in post(server.url, path)
        assert server.requests == []


def test_a_process():
    with server_process("--reply", "from afar", "--delay", "0.001") as url:
        assert post(url)["choices"][0]["message"]["content"] == "from afar"
