"""The steps of `.ci/run`, each in a virtual environment of its own: ``nox -l`` lists them, ``nox -s lint`` runs one."""

from __future__ import annotations

import nox

nox.needs_version = ">=2024.4"
nox.options.error_on_missing_interpreters = False

PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
SHORT_TRIALS = (
    ("fuzz", "--cases", "500"),
    ("kills", "--count", "14"),
    ("canaries", "--count", "5000"),
    ("noninterference", "--cases", "200"),
)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format."""
    session.install("-e", ".[dev]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types of everything."""
    session.install("-e", ".[dev]")
    session.run("mypy")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the suite; arguments after ``--`` go to pytest."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "pytest", *(session.posargs or ("-n", "auto")))


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site; a broken link or reference is an error."""
    session.install("-e", ".[docs]")
    session.run("mkdocs", "build", "--strict", "--site-dir", session.create_tmp())


@nox.session
def trials(session: nox.Session) -> None:
    """Run some experiments for a minute; arguments after ``--`` name another one."""
    session.install("-e", ".[test]")
    for trial in [session.posargs] if session.posargs else SHORT_TRIALS:
        session.run("python", "-m", "trials", *trial)
