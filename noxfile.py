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
