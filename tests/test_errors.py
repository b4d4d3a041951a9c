from __future__ import annotations

import asyncio
import pickle

import pytest

from llmgym import errors
from llmgym.errors import BOUNDARIES, DependencyMissing, Error, InfrastructureError, UsageError, boundary


def test_every_exception_is_an_error_and_says_whose_fault_it_is():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    assert len(kinds) > 8 and all(issubclass(kind, Error) for kind in kinds)
    assert all(issubclass(kind, UsageError) for kind in kinds if kind not in (Error, InfrastructureError))
    assert not issubclass(InfrastructureError, UsageError)
    assert {kind.__name__ for kind in kinds} <= set(errors.__all__)


def test_errors_are_what_python_expects_too():
    assert issubclass(errors.InvalidAction, TypeError) and issubclass(errors.InvalidToolDefinition, TypeError)
    assert issubclass(errors.InvalidTask, ValueError) and issubclass(errors.SettingsError, ValueError)
    assert issubclass(DependencyMissing, ImportError)


def test_a_missing_dependency_says_how_to_install_it():
    error = DependencyMissing("pyarrow", "data", "read Parquet files")
    assert "'pyarrow' is needed to read Parquet files" in str(error)
    # The name on the package index belongs to another project.
    assert "pip install -e '.[data]'" in str(error) and "pip install llmgym" not in str(error)
    assert (error.package, error.extra) == ("pyarrow", "data")


def test_errors_pickle():
    error = pickle.loads(pickle.dumps(InfrastructureError("down", boundary="judge", retryable=False)))
    assert (str(error), error.boundary, error.retryable) == ("down", "judge", False)
    missing = DependencyMissing("pyarrow", "data", "read Parquet files")
    loaded = pickle.loads(pickle.dumps(missing))
    assert (str(loaded), loaded.package, loaded.extra) == (str(missing), "pyarrow", "data")
    for kind in (errors.ResetNeeded, errors.InvalidTask, errors.StoreError):
        assert str(pickle.loads(pickle.dumps(kind("text")))) == "text"


class JudgeDown(InfrastructureError):
    pass


def test_subclasses_pickle_as_themselves():
    assert type(pickle.loads(pickle.dumps(JudgeDown("x", boundary="judge")))) is JudgeDown


@pytest.mark.parametrize("name", BOUNDARIES)
def test_a_boundary_turns_failures_into_infrastructure_errors(name):
    with (
        pytest.raises(InfrastructureError, match="^ConnectionError: refused$") as caught,
        boundary(name, retryable=False),
    ):
        raise ConnectionError("refused")
    assert (caught.value.boundary, caught.value.retryable) == (name, False)
    assert isinstance(caught.value.__cause__, ConnectionError)


@pytest.mark.parametrize(
    "error",
    [
        UsageError("u"),
        InfrastructureError("i", boundary="judge"),
        asyncio.CancelledError(),
        KeyboardInterrupt(),
        SystemExit(1),
    ],
)
def test_errors_of_llmgym_and_interrupts_pass_a_boundary(error):
    with pytest.raises(type(error)) as caught, boundary("tool"):
        raise error
    assert caught.value is error


def test_a_boundary_lets_results_pass():
    with boundary("tool"):
        value = 1
    assert value == 1
