from pathlib import Path

import pytest

from llmgym.records import read_rollouts

pytestmark = pytest.mark.model


def test_the_demo_plays_two_environments(cli_json):
    pytest.importorskip("xllamacpp", reason="needs the extra 'local'")
    from llmgym.errors import UsageError
    from llmgym.policies.local_model import find_model

    try:
        find_model()
    except UsageError:
        pytest.skip("the model's weights are not here: llmgym model fetch")
    rows = cli_json("demo", "-n", "1", "-o", "played")
    assert [row["environment"] for row in rows] == ["llmgym/Calendar-v0", "llmgym/SingleToolCall-v1"]
    for row in rows:
        [rollout] = read_rollouts(Path(row["file"]))
        assert rollout.reward == row["reward"] and rollout.policy["kind"] == "local" and row["tokens"] > 0
