from __future__ import annotations

import asyncio
import json
import threading
from typing import Annotated

import pytest
from pydantic import AfterValidator

from llmgym.bridge import call, wait
from llmgym.errors import InfrastructureError
from llmgym.toolbox import Toolbox
from llmgym.tools import ToolCall, ToolDenied, ToolError, tool


def run(function, raw="{}", **options):
    box = function if isinstance(function, Toolbox) else Toolbox([function], **options)
    return box.execute(ToolCall("c1", box.names[0], raw), wait)


def error_of(result):
    return json.loads(result.content)["error"]


def add(a: int, b: int = 0) -> int:
    """Add."""
    return a + b


def test_ok():
    result = run(add, '{"a": 1, "b": 2}')
    assert (result.outcome, result.content, result.value, result.name) == ("ok", "3", 3, "add")
    assert result.message() == {"role": "tool", "tool_call_id": "c1", "content": "3"}
    assert result.seconds > 0 and result == run(add, '{"a": 1, "b": 2}')


@pytest.mark.parametrize("raw", ["", "{}"])
def test_no_text_is_no_arguments(raw):
    def look():
        return "cold"

    assert run(look, raw).outcome == "ok"
    assert ToolCall("c", "look", raw).arguments == {}


@pytest.mark.parametrize(
    "raw", ["null", "[]", "5", '"a"', '{"a": ', "{'a': 1}", '{"a": 1} {}', "[" * 100_000, "9" * 5000]
)
def test_text_that_is_no_json_object(raw):
    result = run(add, raw)
    assert result.outcome == "malformed_arguments" and result.value is None
    assert "arguments of 'add' are not a JSON object" in error_of(
        result
    ) and '"a": {"type": "integer"' in error_of(result)
    assert ToolCall("c", "add", raw).arguments is None


def test_wrong_arguments():
    result = run(add, '{"b": "x", "c": 1}')
    assert result.outcome == "malformed_arguments"
    assert "a: missing" in error_of(result) and "c: not a parameter" in error_of(result)


def test_unknown_tool():
    result = Toolbox([add]).execute(ToolCall("c", "sub", "{}"), wait)
    assert (
        result.outcome == "unknown_tool"
        and error_of(result) == "There is no tool 'sub'. Available tools: add."
    )
    assert (
        error_of(Toolbox().execute(ToolCall("c", "", ""), wait))
        == "There is no tool ''. Available tools: none."
    )


def test_async_tools_in_and_outside_a_bridge():
    async def double(a: int):
        await asyncio.sleep(0)
        return 2 * a

    assert run(double, '{"a": 4}').value == 8
    assert asyncio.run(call(run, double, '{"a": 4}')).value == 8


def test_blocking_tools_run_in_a_thread():
    @tool(blocking=True)
    def where():
        return threading.current_thread().name

    assert run(where).value.startswith("llmgym-thread")
    assert asyncio.run(call(run, where)).value.startswith("llmgym-thread")


async def endless():
    await asyncio.Event().wait()


@tool(timeout=0.01)
async def endless_by_itself():
    await asyncio.Event().wait()


@pytest.mark.parametrize("bridged", [True, False])
def test_deadlines(bridged):
    release = threading.Event()

    @tool(blocking=True)
    def stuck():
        release.wait(10)

    def results():
        return [run(endless, timeout=0.01), run(endless_by_itself, timeout=None), run(stuck, timeout=0.01)]

    try:
        found = asyncio.run(call(results)) if bridged else results()
    finally:
        release.set()
    assert [result.outcome for result in found] == ["timeout"] * 3
    assert error_of(found[0]) == "The tool 'endless' did not answer within 0.01 seconds."


def test_a_timeout_error_of_the_tool_itself_is_an_error():
    async def upstream():
        raise TimeoutError("upstream")

    @tool(blocking=True)
    def upstream_blocking():
        raise TimeoutError("upstream")

    def upstream_sync():
        raise TimeoutError("upstream")

    for function in (upstream, upstream_blocking, upstream_sync):
        result = run(function)
        assert (result.outcome, error_of(result)) == ("tool_error", "TimeoutError: upstream")


def deep():
    return deep()


def cyclic():
    loop: list = []
    loop.append(loop)
    return loop


@pytest.mark.parametrize(
    ("error", "outcome", "told"),
    [
        (ToolError("No such city."), "tool_error", "No such city."),
        (ToolDenied("Not today."), "denied", "Not today."),
        (ToolDenied(), "denied", "Calling 'f' is not allowed."),
        (KeyError("k"), "tool_error", "KeyError: 'k'"),
        (SystemExit(3), "tool_error", "SystemExit: 3"),
        (MemoryError(), "tool_error", "MemoryError: "),
        (ValueError("half \ud800"), "tool_error", "ValueError: half ?"),
    ],
)
@pytest.mark.parametrize("kind", ["sync", "async", "blocking"])
def test_exceptions_are_told_to_the_model(error, outcome, told, kind):
    async def f():
        raise error

    def g():
        raise error

    g.__name__ = "f"
    result = run(tool(blocking=kind == "blocking")(f if kind == "async" else g))
    assert (result.outcome, error_of(result), result.value) == (outcome, told, None)


def test_endless_recursion_and_results_that_are_not_json():
    assert error_of(run(deep)).startswith("RecursionError: ")
    assert run(cyclic).outcome == "tool_error"

    def opaque():
        return {"a": object()}

    assert run(opaque).outcome == "tool_error" and "a tool returned object, which is not JSON" in error_of(
        run(opaque)
    )


def test_failures_of_the_world_pass_through():
    failure = InfrastructureError("no sandbox", boundary="sandbox")

    async def f():
        raise failure

    with pytest.raises(InfrastructureError) as caught:
        run(f)
    assert caught.value is failure


def test_keyboard_interrupt_and_cancellation_pass_through():
    def interrupted():
        raise KeyboardInterrupt

    def cancelled():
        raise asyncio.CancelledError

    for function, error in ((interrupted, KeyboardInterrupt), (cancelled, asyncio.CancelledError)):
        with pytest.raises(error):
            run(function)


def test_the_guard_sees_calls_with_valid_arguments_only():
    seen = []

    def guard(call):
        seen.append(call.name)
        if call.arguments["a"] > 5:
            raise ToolDenied("Too large.")

    box = Toolbox([add])
    box.guard = guard
    assert [run(box, raw).outcome for raw in ('{"a": 1}', '{"a": 9}', '{"a": "x"}')] == [
        "ok",
        "denied",
        "malformed_arguments",
    ]
    assert seen == ["add", "add"]


def first(text: str) -> str:
    if not text:
        raise IndexError("empty")
    return text


def test_a_validator_that_fails_is_told_to_the_model():
    def f(text: Annotated[str, AfterValidator(first)]): ...

    assert error_of(run(f, '{"text": ""}')) == "IndexError: empty"
