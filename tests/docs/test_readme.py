import re
from pathlib import Path

from llmgym.registration import SUITE

README = Path(__file__).parents[2] / "README.md"


def test_the_table_names_every_environment():
    rows = re.findall(r"^\| `(llmgym/[\w.]+-v\d+)` \| ([^|]+) \|", README.read_text(encoding="utf-8"), re.M)
    assert [id for id, _ in rows] == [row.id for row in SUITE]


def test_python_blocks_compile():
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.S)
    assert len(blocks) >= 4
    for block in blocks:
        compile(block, "README.md", "exec", flags=0x2000)  # top-level await
