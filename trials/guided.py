"""A target under Atheris, which grows its inputs towards uncovered code.

    python -m trials.guided TARGET CASES SEED FOLDER

Started by `trials.campaign`; it needs the extra ``fuzz``.
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["cablesearch"]):
    from trials.campaign import MEMORY, PATIENCE
    from trials.fuzz import TARGETS
    from trials.mutators import LARGEST, MUTATORS, SEEDS

__all__ = ["main"]


def main(name: str, cases: int, seed: int, folder: str) -> None:
    """Run a target a number of times; the process ends with another status than 0 if it fails."""
    target, mutator = TARGETS[name], MUTATORS[name]
    target(SEEDS[name][0])

    def mutated(data: bytes, most: int, number: int) -> Any:
        """Mutate half of the cases by the format's own mutator, half by Atheris's."""
        chance = random.Random(number)
        return mutator(data, chance)[:most] if chance.random() < 0.5 else atheris.Mutate(data, most)

    with tempfile.TemporaryDirectory() as corpus:
        for number, item in enumerate(SEEDS[name]):
            (Path(corpus) / str(number)).write_bytes(item)
        options = [
            *(f"-runs={cases}", f"-seed={seed}", f"-max_len={LARGEST}", f"-timeout={PATIENCE:g}"),
            *(f"-rss_limit_mb={(MEMORY >> 20) + 512}", f"-artifact_prefix={folder}/{name}-atheris-"),
        ]

        def run(data: bytes) -> None:
            target(data)

        atheris.Setup([sys.argv[0], *options, corpus], run, custom_mutator=mutated)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
