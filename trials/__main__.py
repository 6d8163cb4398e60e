"""Run an experiment with ``python -m trials NAME`` and print its figures as one line of JSON.

Exit status: 1 if the experiment found a fault.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from trials import campaign

_seed = click.option(
    "--seed", type=int, default=1, show_default=True, help="The seed; the same seed gives the same experiment."
)


def _print(experiment: str, run: Callable[[], Mapping[str, object]]) -> None:
    from trials.report import circumstances

    arguments = " ".join(sys.argv[1:])
    command = f"python -m trials {arguments}"
    figures = run()
    click.echo(json.dumps({"experiment": experiment, "command": command, **circumstances(), **figures}))
    sys.exit(1 if figures.get("failures") else 0)


@click.group()
def experiments() -> None:
    """Run experiments that look for failures that must never happen."""


@experiments.command()
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True)
@click.option("--some", type=click.IntRange(1), help="Only this many of the cases.")
@click.option("--segments", type=click.IntRange(1), help="Use a history of about this many segments.")
@_seed
def faults(seed: int, jobs: int, some: int | None, segments: int | None) -> None:
    """Fail at every step that changes the disk."""
    from trials.faults import faults as run

    _print("faults", lambda: run(seed, jobs, some, segments))


@experiments.command()
@_seed
def reads(seed: int) -> None:
    """Fail at every attempt to open a file."""
    from trials.faults import reads as run

    _print("reads", lambda: run(seed))


@experiments.command()
@click.option(
    "--stops", type=click.IntRange(0), default=12, show_default=True, help="Number of kills before power cuts."
)
@click.option("--some", type=click.IntRange(1), help="Only before this many of the steps.")
@_seed
def powercut(seed: int, stops: int, some: int | None) -> None:
    """Cut the power before every step that changes the disk."""
    from trials.powercut import powercut as run

    _print("powercut", lambda: run(seed, stops=stops, some=some))


@experiments.command()
@click.option("--count", type=click.IntRange(1), default=500, show_default=True)
@_seed
def kills(seed: int, count: int) -> None:
    """Kill processes in every phase, from inside and from outside."""
    from trials.kills import kills as run

    _print("kills", lambda: run(seed, count))


@experiments.command()
@click.option("--some", type=click.IntRange(1), help="Only before this many of the steps.")
@_seed
def moved(seed: int, some: int | None) -> None:
    """Replace the archive by another one before every step that changes the disk."""
    from trials.moved import moved as run

    _print("moved", lambda: run(seed, some))


@experiments.command()
@click.option(
    "--rooms", type=click.IntRange(1), default=24, show_default=True, help="Number of different amounts of free space."
)
@_seed
def fulldisk(seed: int, rooms: int) -> None:
    """Fill a disk, then free space."""
    from trials.fulldisk import fulldisk as run

    _print("fulldisk", lambda: run(seed, rooms))


@experiments.command()
@click.option("--minutes", type=float, default=10, show_default=True)
@click.option("--readers", type=click.IntRange(2), default=4, show_default=True, help="Number of reading processes.")
@_seed
def soak(seed: int, minutes: float, readers: int) -> None:
    """Read with several processes while one writes without a pause."""
    from trials.soak import soak as run

    _print("soak", lambda: run(seed, minutes, readers))


@experiments.command()
@click.option(
    "--cases", type=click.IntRange(1), default=10_000, show_default=True, help="Number of answers to compare."
)
@click.option("--first", type=click.IntRange(0), default=0, help="Number of the first archive.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Number of processes.")
@click.option("--cluster", is_flag=True, help="Use archives on a node of OpenSearch, which is started.")
@_seed
def noninterference(cases: int, seed: int, first: int, jobs: int, cluster: bool) -> None:
    """Compare every output under a clearance with that of an archive of the visible part."""
    from trials.cluster import noninterference as on_cluster
    from trials.noninterference import experiment

    if cluster and jobs > 1:
        raise click.UsageError("--cluster works with one process")

    def run() -> Mapping[str, object]:
        compared = on_cluster.experiment(cases, seed, first) if cluster else experiment(cases, seed, first, jobs)
        figures, differences = compared
        for difference in differences:
            click.echo(difference, err=True)
        return {**figures, "failures": len(differences)}

    _print("noninterference", run)


@experiments.command()
@click.option(
    "--scale", type=float, default=1.0, show_default=True, help="How often, as a multiple of what each fault has."
)
@_seed
def cluster_faults(seed: int, scale: float) -> None:
    """Let nodes, clients, connections, queues and disks of a live cluster fail; print a line for each fault."""
    from trials.cluster.faults import faults
    from trials.report import circumstances

    command = f"python -m trials {' '.join(sys.argv[1:])}"
    for figures in faults(seed, scale):
        click.echo(json.dumps({"experiment": "cluster-faults", "command": command, **circumstances(), **figures}))


@experiments.command()
@click.option(
    "--count", type=click.IntRange(1), default=1_000_000, show_default=True, help="Number of hidden canaries to check."
)
@click.option("--first", type=click.IntRange(0), default=0, help="Number of the first telegram.")
@_seed
def canaries(count: int, seed: int, first: int) -> None:
    """Search for words under markings in what a reader without the clearance may see."""
    from trials.canaries import experiment

    def run() -> Mapping[str, object]:
        figures, reported = experiment(count, seed, first=first)
        for canary in reported:
            click.echo(canary, err=True)
        return {**figures, "failures": figures["seen"]}

    _print("canaries", run)


@experiments.command()
@click.option(
    "--cases",
    type=click.IntRange(1),
    default=1_000_000,
    show_default=True,
    help="Number of cases, all targets together.",
)
@click.option(
    "--target",
    "targets",
    multiple=True,
    type=click.Choice(campaign.NAMES),
    help="Only this target; repeat for several.",
)
@click.option("--engine", type=click.Choice(("random", "atheris")), default="random", show_default=True)
@click.option("--first", type=click.IntRange(0), default=0, help="Number of the first case of every target.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Number of processes.")
@_seed
def fuzz(cases: int, seed: int, targets: tuple[str, ...], engine: str, first: int, jobs: int) -> None:
    """Feed almost valid input to the readers, the query parser and the opener of indexes.

    Every failure is reported with its number and a file of its bytes. "--target NAME --first NUMBER --cases 1" with the
    same seed runs a case again.
    """
    if engine == "atheris" and importlib.util.find_spec("atheris") is None:
        click.echo("atheris is not installed (pip install -e '.[fuzz]'); using the random engine instead", err=True)
        engine = "random"
    _print("fuzz", lambda: campaign.fuzz(cases, seed, targets or campaign.NAMES, engine, first, jobs))


@experiments.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def aad(folder: Path) -> None:
    """Read telegrams of the National Archives, and compare them with their attributes in FOLDER/truth.jsonl."""
    from trials.aad import experiment

    _print("aad", lambda: experiment(folder))


@experiments.command()
@click.option("--index", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The archive to serve.")
@click.option("--datasette", metavar="COMMAND", help="Also load Datasette, which this command starts.")
@click.option("--connections", type=click.IntRange(1), default=64, show_default=True)
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes of our server.")
@click.option("--seconds", type=float, default=60.0, show_default=True, help="Length of each phase.")
@click.option("--rounds", type=click.IntRange(1), default=1, show_default=True, help="Phases of each server, in turns.")
@click.option("--questions", type=click.IntRange(1), default=2_000, show_default=True, help="Different questions.")
@_seed
def load(seed: int, index: Path | None, datasette: str | None, **plan: Any) -> None:
    """Ask a server from many connections at once, and compare every answer with the library's."""
    from trials.load import Load
    from trials.load import load as run

    _print("load", lambda: run(seed, index, datasette, Load(**plan)))


@experiments.command()
@click.option("--some", type=click.IntRange(1), help="Only at this many of the lines.")
@_seed
def interrupts(seed: int, some: int | None) -> None:
    """Press Ctrl-C at every line of the code that indexes."""
    from trials.interrupts import interrupts as run

    _print("interrupts", lambda: run(seed, some))


@experiments.command()
@click.argument("figures", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--write", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Page to put the table into."
)
def report(figures: Path, write: Path | None) -> None:
    """Make a table from printed figures."""
    from trials.report import report as run

    click.echo(run(figures, write), nl=False)


if __name__ == "__main__":
    experiments(prog_name="python -m trials")
