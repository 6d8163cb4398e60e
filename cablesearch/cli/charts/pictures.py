"""Pictures of timelines, written to files."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from cablesearch.cli.messages import note
from cablesearch.cli.output_file import whole_file

if TYPE_CHECKING:
    from cablesearch.features.timeline import Timeline

__all__ = ["picture_written_to"]

_Draw = Callable[..., None]

_FORMS: dict[str, Literal["png", "svg"]] = {".png": "png", ".svg": "svg"}
"""The formats of pictures by the endings of files."""


@contextlib.contextmanager
def picture_written_to(picture: str | None, target: str | None, archive: str) -> Iterator[_Draw | None]:
    """Give the block a function that draws a timeline into a file; None if no picture is wanted.

    The function takes a timeline and the arguments of `cablesearch.features.timeline.Timeline.picture`. The file is
    there when the block ends without an exception.

    Args:
        picture: the file, or None.
        target: the file of --output.
        archive: the folder of the archive, where no file is written.

    Raises:
        click.UsageError: the file has another ending than ``.png`` and ``.svg``, or is that of --output.
        CablesearchError: the file is in the folder of an archive.
        OSError: the file cannot be written.
    """
    if picture is None:
        if given := click.get_current_context().params.get("title"):
            raise click.UsageError(f"--title {given!r} is for a picture: add --plot FILE.png or FILE.svg")
        yield None
        return
    form = _FORMS.get(Path(picture).suffix.lower())
    if form is None:
        raise click.UsageError(f"cannot tell the format of the picture {picture!r}; name it FILE.png or FILE.svg")
    if target is not None and Path(target).resolve() == Path(picture).resolve():
        raise click.UsageError("--plot and --output name the same file")
    with whole_file(picture, archive, "--plot") as descriptor:

        def draw(timeline: Timeline, **options: Any) -> None:
            import warnings

            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                data = timeline.picture(form, **options)
            for warning in caught:
                note(f"Note: {warning.message}")
            with os.fdopen(descriptor, "wb", closefd=False) as file:
                file.write(data)

        yield draw
