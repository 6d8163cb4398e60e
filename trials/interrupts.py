"""Ctrl-C at any moment: an interrupt at each line of the code that indexes and commits."""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from types import FrameType
from typing import Any

from cablesearch.archive import open_archive
from cablesearch.embedded.upkeep import batches, pen
from cablesearch.engine.disk import files
from cablesearch.engine.index import manifest, snapshot
from cablesearch.engine.index import writer as writing
from cablesearch.indexing import bulk, ingest, workers
from trials.cables import contents
from trials.history import clear, command, commands, leftovers, put_back, small_batches, whole
from trials.kills import possible_states

__all__ = ["Lines", "interrupts"]

_MODULES = (batches, bulk, files, ingest, manifest, pen, snapshot, workers, writing)
_WHERE = {str(module.__file__) for module in _MODULES}


class Lines:
    """Counts the executed lines of given files (of functions with a given name, if any) and interrupts at the n-th."""

    def __init__(self, number: int, where: Collection[str], function: str | None = None) -> None:
        self.count = 0
        self._number = number
        self._where = where
        self._function = function

    def __enter__(self) -> Lines:
        sys.settrace(self._trace)
        return self

    def __exit__(self, *error: object) -> None:
        sys.settrace(None)

    def _trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        del argument
        if frame.f_code.co_filename not in self._where:
            return None
        if event == "line" and self._function in {None, frame.f_code.co_name}:
            self.count += 1
            if self.count == self._number:
                raise KeyboardInterrupt
        return self._trace


def interrupts(seed: int, some: int | None = None) -> dict[str, object]:
    """Interrupt the second command of a history, which adds and replaces, at each line (or at ``some`` lines).

    After each interrupt the archive is sound and has the cables from before and the first of the added ones; none is
    gone. The same command again ends as if nothing had happened.
    """
    chance = random.Random(seed)
    figures: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "archives" / "one"
        history = commands(folder, path, 1)
        with small_batches(many=True):
            command(*history[0])
        saved = folder / "saved"
        put_back(path, saved)
        with open_archive(path) as archive:
            before = contents(archive)
        with small_batches(many=True), Lines(0, _WHERE) as lines:
            command(*history[1])
        end = whole(path)[1]
        states = possible_states(before, history[1], losers=True)
        places = range(1, lines.count + 1)
        for place in sorted(chance.sample(places, some)) if some else places:
            put_back(saved, path)
            with small_batches(many=True), Lines(place, _WHERE):
                outcome = command(*history[1])
            assert "Traceback" not in outcome.said, (place, outcome)
            figures["interrupted" if outcome.status == 130 else "told otherwise"] += 1
            whole(path)
            with open_archive(path) as archive:
                held = contents(archive)
            assert held in states, f"line {place}: the archive has other cables"
            figures["something was kept" if held != before else "nothing was added yet"] += 1
            with small_batches(many=True):
                again = command(*history[1])
            assert again.status == 0, again
            assert whole(path)[1] == end, f"line {place}: repeating the command gives another result"
            assert not leftovers(path), leftovers(path)
        clear(path)
    return {"lines": lines.count, "tried": figures["interrupted"] + figures["told otherwise"], **figures}
