"""``python -m tests.reliability NAME``: run an experiment and print its figures as one line of JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import click

_seed = click.option("--seed", type=int, default=1, show_default=True, help="The same seed, the same experiment.")


def _print(experiment: str, run: Callable[[], Mapping[str, object]]) -> None:
    from tests.reliability.report import circumstances

    arguments = " ".join(sys.argv[1:])
    command = f"python -m tests.reliability {arguments}"
    click.echo(json.dumps({"experiment": experiment, "command": command, **circumstances(), **run()}))


@click.group()
def cli() -> None:
    """What an archive survives, tried."""


@cli.command()
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True)
@click.option("--some", type=click.IntRange(1), help="Only so many of the cases.")
@_seed
def faults(seed: int, jobs: int, some: int | None) -> None:
    """Every step that changes the disk fails."""
    from tests.reliability.faults import faults as run

    _print("faults", lambda: run(seed, jobs, some))


@cli.command()
@_seed
def reads(seed: int) -> None:
    """Every opening of a file fails."""
    from tests.reliability.faults import reads as run

    _print("reads", lambda: run(seed))


@cli.command()
@click.option("--stops", type=click.IntRange(0), default=12, show_default=True, help="Kills before power cuts.")
@click.option("--some", type=click.IntRange(1), help="Only before so many of the steps.")
@_seed
def powercut(seed: int, stops: int, some: int | None) -> None:
    """The power is cut before every step that changes the disk."""
    from tests.reliability.powercut import powercut as run

    _print("powercut", lambda: run(seed, stops=stops, some=some))


@cli.command()
@click.option("--count", type=click.IntRange(1), default=500, show_default=True)
@_seed
def kills(seed: int, count: int) -> None:
    """Processes are killed, by themselves in every phase and from outside."""
    from tests.reliability.kills import kills as run

    _print("kills", lambda: run(seed, count))


@cli.command()
@click.option("--rooms", type=click.IntRange(1), default=24, show_default=True, help="How much room is left: so many.")
@_seed
def fulldisk(seed: int, rooms: int) -> None:
    """A disk is really full, then is not."""
    from tests.reliability.fulldisk import fulldisk as run

    _print("fulldisk", lambda: run(seed, rooms))


@cli.command()
@click.option("--minutes", type=float, default=10, show_default=True)
@click.option("--readers", type=click.IntRange(2), default=4, show_default=True, help="How many processes read.")
@_seed
def soak(seed: int, minutes: float, readers: int) -> None:
    """Processes read while one writes all the time."""
    from tests.reliability.soak import soak as run

    _print("soak", lambda: run(seed, minutes, readers))


@cli.command()
@click.option("--some", type=click.IntRange(1), help="Only at so many of the lines.")
@_seed
def interrupts(seed: int, some: int | None) -> None:
    """Ctrl-C comes at every line of what indexes."""
    from tests.reliability.interrupts import interrupts as run

    _print("interrupts", lambda: run(seed, some))


@cli.command()
@click.argument("figures", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--write", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A page to put it into.")
def report(figures: Path, write: Path | None) -> None:
    """Make a table of printed figures."""
    from tests.reliability.report import report as run

    click.echo(run(figures, write), nl=False)


if __name__ == "__main__":
    cli()
