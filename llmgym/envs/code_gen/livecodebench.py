"""Rows in the format of LiveCodeBench, played as they are."""

from __future__ import annotations

import base64
import binascii
import json
import pickletools
import zlib
from collections.abc import Mapping
from typing import Any

from llmgym.envs.code_gen.prompts import write_prompt
from llmgym.errors import InvalidTask
from llmgym.verifiers.code import UnitTests

__all__ = ["public_row", "unit_tests_of"]

_LARGEST_TESTS = 1 << 30
_STRING_OPCODES = frozenset(
    {
        "PROTO",
        "FRAME",
        "SHORT_BINUNICODE",
        "BINUNICODE",
        "BINUNICODE8",
        "MEMOIZE",
        "BINPUT",
        "LONG_BINPUT",
        "STOP",
    }
)


def public_row(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a row with the prompt that a policy is shown. A row of the public schema stays as it is.

    Args:
        row: A row of LiveCodeBench has ``question_content``, ``starter_code``, ``public_test_cases``,
            ``private_test_cases``, ``metadata``, ``difficulty`` and ``platform``. All of it is kept.
    """
    if "responses_create_params" in row or "question_content" not in row:
        return row
    prompt = write_prompt(str(row["question_content"]), str(row.get("starter_code") or ""))
    identity = {"id": str(row["question_id"])} if "question_id" in row and "id" not in row else {}
    return {**row, **identity, "responses_create_params": {"input": [{"role": "user", "content": prompt}]}}


def unit_tests_of(data: Mapping[str, Any]) -> UnitTests | None:
    """Return the tests of a row of LiveCodeBench, the public ones first; ``None`` for a row without them.

    Args:
        data: The fields of the row. The private tests may be JSON, or JSON pickled as one string, packed by zlib and
            written in base64. Of a pickle nothing but such a string is read.

    Raises:
        InvalidTask: When a field is not what it should be.
    """
    if "public_test_cases" not in data and "private_test_cases" not in data:
        return None
    tests = []
    for name in ("public_test_cases", "private_test_cases"):
        try:
            tests += _test_cases(data.get(name))
        except (ValueError, KeyError, TypeError, IndexError, zlib.error, RecursionError) as error:
            raise InvalidTask(f"Field {name!r} holds no test cases: {error}.") from error
    try:
        metadata = data.get("metadata") or {}
        metadata = json.loads(metadata) if isinstance(metadata, str) else metadata
        function = metadata.get("func_name")
    except (ValueError, AttributeError) as error:
        raise InvalidTask(f"Field 'metadata' is no JSON object: {error}.") from error
    kinds = {kind for _, _, kind in tests}
    if not kinds <= {"stdin", "functional"} or len(kinds) > 1:
        raise InvalidTask(f"Expected test cases of one testtype, stdin or functional, found {sorted(kinds)}.")
    if kinds == {"functional"} and not isinstance(function, str):
        raise InvalidTask("Expected 'func_name' in the metadata of functional test cases.")
    inputs, outputs = [text for text, _, _ in tests], [text for _, text, _ in tests]
    return UnitTests(inputs, outputs, function if kinds == {"functional"} else None)


def _test_cases(value: Any) -> list[tuple[str, str, str]]:
    if value in (None, ""):
        return []
    if isinstance(value, str):
        text = value if value.lstrip()[:1] == "[" else _unpacked(value)
        value = json.loads(text)
        value = json.loads(value) if isinstance(value, str) else value
    cases = [(case["input"], case["output"], case.get("testtype", "stdin")) for case in value]
    if not all(isinstance(text, str) for case in cases for text in case):
        raise TypeError("input, output and testtype should be texts")
    return cases


def _unpacked(text: str) -> str:
    try:
        packed = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"neither JSON nor base64 ({error})") from error
    unpacker = zlib.decompressobj()
    content = unpacker.decompress(packed, _LARGEST_TESTS)
    if not unpacker.eof:
        raise ValueError(f"cut off, or more than {_LARGEST_TESTS} bytes")
    return _pickled_string(content)


def _pickled_string(content: bytes) -> str:
    """Return the string of a pickle that holds one, without unpickling anything.

    Raises:
        ValueError: When the pickle holds anything else.
    """
    strings = []
    for opcode, argument, _ in pickletools.genops(content):
        if opcode.name not in _STRING_OPCODES:
            raise ValueError(f"a pickle with more than a string in it ({opcode.name})")
        if isinstance(argument, str):
            strings.append(argument)
    if len(strings) != 1:
        raise ValueError("a pickle without a single string")
    return strings[0]
