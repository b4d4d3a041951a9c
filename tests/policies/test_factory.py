from __future__ import annotations

import pytest

from llmgym.errors import UsageError
from llmgym.policies.factory import KINDS, make_policy
from llmgym.policies.openai import OpenAIPolicy
from llmgym.policies.scripted import OraclePolicy, RandomPolicy


@pytest.mark.parametrize(
    ("description", "kind"),
    [
        ("oracle", OraclePolicy),
        ("random", RandomPolicy),
        ({"kind": "random", "seed": 3}, RandomPolicy),
        ({"model": "m", "base_url": "http://localhost:1/v1", "api_key": "k"}, OpenAIPolicy),
        ({"kind": "openai", "model": "m", "base_url": "http://localhost:1/v1", "api_key": "k"}, OpenAIPolicy),
    ],
)
def test_descriptions(description, kind):
    before = dict(description) if isinstance(description, dict) else description
    assert type(make_policy(description)) is kind
    assert description == before


def test_a_description_of_a_policy_that_needs_none_makes_it_again():
    for policy in (OraclePolicy(), RandomPolicy(seed=5)):
        assert make_policy(policy.describe()).describe() == policy.describe()


@pytest.mark.parametrize(
    ("description", "message"),
    [
        ("clever", f"among {', '.join(KINDS)}, found 'clever'"),
        ({"kind": None}, "found None"),
        ({"kind": "random", "sed": 3}, "policy of kind 'random' is wrong: .*sed"),
        ({"kind": "oracle", "seed": 3}, "policy of kind 'oracle' is wrong"),
    ],
)
def test_descriptions_that_are_wrong(description, message):
    with pytest.raises(UsageError, match=message):
        make_policy(description)
