"""CPU per rollout through HTTP, beside a bare aiohttp loop: python benchmarks/http_overhead.py.

A server in another process answers at once. The bare loop sends the same requests and reads the same answers, and
does nothing else: what is beyond it is the cost of the environment, the policy, the runner and the record. Tasks
are read from a file of rows, so that making them up is not part of it.
"""

import argparse
import asyncio
import contextlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import aiohttp
import gymnasium as gym
import orjson
from aiohttp import web

import llmgym
from llmgym.messages import assistant, tool_call

USAGE = {"prompt_tokens": 50, "completion_tokens": 10, "total_tokens": 60}


def body(message: dict, finish: str) -> bytes:
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return orjson.dumps(
        {
            "id": "x",
            "object": "chat.completion",
            "created": 0,
            "model": "m",
            "choices": [choice],
            "usage": USAGE,
        }
    )


CALL = body(assistant(None, tool_call("get_weather", {"city": "Oslo"}, "call_abc")), "tool_calls")
TEXT = body(assistant("The answer is \\boxed{A}."), "stop")


async def answer(request: web.Request) -> web.Response:
    asked = await request.read()
    call = b'"tools"' in asked and b'"role":"tool"' not in asked
    return web.Response(body=CALL if call else TEXT, content_type="application/json")


async def serve() -> None:
    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/v1", flush=True)
    await asyncio.Event().wait()


@contextlib.contextmanager
def server_process():
    process = subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True)
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def export(env_id: str, count: int, path: Path) -> str:
    """Write procedural tasks as rows."""
    tasks = gym.make(env_id, disable_env_checker=True).unwrapped.tasks
    path.write_bytes(b"".join(orjson.dumps(tasks[index].row()) + b"\n" for index in range(count)))
    return str(path)


def requests_of(env_id: str, dataset: str, index: int) -> list[dict]:
    """Return the requests of one rollout, as the policy sends them."""
    env = gym.make(env_id, dataset=dataset, disable_env_checker=True)
    observation, info = env.reset(seed=0, options={"task": index})
    tools = {"tools": info["tools"]} if info["tools"] else {}
    requests = [{"model": "m", "messages": list(observation), **tools}]
    if tools:
        observation, *_ = env.step(orjson.loads(CALL)["choices"][0]["message"])
        requests.append({"model": "m", "messages": list(observation), **tools})
    return requests


async def bare(url: str, env_id: str, dataset: str, count: int, concurrency: int) -> float:
    """Return CPU ms a rollout of a loop that only sends and reads."""
    prepared = [requests_of(env_id, dataset, index) for index in range(20)]
    todo = iter(range(count))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def slot() -> None:
            for index in todo:
                for request in prepared[index % 20]:
                    data = orjson.dumps(request)
                    headers = {"Content-Type": "application/json", "Authorization": "Bearer x"}
                    async with session.post(
                        url + "/chat/completions", data=data, headers=headers
                    ) as response:
                        orjson.loads(await response.read())["choices"][0]["message"]

        started = time.process_time()
        await asyncio.gather(*(slot() for _ in range(concurrency)))
        return (time.process_time() - started) / count * 1000


async def through_llmgym(url: str, env_id: str, dataset: str, count: int, concurrency: int) -> float:
    """Return CPU ms a rollout of the runner with a policy over HTTP, records included."""
    async with llmgym.OpenAIPolicy("m", base_url=url, api_key="x", concurrency=concurrency) as policy:
        started = time.process_time()
        async for rollout in llmgym.rollouts(
            env_id, policy, tasks=count, concurrency=concurrency, dataset=dataset
        ):
            assert rollout.reward is not None
            rollout.to_json()
        return (time.process_time() - started) / count * 1000


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("-n", type=int, default=1000)
    parser.add_argument("-c", "--concurrency", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve())
        return
    warnings.simplefilter("ignore", DeprecationWarning)
    print(f"Python {platform.python_version()}, {options.n} rollouts, concurrency {options.concurrency}")
    with server_process() as url, tempfile.TemporaryDirectory() as folder:
        for env_id in ("llmgym/MCQA-v0", "llmgym/SingleToolCall-v0"):
            dataset = export(env_id, options.n, Path(folder) / f"{env_id.split('/')[1]}.jsonl")
            asyncio.run(through_llmgym(url, env_id, dataset, 50, 8))
            rows = []
            for _ in range(options.rounds):
                base = asyncio.run(bare(url, env_id, dataset, options.n, options.concurrency))
                ours = asyncio.run(through_llmgym(url, env_id, dataset, options.n, options.concurrency))
                rows.append((base, ours, ours / base))
            base, ours, ratio = (statistics.median(column) for column in zip(*rows, strict=True))
            print(f"{env_id:28} bare {base:6.3f} CPU ms   llmgym {ours:6.3f} CPU ms   ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
