from __future__ import annotations

import pytest
from testing_env import WeatherEnv
from vector.faults import Faults
from vector.playing import Asked, played

from llmgym.policies.scripted import OraclePolicy
from llmgym.vector import collect
from llmgym.vector.progress import CollectionProgress


def test_nothing_is_shown_where_there_is_no_terminal(capfd):
    collect(WeatherEnv, OraclePolicy(), tasks=5)
    assert capfd.readouterr() == ("", "")


def test_the_bar_is_on_standard_error(capfd):
    collect(WeatherEnv, OraclePolicy(), tasks=5, progress=True)
    shown = capfd.readouterr()
    assert shown.out == ""
    assert "rollouts" in shown.err
    assert "5/5" in shown.err
    assert "reward 1.000" in shown.err


def test_what_an_earlier_run_made_counts_as_done(tmp_path, capfd):
    path = tmp_path / "run.jsonl"
    collect(WeatherEnv, OraclePolicy(), tasks=5, output=path)
    collect(WeatherEnv, OraclePolicy(), tasks=5, output=path, resume=True, progress=True)
    assert "5/5" in capfd.readouterr().err


@pytest.mark.parametrize("enabled", [True, False])
def test_the_summary_counts(enabled, capfd):
    faults = Faults({"train-0": 99, "train-1": 1})
    made = played(WeatherEnv, Asked(faults.of_request), tasks=4)
    made += played(WeatherEnv, tasks=2, max_turns=1)
    with CollectionProgress(enabled=enabled) as bar:
        assert bar.summary() == "no reward yet"
        bar.start(None, 0)
        for rollout in made:
            bar.add(rollout)
    parts = [part for part in bar.summary().split(", ") if not part.endswith("/s")]
    assert parts == ["reward 1.000", "2 truncated", "1 failed", "2 retried"]
    capfd.readouterr()
