from __future__ import annotations

from llmgym.conversion import messages_from_input, messages_to_input


def test_parts():
    url = "data:image/png;base64,AA"
    chat = [
        {"type": "text", "text": "see"},
        {"type": "image_url", "image_url": {"url": url}},
        {"type": "image_url", "image_url": {"url": url, "detail": "high"}},
        {"type": "file", "file": {"file_id": "f"}},
        {"type": "input_audio", "input_audio": {"data": "AA", "format": "wav"}},
    ]
    responses = [
        {"type": "input_text", "text": "see"},
        {"type": "input_image", "image_url": url, "detail": "auto"},
        {"type": "input_image", "image_url": url, "detail": "high"},
        {"type": "input_file", "file_id": "f"},
        {"type": "input_audio", "input_audio": {"data": "AA", "format": "wav"}},
    ]
    assert messages_to_input([{"role": "user", "content": chat}]) == [{"role": "user", "content": responses}]
    assert messages_from_input([{"role": "user", "content": responses}]) == [
        {"role": "user", "content": chat}
    ]
    by_id = [{"type": "input_image", "file_id": "f", "detail": "auto"}]
    assert messages_from_input([{"role": "user", "content": by_id}]) == [{"role": "user", "content": by_id}]
