"""CPU per request of a policy's HTTP client, beside bare aiohttp: python benchmarks/policy_client.py.

A server in another process answers at once. Bare aiohttp writes the same requests with orjson and reads the same
answers; what is beyond it is the cost of limits, retries, the deadline and the reading of answers. Read the medians
of the ratio: the two take turns, so that what else the machine does meets both.
"""

import argparse
import asyncio
import statistics
import time

import aiohttp
import orjson

from llmgym.messages import Messages
from llmgym.policies import OpenAIPolicy, Request
from llmgym.testing.server import server_process

PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = [
    {"type": "function", "function": {"name": "look_up", "description": "Look up.", "parameters": PARAMETERS}}
]


def conversation(length: int) -> Messages:
    turns = [
        {"role": ("user", "assistant")[i % 2], "content": "Some words of a turn. " * 25}
        for i in range(length - 1)
    ]
    return Messages([{"role": "system", "content": "You are helpful. " * 20}, *turns])


async def cpu_per_request(ask, count: int, concurrency: int) -> float:
    """Return CPU microseconds per request, after a first round that opens the connections."""

    async def worker(share: int) -> None:
        for _ in range(share):
            await ask()

    await asyncio.gather(*(worker(2) for _ in range(concurrency)))
    share = max(1, count // concurrency)
    started = time.process_time()
    await asyncio.gather(*(worker(share) for _ in range(concurrency)))
    return (time.process_time() - started) / (share * concurrency) * 1e6


async def bare(url: str, messages: Messages, count: int, concurrency: int) -> float:
    headers = {"Content-Type": "application/json", "Authorization": "Bearer secret-key"}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def ask() -> None:
            body = orjson.dumps({"model": "m", "messages": messages, "tools": TOOLS, "temperature": 1.0})
            async with session.post(url + "/chat/completions", data=body, headers=headers) as response:
                orjson.loads(await response.read())["choices"][0]["message"]

        return await cpu_per_request(ask, count, concurrency)


async def policy(url: str, messages: Messages, count: int, concurrency: int, **options) -> float:
    given = {"api": "chat", "temperature": 1.0} | options
    async with OpenAIPolicy("m", base_url=url, api_key="secret-key", **given) as asked:

        async def ask() -> None:
            await asked.respond(Request(messages, TOOLS, session="episode"))

        return await cpu_per_request(ask, count, concurrency)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    shape = options.requests, options.concurrency
    print("messages  client          us/request  ratio to bare")
    with server_process("--instant", "--reply", "hello world") as url:
        for length in (7, 50):
            messages = conversation(length)
            found: dict[str, list[float]] = {"bare": [], "chat": [], "responses": []}
            for _ in range(options.rounds):
                found["bare"].append(asyncio.run(bare(url, messages, *shape)))
                found["chat"].append(asyncio.run(policy(url, messages, *shape)))
                found["responses"].append(asyncio.run(policy(url, messages, *shape, api="responses")))
            library = asyncio.run(policy(url, messages, shape[0] // 5, shape[1], transport="openai"))
            for name, figures in (*found.items(), ("openai library", [library])):
                base = found["bare"][: len(figures)]
                ratio = statistics.median(mine / other for mine, other in zip(figures, base, strict=True))
                print(f"{length:8d}  {name:14s}  {statistics.median(figures):10.0f}  {ratio:13.2f}")


if __name__ == "__main__":
    main()
