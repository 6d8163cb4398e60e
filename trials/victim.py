"""The program, instructed to kill itself at a step: ``python -m trials.victim PLAN ARGUMENTS...``.

The plan is JSON: ``log``, a file that gets the commits and, at the end, the steps of each phase; ``phase`` and
``number``, the phase and the step at which to be killed (0: never); ``whom``, the ``writer``, or the process that
reaches the step, which may be a helper; ``many``, whether to make very many segments.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing import RawValue
from pathlib import Path
from typing import Any

from cablesearch import cli
from cablesearch.embedded.upkeep import batches
from cablesearch.engine.disk import arrays, files
from cablesearch.engine.index import manifest
from cablesearch.engine.index import writer as writing
from cablesearch.engine.segment import builder
from trials.history import small_batches

__all__ = ["PHASES", "main"]

PHASES = ("parse", "build", "take", "merge", "commit", "clean")


class _Victim:
    def __init__(self, log: Path, phase: str, number: int, whom: str) -> None:
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._writer = os.getpid()
        self._at = (phase, number)
        self._whom = whom
        self._counts: dict[str, Any] = {phase: RawValue("q", 0) for phase in PHASES}
        self._within: list[str] = []

    def say(self, *words: object) -> None:
        """Write a line that survives a kill."""
        os.write(self._log, (" ".join(map(str, words)) + "\n").encode())

    def step(self, phase: str) -> None:
        """Handle a step of a phase that is about to be done, in this process or in a helper."""
        count = self._counts[phase]
        # Unlike a lock in memory, a file lock ends with its holder.
        fcntl.lockf(self._log, fcntl.LOCK_EX)
        count.value += 1
        reached = (phase, count.value) == self._at
        fcntl.lockf(self._log, fcntl.LOCK_UN)
        if reached:
            self.say("killed", "helper" if os.getpid() != self._writer and self._whom == "self" else "writer")
            os.kill(self._writer if self._whom == "writer" else os.getpid(), signal.SIGKILL)

    def tell(self) -> None:
        """Write the number of steps of each phase."""
        self.say("counts", json.dumps({phase: count.value for phase, count in self._counts.items()}))

    def install(self) -> None:
        """Route the steps of all phases through `step`."""
        for owner, name, phase in (
            (builder.SegmentBuilder, "write", "build"),
            (writing.Writer, "_merge", "merge"),
            (writing.Writer, "_clean", "clean"),
        ):
            setattr(owner, name, self._inside(getattr(owner, name), phase))
        publish = self._inside(vars(manifest)["publish"], "commit")

        def follow(directory: files.Directory, body: Any) -> None:
            self.say("begun", body["generation"])
            publish(directory, body)
            self.say("done", body["generation"])

        vars(manifest)["publish"] = follow
        vars(batches)["documents"] = self._before(vars(batches)["documents"], lambda: self.step("parse"))
        writing.Writer.adopt = self._before(writing.Writer.adopt, lambda: self.step("take"))  # type: ignore[method-assign]
        arrays.ArrayWriter.append = self._before(arrays.ArrayWriter.append, self._here)  # type: ignore[method-assign]
        for name in ("rename", "remove", "sync_folder", "write_whole"):
            setattr(files, name, self._before(getattr(files, name), self._here))

    def _here(self) -> None:
        if self._within:
            self.step(self._within[-1])

    @staticmethod
    def _before(function: Callable[..., Any], first: Callable[[], None]) -> Callable[..., Any]:
        def both(*given: Any, **named: Any) -> Any:
            first()
            return function(*given, **named)

        return both

    def _inside(self, function: Callable[..., Any], phase: str) -> Callable[..., Any]:
        def inside(*given: Any, **named: Any) -> Any:
            self._within.append(phase)
            try:
                return function(*given, **named)
            finally:
                self._within.pop()

        return inside


def main() -> None:
    """Run the command line, or die."""
    plan = json.loads(sys.argv[1])
    sys.argv[1:] = sys.argv[2:]
    victim = _Victim(Path(plan["log"]), plan["phase"], plan["number"], plan["whom"])
    victim.install()
    with small_batches(many=plan["many"]):
        try:
            cli.main()
        finally:
            victim.tell()


if __name__ == "__main__":
    main()
