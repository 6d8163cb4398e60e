"""A layer over `cablesearch.engine.disk.files`: every step that changes the disk passes through it before it is done.

A watch may let a step pass, fail in its place, stop the program there, or record it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing import Value
from pathlib import Path
from typing import Any
from unittest import mock

from cablesearch.engine.disk import files

__all__ = ["PowerOffError", "Step", "Watch", "WrongError", "failing", "unwatched", "watched"]

_PLAIN: dict[str, Any] = {
    name: getattr(files, name) for name in ("NewFile", "rename", "remove", "new_folder", "sync_folder")
}


@dataclass(frozen=True)
class Step:
    """A change of the disk that is about to be made.

    Attributes:
        kind: create, write, sync, rename, remove, make_folder or sync_folder.
        other: the new name of a rename.
        data, at: the bytes of a write and their offset.
        do: makes the change.
        do_some: writes only the first ``count`` bytes.
    """

    kind: str
    path: Path
    do: Callable[[], None]
    other: Path | None = None
    data: bytes = b""
    at: int = 0
    do_some: Callable[[int], None] | None = None


Watch = Callable[[Step], None]
"""Called in place of each step; makes the change or not."""


class PowerOffError(BaseException):
    """The program was stopped here; nothing more is done."""


class WrongError(BaseException):
    """An archive is wrong. The watched program must not handle this as an error of its own."""


@contextlib.contextmanager
def watched(watch: Watch) -> Iterator[None]:
    """Watch every step in this process and in its forks."""
    plain: Any = _PLAIN["NewFile"]

    class NewFile(plain):  # type: ignore[misc]
        def __init__(self, place: files.Place) -> None:
            watch(Step("create", files.path_of(place), lambda: plain.__init__(self, place)))

        def write(self, data: bytes | memoryview, at: int) -> None:
            whole = bytes(data)
            step = Step(
                "write",
                self.path,
                lambda: plain.write(self, whole, at),
                data=whole,
                at=at,
                do_some=lambda count: plain.write(self, whole[:count], at),
            )
            watch(step)

        def sync(self) -> None:
            watch(Step("sync", self.path, lambda: plain.sync(self)))

    def one(kind: str, function: Callable[..., None]) -> Callable[..., None]:
        return lambda place, *given: watch(Step(kind, files.path_of(place), lambda: function(place, *given)))

    def rename(old: files.Place, new: files.Place, do: Callable[[Any, Any], None] = files.rename) -> None:
        watch(Step("rename", files.path_of(old), lambda: do(old, new), other=files.path_of(new)))

    replaced: dict[str, Any] = {
        "NewFile": NewFile,
        "rename": rename,
        "remove": one("remove", files.remove),
        "new_folder": one("make_folder", files.new_folder),
        "sync_folder": one("sync_folder", files.sync_folder),
    }
    with mock.patch.multiple(files, **replaced):
        yield


@contextlib.contextmanager
def unwatched() -> Iterator[None]:
    """Stop watching."""
    with mock.patch.multiple(files, **_PLAIN):
        yield


@dataclass
class failing:  # noqa: N801
    """A watch that fails in place of the n-th step, counted over all processes.

    Args:
        number: the number of the step, from 1.
        code: the error, such as ``errno.EIO``.
        written: the share of the bytes of a write that are written nevertheless.
        stays: whether every later step that needs space fails too: the disk is full and stays full.

    ``writes`` are the numbers of the steps of this process that write.
    """

    number: int
    code: int
    written: float = 0.0
    stays: bool = False
    count: Any = field(default_factory=lambda: Value("q", 0))
    failed: Any = field(default_factory=lambda: Value("q", 0))
    writes: list[int] = field(default_factory=list)

    def __call__(self, step: Step) -> None:
        with self.count.get_lock():
            self.count.value += 1
            count = self.count.value
        if step.kind == "write":
            self.writes.append(count)
        needs_room = step.kind in {"create", "write", "sync", "make_folder"}
        if count == self.number or (self.stays and count > self.number and needs_room):
            with self.failed.get_lock():
                self.failed.value += 1
            if step.do_some is not None and self.written:
                step.do_some(int(len(step.data) * self.written))
            raise OSError(self.code, os.strerror(self.code), os.fspath(step.path))
        step.do()
