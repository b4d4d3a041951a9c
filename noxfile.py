"""The suite on every supported Python: ``nox`` runs it on those that are installed."""

import nox

nox.options.error_on_missing_interpreters = False
nox.options.reuse_existing_virtualenvs = True


@nox.session(python=["3.11", "3.12", "3.13"])
def tests(session: nox.Session) -> None:
    """Run the tests and doctests."""
    session.install("-e", ".[test,local]")
    session.run("llmgym", "model", "fetch")
    session.run("python", "-m", "pytest", "-n", "auto", *session.posargs)


@nox.session
def json_schema_suite(session: nox.Session) -> None:
    """Compare the validator of structured outputs with the public one on the official JSON Schema test suite."""
    session.install("-e", ".[test]")
    folder = session.create_tmp()
    source = ["--no-deps", "--no-binary", ":all:", "jsonschema==4.26.0"]
    session.run("python", "-m", "pip", "download", *source, "-d", folder)
    session.run("tar", "xzf", f"{folder}/jsonschema-4.26.0.tar.gz", "-C", folder, external=True)
    suite = {"JSON_SCHEMA_TEST_SUITE": f"{folder}/jsonschema-4.26.0/json"}
    session.run("python", "-m", "pytest", "tests/verifiers/test_structured_suite.py", env=suite)


@nox.session
def mini_swe_agent(session: nox.Session) -> None:
    """Play MiniSWE with the agent of mini-swe-agent, whose packages are too many for every run."""
    session.install("-e", ".[test,mini-swe-agent]")
    session.run("python", "-m", "pytest", "tests/envs/test_mini_swe_harness.py")
