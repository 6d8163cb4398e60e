"""The experiments as commands; each prints its figures as one JSON line and ends with 1 when something was wrong."""

from __future__ import annotations

import json
import sys

import click


@click.group()
def experiments() -> None:
    """Try for long what must never happen."""


@experiments.command()
@click.option("--cases", type=click.IntRange(1), default=10_000, show_default=True, help="How many answers to compare.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same archives and questions.")
@click.option("--first", type=click.IntRange(0), default=0, help="The number of the archive to begin with.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="How many processes work at it.")
def noninterference(cases: int, seed: int, first: int, jobs: int) -> None:
    """Compare what an archive says under a clearance with what one of the visible part says."""
    from tests.reliability.noninterference import experiment

    figures, differences = experiment(cases, seed, first, jobs)
    for difference in differences:
        click.echo(difference, err=True)
    click.echo(json.dumps(figures))
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    experiments(prog_name="python -m tests.reliability")
