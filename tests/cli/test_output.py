from __future__ import annotations

import io
import json
import sys

from llmgym.cli.output import Results, fields, one_line, results, table

HOSTILE = "\x1b[2J\x9b31m[bold red]x[/] :smile: \ud800"


def printed(*parts) -> str:
    stream = io.StringIO()
    Results(stream).show(*parts)
    return stream.getvalue()


def test_text_of_a_model_can_neither_steer_the_terminal_nor_be_markup():
    shown = printed(table(["name", "text"], [["a", HOSTILE]]), fields([("b", HOSTILE)]))
    assert "\x1b" not in shown and "\x9b" not in shown
    assert shown.count("[bold red]x[/] :smile:") == 2


def test_json_is_utf_8_and_harmless():
    stream = io.StringIO()
    Results(stream).json({"text": HOSTILE, "city": "Zürich"})
    text = stream.getvalue()
    assert "\x9b" not in text and "\x1b" not in text and "Zürich" in text
    assert json.loads(text.encode()) == {"text": HOSTILE.replace("\ud800", "?"), "city": "Zürich"}


def test_only_results_reach_standard_output(capsys):
    with results() as out:
        print("noise", file=sys.stdout)
        out.text("result")
    print("after")
    shown = capsys.readouterr()
    assert shown.out == "result\nafter\n"
    assert shown.err == "noise\n"


def test_cells():
    shown = printed(table(["a", "b>", "c", "d"], [["x", 0.123456, None, True]]))
    assert "0.1235" in shown and " - " in shown and "yes" in shown
    assert "dropped" not in printed(fields([("kept", 1), ("dropped", None)]))


def test_one_line():
    assert one_line("a\n  b\tc") == "a b c"
    assert one_line("x" * 10, 5) == "xxxx…"
