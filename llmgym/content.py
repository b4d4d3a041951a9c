"""Content of messages: Chat parts to Responses parts and back.

Text stays text. A part with no Chat form (an image by file id, a file by URL) stays as it is in a Chat message.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmgym.errors import UsageError

__all__ = ["content_to_chat", "content_to_input"]


def content_to_chat(content: Any, error: type[UsageError], where: str) -> str | list[dict[str, Any]]:
    """Convert the content of an item. Text stays text; parts are converted one by one.

    Args:
        content: Text or Responses parts.
        error: What to raise when it is neither, or a part is unknown.
        where: Name of the item, for the error.
    """
    if isinstance(content, str):
        return content
    if not isinstance(content, list | tuple):
        raise error(
            f"{where}: expected content to be text or a list of parts, found {type(content).__name__}."
        )
    return [_part_to_chat(part, error, where) for part in content]


def content_to_input(content: Any, where: str, text_type: str) -> str | list[dict[str, Any]]:
    """Convert the content of a Chat message. Text stays text; ``None`` becomes empty text.

    Args:
        content: Text, Chat parts or ``None``.
        where: Name of the message, for errors.
        text_type: Type of the text parts, ``input_text`` or ``output_text``.

    Raises:
        UsageError: When a part has no place in Responses.
    """
    if content is None or isinstance(content, str):
        return content or ""
    return [_part_to_input(part, where, text_type) for part in content]


def _part_to_chat(part: Any, error: type[UsageError], where: str) -> dict[str, Any]:
    kind = part.get("type") if isinstance(part, Mapping) else type(part).__name__
    if kind in ("input_text", "output_text") and isinstance(part.get("text"), str):
        return {"type": "text", **_rest(part, "type", "annotations", "logprobs")}
    if kind == "input_image":
        if not isinstance(part.get("image_url"), str):
            return part
        image = {"url": part["image_url"]}
        if part.get("detail") not in (None, "auto"):
            image["detail"] = part["detail"]
        return {"type": "image_url", "image_url": image, **_rest(part, "type", "image_url", "detail")}
    if kind == "input_file":
        if not part.keys().isdisjoint(("file_url", "detail")):
            return part
        file = {key: part[key] for key in ("file_data", "file_id", "filename") if part.get(key) is not None}
        return {"type": "file", "file": file, **_rest(part, "type", "file_data", "file_id", "filename")}
    if kind == "input_audio" or (kind == "refusal" and isinstance(part.get("refusal"), str)):
        return part
    raise error(
        f"{where}: expected parts of type input_text, input_image, input_file, input_audio, output_text or refusal "
        f"with their fields, found {kind!r}."
    )


def _part_to_input(part: Any, where: str, text_type: str) -> dict[str, Any]:
    kind = part.get("type") if isinstance(part, Mapping) else type(part).__name__
    if kind == "text":
        return {**part, "type": text_type}
    if kind == "image_url" and isinstance(part.get("image_url"), Mapping):
        image = part["image_url"]
        detail = image.get("detail", "auto")
        return {**_rest(part), "type": "input_image", "image_url": image.get("url"), "detail": detail}
    if kind == "file" and isinstance(part.get("file"), Mapping):
        return {**_rest(part, "file"), **part["file"], "type": "input_file"}
    if kind in ("input_audio", "input_image", "input_file", "refusal"):
        return part
    raise UsageError(
        f"{where}: expected parts of type text, image_url, file, input_audio or refusal, found {kind!r}, which has no "
        "place in Responses."
    )


def _rest(part: Mapping[str, Any], *known: str) -> dict[str, Any]:
    return {key: value for key, value in part.items() if key not in known and value is not None}
