"""The table of docs/reliability.md, made from the figures that experiments printed."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["circumstances", "put_between", "table"]

BEGIN = "<!-- figures: python -m trials report FIGURES --write docs/reliability.md -->"
END = "<!-- end of figures -->"
_HEAD = ("what was done", "how often", "survived", "command", "date and machine")
Figures = Mapping[str, Any]


def circumstances() -> dict[str, str]:
    """Return the date and the kind of machine."""
    result = subprocess.run(
        ["df", "--output=fstype", tempfile.gettempdir()], capture_output=True, text=True, check=False
    ).stdout.split()
    filesystem = result[-1] if result else "unknown file system"
    python = ".".join(platform.python_version_tuple()[:2])
    machine = f"{os.cpu_count()} cores, {platform.system()}, {filesystem}, Python {python}"
    return {"date": dt.date.today().isoformat(), "machine": machine}


def _listed(figures: Figures, *names: str) -> str:
    return ", ".join(f"{name} {figures[name]:,}" for name in names if figures.get(name))


def _kills(figures: Figures) -> tuple[str, str]:
    phases = _listed(figures, "parse", "build", "take", "merge", "commit", "clean", "outside")
    alone = figures.get("a helper alone", 0)
    return f"SIGKILL in each phase ({phases}); {alone} of a helper process alone", f"{figures['killed']:,}"


def _faults(figures: Figures) -> tuple[str, str]:
    became = _listed({**figures, "reported": figures.get("told", 0)}, "reported", "not needed", "not reached")
    steps, jobs = f"{figures['steps']:,}", figures["jobs"]
    history = f", about {segments:,} segments" if (segments := figures.get("segments")) else ""
    what = (
        f"one of {steps} steps that change the disk fails, {jobs} job(s){history}: "
        f"I/O error, disk full, quota ({became})"
    )
    return what, f"{figures['tried']:,}"


def _powercut(figures: Figures) -> tuple[str, str]:
    what = f"power cut at any of {figures['steps']:,} steps, {figures['kills']} times after a kill"
    return what, f"{figures['states']:,} states of the disk"


def _moved(figures: Figures) -> tuple[str, str]:
    became = _listed(figures, "refused", "committed in the folder it held", "ended before")
    what = (
        f"another archive takes the place of the folder before one of {figures['steps']:,} steps of a writer ({became})"
    )
    return what, f"{figures['tried']:,}"


def _soak(figures: Figures) -> tuple[str, str]:
    commits = figures["writer"]["commits"]
    what = f"readers beside a writer for {figures['minutes']:g} minutes, {commits:,} commits"
    return what, f"{figures['checks']:,} answers compared, {figures.get('live', 0):,} of them only about versions"


def _noninterference(figures: Figures) -> tuple[str, str]:
    where = f" on {figures['where']}" if "where" in figures else ""
    what = (
        f"an archive{where} under a clearance compared with one of its visible part ({figures['archives']:,} archives)"
    )
    looked = f", {figures['requests']:,} requests to the cluster" if "requests" in figures else ""
    return what, f"{figures['cases']:,} outputs compared{looked}"


def _canaries(figures: Figures) -> tuple[str, str]:
    hidden, visible = figures["hidden_though_visible"], figures["visible"]
    over = ", ".join(f"{hidden[name]:,} of {visible[name]:,} in {name} text" for name in visible)
    what = (
        f"words under markings in {figures['telegrams']:,} generated telegrams ({figures['archives']:,} archives), "
        f"asked at every clearance; hidden although they could be shown: {over}"
    )
    return what, f"{figures['canaries']:,} canaries, {figures['seen']:,} seen"


def _fuzz(figures: Figures) -> tuple[str, str]:
    targets = ", ".join(f"{name} {target['cases']:,}" for name, target in figures["targets"].items())
    how = "guided by coverage" if figures["engine"] == "atheris" else "from mutators that know the formats"
    return f"almost valid input, {how} ({targets})", f"{figures['cases']:,}"


def _cluster_faults(figures: Figures) -> tuple[str, str]:
    outcome = figures["outcome"]
    came = _listed(outcome, *outcome)
    return f"{figures['fault']}, {figures['nodes']}" + (f" ({came})" if came else ""), f"{figures['tried']:,}"


_WORDS: dict[str, Callable[[Figures], tuple[str, str]]] = {
    "kills": _kills,
    "faults": _faults,
    "reads": lambda figures: ("opening a file fails, in every command", f"{figures['tried']:,}"),
    "fulldisk": lambda figures: (f"a full disk: {figures['by']}", f"{figures['tried']:,}"),
    "powercut": _powercut,
    "interrupts": lambda figures: ("Ctrl-C at any line of the code that indexes", f"{figures['tried']:,}"),
    "moved": _moved,
    "soak": _soak,
    "noninterference": _noninterference,
    "canaries": _canaries,
    "cluster-faults": _cluster_faults,
    "fuzz": _fuzz,
}


def table(lines: Sequence[str]) -> str:
    """Return the table for lines of JSON; an unknown experiment appears with its name and its counts.

    Most experiments end with an error when they find a fault, and print no line; those that go on count their failures.
    """
    rows = [_HEAD, ("---",) * len(_HEAD)]
    for line in lines:
        figures = json.loads(line)
        name = figures["experiment"]
        words = _WORDS.get(name)
        counts = {key: value for key, value in figures.items() if isinstance(value, int)}
        what, often = words(figures) if words else (name, _listed(counts, *counts))
        circumstance = f"{figures.get('date', '')}, {figures.get('machine', '')}".strip(", ")
        failures = figures.get("failures", 0)
        survived = f"all but {failures:,}" if failures else "all"
        rows.append((what, often, survived, f"`{figures['command']}`", circumstance))
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def put_between(text: str, made: str) -> str:
    """Return the text with everything between the two comments replaced.

    Raises:
        ValueError: it has no such comments.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError("the page lacks the comments around the figures")
    return f"{before}{BEGIN}\n{made}{END}{after}"


def report(figures: Path, write: Path | None) -> str:
    """Make the table, and put it into a page if one is named."""
    made = table([line for line in figures.read_text(encoding="utf-8").splitlines() if line.strip()])
    if write:
        write.write_text(put_between(write.read_text(encoding="utf-8"), made), encoding="utf-8")
    return made
