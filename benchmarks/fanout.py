"""Simulate how long searches take that ask many shards: the slowest shard decides.

    python benchmarks/fanout.py FILE [--class NAME ...] [--shards N ...] [--factor F] [--trials N] [--json FILE]

FILE is what benchmarks/cluster.py wrote with --json. What follows is arithmetic on what was measured there, and not a
measurement:

- A search of a shard takes the mean time that the nodes counted for the class, times `--factor` for shards of another
  size. It is distributed log-normally, with the variance of whole answers around the median of their query.
- An answer takes `--requests` requests, of which all but the last count words. Each asks all shards in a round. As the
  last one needs scores, it has a round for the statistics of words (dfs) before that, which takes a share `--dfs` of
  the time of a search, and in the end it reads the hits from at most ten shards. A round ends with its slowest shard,
  and costs a hop over the network.
- At any time, a share `--slow` of the copies is slower by a factor `--slowness`, because a node collects garbage or
  merges segments. A search asks a copy at random; with adaptive selection it asks a slow one only if all copies are
  slow. The table shows one copy, and two copies with adaptive selection.
- Shards are independent of each other, and each has a processor of its own while it is searched.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
from engines import table
from numpy.typing import NDArray

SEED = 1
HITS = 10
AT_ONCE = 2_000_000
"""The most times of shards that are drawn together."""

Floats = NDArray[np.float64]


class Measured(NamedTuple):
    """A class of queries: the mean milliseconds of a shard, and the standard deviation of their logarithm."""

    shard: float
    spread: float

    def draw(self, rng: np.random.Generator, size: tuple[int, int]) -> Floats:
        """Return the milliseconds of shards."""
        return self.shard * rng.lognormal(-(self.spread**2) / 2, self.spread, size)


class Model(NamedTuple):
    """What is assumed.

    Attributes:
        requests: the requests of an answer.
        hop: the milliseconds that a round takes on the network.
        dfs: the time in which a shard counts words, as a share of that of a search.
        slow: the share of slow copies.
        slowness: by how much they are slower.
        copies: the copies of each shard, of which a fast one is asked.
    """

    requests: int
    hop: float
    dfs: float
    slow: float
    slowness: float
    copies: int = 1


def read(path: Path, kind: str, factor: float) -> Measured:
    """Return what was measured for a class of queries on the largest archive."""
    outcome = json.loads(path.read_text(encoding="utf-8"))["outcomes"][-1]
    times = np.array(outcome["times"][kind]["cluster"])
    seconds = outcome["work"][kind][1]
    spread = np.std(np.log(times / np.median(times, axis=1, keepdims=True)))
    return Measured(1e3 * seconds * factor, float(spread))


def slowest(rng: np.random.Generator, measured: Measured, model: Model, shards: int, trials: int) -> Floats:
    """Return the milliseconds of the slowest shard of a round, for each trial."""
    result = np.zeros(trials)
    step = max(1, AT_ONCE // shards)
    chance = model.slow**model.copies
    for start in range(0, trials, step):
        size = min(step, trials - start), shards
        times = measured.draw(rng, size)
        result[start : start + step] = (times * np.where(rng.random(size) < chance, model.slowness, 1.0)).max(axis=1)
    return result


def simulate(measured: Measured, model: Model, shards: int, trials: int) -> Floats:
    """Return the milliseconds of answers, one for each trial."""
    rng = np.random.default_rng(SEED)
    total = np.full(trials, (model.requests + 2) * model.hop)
    for _ in range(model.requests):
        total += slowest(rng, measured, model, shards, trials)
    total += model.dfs * slowest(rng, measured, model, shards, trials)
    return total + model.dfs * slowest(rng, measured, model, min(HITS, shards), trials)


def main() -> None:
    """Run the simulation."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--class", dest="kinds", nargs="+", default=["AND of 2", "phrase of 2"], metavar="NAME")
    parser.add_argument("--shards", type=int, nargs="+", default=[1, 5, 20, 50, 100, 500], metavar="N")
    parser.add_argument("--factor", type=float, default=1.0, metavar="F", help="for the time of a shard (%(default)s)")
    parser.add_argument("--requests", type=int, default=2, metavar="N", help="of an answer (%(default)s)")
    parser.add_argument("--hop", type=float, default=0.5, metavar="MS", help="for a round (%(default)s)")
    parser.add_argument("--dfs", type=float, default=0.3, metavar="SHARE", help="of a search (%(default)s)")
    parser.add_argument("--slow", type=float, default=0.01, metavar="SHARE", help="of the copies (%(default)s)")
    parser.add_argument("--slowness", type=float, default=10.0, metavar="F", help="of those (%(default)s)")
    parser.add_argument("--trials", type=int, default=20_000, metavar="N", help="(%(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures")
    arguments = parser.parse_args()
    one = Model(arguments.requests, arguments.hop, arguments.dfs, arguments.slow, arguments.slowness)
    figures = []
    for kind in arguments.kinds:
        measured = read(arguments.file, kind, arguments.factor)
        rows = []
        for shards in arguments.shards:
            cells: list[float] = []
            for model in (one, one._replace(copies=2)):
                times = simulate(measured, model, shards, arguments.trials)
                cells += np.percentile(times, [50, 95, 99]).tolist()
            rows.append([str(shards), *(f"{cell:.1f}" for cell in cells)])
            figures.append({"class": kind, "shards": shards, "one copy": cells[:3], "two copies": cells[3:]})
        print(
            f"{kind}: a shard takes {measured.shard:.2f} ms on average, deviation of logarithms {measured.spread:.2f}\n"
        )
        table(["shards", "p50", "p95", "p99", "two copies: p50", "p95", "p99"], rows)
    if arguments.json:
        arguments.json.write_text(json.dumps({"model": one._asdict(), "figures": figures}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
