"""Archives made by the real programs from real cables."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import Phase, settings

from cablesearch.archive import Archive, create
from cablesearch.cable import Cable, Classification, Paragraph, Tag
from cablesearch.readers.json_cables import dumps

# Explaining and shrinking a failure of a property over archives can take longer than the whole suite.
# In continuous integration the examples are always the same, so that a change is judged by what it changes.
settings.register_profile(
    "quick",
    deadline=None,
    derandomize="CI" in os.environ,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
settings.load_profile("quick")

DATA = Path(__file__).parent / "data"
BEIJING = DATA / "10BEIJING30.txt"


@pytest.fixture(scope="session")
def beijing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """An archive of the one real cable."""
    with create(tmp_path_factory.mktemp("beijing")) as archive:
        archive.index([BEIJING])
        yield archive


def cable(
    name: str,
    *paragraphs: str | tuple[str, str],
    classification: str = "UNCLASSIFIED",
    subject: str | None = None,
    subject_marking: str | None = None,
    tags: Sequence[str] = (),
    origin: str = "Embassy Beijing",
    date: dt.datetime | None = dt.datetime(2009, 5, 1, 12, 0, tzinfo=dt.timezone.utc),
    references: Sequence[str] = (),
    envelope: str = "",
) -> Cable:
    """A cable made of texts, or of (marking, text)."""
    whole = Classification.parse(classification)
    assert whole is not None
    made = []
    for position, given in enumerate(paragraphs, 1):
        marking, text = given if isinstance(given, tuple) else (None, given)
        own = Classification.parse(marking) or whole
        made.append(Paragraph(position, position, marking, own, None, text))
    return Cable(
        id=name,
        reference_id=name,
        date=date,
        origin=origin,
        classification=whole,
        classification_text=classification,
        tags=tuple(Tag(tag, "subject") for tag in tags),
        subject=subject,
        subject_marking=subject_marking,
        references=tuple(references),
        paragraphs=tuple(made),
        envelope=envelope,
    )


@pytest.fixture
def archive_of(tmp_path: Path) -> Callable[..., Archive]:
    """A maker of archives of made-up cables, each in a new folder."""
    count = iter(range(1_000_000))

    def make(*cables: Cable) -> Archive:
        number = next(count)
        source = tmp_path / f"cables-{number}.jsonl"
        source.write_text("".join(dumps(one) + "\n" for one in cables), encoding="utf-8")
        archive = create(tmp_path / f"archive-{number}")
        archive.index([source])
        return archive

    return make
