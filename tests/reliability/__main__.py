"""The experiments on reliability, a command each: ``python -m tests.reliability``.

Each prints its figures as one line of JSON, and ends with 1 when something was wrong.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Sequence
from typing import Any

import click

from tests.reliability import campaign


@click.group()
def experiments() -> None:
    """Try for long what must never happen."""


def _told(figures: dict[str, Any], failures: Sequence[str] = ()) -> None:
    for failure in failures:
        click.echo(failure, err=True)
    click.echo(json.dumps(figures))
    sys.exit(1 if failures or figures.get("failures") else 0)


@experiments.command()
@click.option("--cases", type=click.IntRange(1), default=10_000, show_default=True, help="How many answers to compare.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same archives and questions.")
@click.option("--first", type=click.IntRange(0), default=0, help="The number of the archive to begin with.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="How many processes work at it.")
def noninterference(cases: int, seed: int, first: int, jobs: int) -> None:
    """Compare what an archive says under a clearance with what one of the visible part says."""
    from tests.reliability.noninterference import experiment

    _told(*experiment(cases, seed, first, jobs))


@experiments.command()
@click.option(
    "--cases", type=click.IntRange(1), default=1_000_000, show_default=True, help="How many, all targets together."
)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--target", "targets", multiple=True, type=click.Choice(campaign.NAMES), help="Only this; may be repeated."
)
@click.option("--engine", type=click.Choice(("random", "atheris")), default="random", show_default=True)
@click.option("--first", type=click.IntRange(0), default=0, help="The number of the first case of every target.")
def fuzz(cases: int, seed: int, targets: tuple[str, ...], engine: str, first: int) -> None:
    """Feed the readers, the query parser and the opener of indexes what is almost right.

    Every failure is told with its number and a file of its bytes. "--target NAME --first NUMBER --cases 1" with the
    same seed runs a case again.
    """
    if engine == "atheris" and importlib.util.find_spec("atheris") is None:
        click.echo("atheris is not installed (pip install -e '.[fuzz]'); going on with the random engine", err=True)
        engine = "random"
    _told(campaign.fuzz(cases, seed, targets or campaign.NAMES, engine, first))


if __name__ == "__main__":
    experiments(prog_name="python -m tests.reliability")
