"""One task and the parts of its recordings, in Chat and in Responses form."""

from __future__ import annotations

from llmgym import tool_call
from llmgym.messages import assistant

ROW = {"prompt": "Weather in Lima?", "city": "Lima", "id": "lima"}
LOOK = assistant(None, tool_call("get_weather", {"city": "Lima"}, "c1"))
TOLD = {"role": "tool", "tool_call_id": "c1", "content": "cold"}
SAY = assistant("It is cold.")
CALL = {"type": "function_call", "call_id": "c1", "name": "get_weather", "arguments": '{"city": "Lima"}'}
OUTPUT = {"type": "function_call_output", "call_id": "c1", "output": "cold"}
SPEECH = {
    "type": "message",
    "id": "m",
    "role": "assistant",
    "status": "completed",
    "content": [{"type": "output_text", "text": "It is cold.", "annotations": []}],
}
THOUGHT = {"type": "reasoning", "id": "r", "summary": [{"type": "summary_text", "text": "Hm."}]}
