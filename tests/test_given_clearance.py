"""Default clearances, limits that cannot be raised, and commands that need full clearance."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

import cablesearch
from cablesearch.archive import Archive
from cablesearch.cable import FULL, Clearance, clearance_covers, clearance_name, parse_clearance
from cablesearch.embedded.reader import embedded
from cablesearch.engine.disk.arrays import Arrays
from cablesearch.engine.index import manifest
from cablesearch.engine.index.snapshot import latest
from cablesearch.engine.index.writer import Writer
from cablesearch.opening import require_full_clearance
from cablesearch.readers.json_cables import dumps
from cablesearch.schema.index_fields import indexing_schema
from tests.support.cables import cable
from tests.support.files import write_cables
from trials.running import run

Make = Callable[..., Archive]

SECRET = cable("10A1", ("U", "china"), ("S", "zephyr"))
LOW = "SENSITIVE BUT UNCLASSIFIED"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "cables.jsonl"
    write_cables(path, [SECRET, cable("10A2", ("TS", "quartz"))])
    return path


@pytest.fixture
def place(tmp_path: Path, source: Path) -> Path:
    """Return an archive whose default clearance is SBU."""
    place = tmp_path / "archive"
    with cablesearch.create(place, default_clearance="sbu") as archive:
        assert archive.clearance is None
        archive.index([source])
    return place


def note(place: Path, value: object) -> None:
    """Write another default clearance into an archive."""
    with Writer(place, indexing_schema()) as writer:
        writer.notes["default_clearance"] = value
        writer.commit()


# Clearances as text


@pytest.mark.parametrize("text", ["FULL", "full", " Full "])
def test_full_clearance_shows_everything(text: str) -> None:
    assert parse_clearance(text) is None
    assert clearance_name(None) == FULL


@pytest.mark.parametrize("text", ["", "FULL//NOFORN", "EVERYTHING", "NONE", "//"])
def test_an_invalid_clearance_never_means_full(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a clearance; use FULL or a level \(UNCLASSIFIED"):
        parse_clearance(text)


def test_a_clearance_covers_lower_levels_with_the_same_or_fewer_controls() -> None:
    ordered = [
        None,
        *map(Clearance.parse, ["TS//NOFORN,ORCON", "SECRET//NOFORN,ORCON", "SECRET//NOFORN", "SECRET", "SBU", "U"]),
    ]
    for number, item in enumerate(ordered):
        assert [clearance_covers(item, other) for other in ordered] == [
            place >= number for place in range(len(ordered))
        ]
    assert not clearance_covers(Clearance.parse("SECRET"), Clearance.parse("U//NOFORN"))
    assert not clearance_covers(Clearance.parse("TOP SECRET"), None)


# The default clearance


def test_without_a_clearance_the_default_applies(place: Path) -> None:
    with cablesearch.open(place) as archive:
        assert str(archive.clearance) == LOW
        assert (archive.stats().cables, archive.search("zephyr").total) == (1, 0)
    assert cablesearch.create(place).stats().cables == 1
    assert cablesearch.open(place, clearance="FULL").stats().cables == 2
    assert cablesearch.open(place, clearance="SECRET").search("zephyr").total == 1
    assert cablesearch.create(place, clearance="FULL").stats().cables == 2
    at = ("--index", str(place))
    assert run("search", "zephyr", *at).status == 1
    assert run("search", "zephyr", "--clearance", "full", *at).status == 0
    assert run("search", "zephyr", *at, CABLESEARCH_CLEARANCE="FULL").status == 0
    assert json.loads(run("stats", "--format", "json", *at).out)["size_bytes"] is None


def test_an_archive_without_a_default_shows_everything(tmp_path: Path, source: Path) -> None:
    with cablesearch.create(tmp_path / "archive") as archive:
        archive.index([source])
    assert cablesearch.open(tmp_path / "archive").stats().cables == 2
    assert "default_clearance" not in manifest.last_commit(tmp_path / "archive")[1]


def test_the_default_clearance_outlives_commits_merges_and_other_notes(place: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.jsonl"
    with cablesearch.open(place, clearance="FULL") as archive:
        for number in range(3):
            # The same id twice, so that the run has a superseded source.
            lines = [dumps(cable("10A3", ("S", f"treaty {number} {other}"))) + "\n" for other in range(2)]
            more.write_text("".join(lines), encoding="utf-8")
            archive.index([more])
        archive.remove(["10A2"])
        archive.compact()
    assert set(manifest.last_commit(place)[1]) == {"default_clearance"}
    assert latest(place).body["superseded"]["count"] == 3
    assert str(cablesearch.open(place).clearance) == LOW
    with Writer(place, indexing_schema()) as writer:
        writer.notes["of another program"] = 1
        writer.commit()
    with cablesearch.open(place, clearance="FULL") as archive:
        archive.index([more])
        archive.compact()
    assert manifest.last_commit(place)[1]["of another program"] == 1


def test_the_default_clearance_is_set_when_the_archive_is_created(tmp_path: Path, place: Path, source: Path) -> None:
    with pytest.raises(cablesearch.CablesearchError, match="can only be set when it is created"):
        cablesearch.create(place, default_clearance="SBU")
    with cablesearch.create(tmp_path / "plain") as archive:
        archive.index([source])
    with pytest.raises(cablesearch.CablesearchError, match="can only be set when it is created"):
        cablesearch.create(tmp_path / "plain", default_clearance="SBU")
    assert cablesearch.open(tmp_path / "plain").clearance is None
    again = run("index", str(source), "--default-clearance", "SBU", "--clearance", "FULL", "--index", str(place))
    assert (again.status, again.out) == (2, b"")
    assert b"can only be set when it is created" in again.err
    with pytest.raises(cablesearch.CablesearchError, match="not a clearance"):
        cablesearch.create(tmp_path / "never", default_clearance="HIGH")
    assert not (tmp_path / "never").exists()


def test_an_interrupted_creation_can_be_repeated(tmp_path: Path, source: Path) -> None:
    place = tmp_path / "archive"
    cablesearch.create(place, default_clearance="SBU").close()
    for other in ("SECRET", "FULL"):
        with pytest.raises(cablesearch.CablesearchError, match="can only be set when it is created"):
            cablesearch.create(place, default_clearance=other)
    assert run("index", str(source), "--index", str(place)).status == 2
    assert run("index", str(source), "--default-clearance", "SBU", "--index", str(place)).status == 0
    assert cablesearch.open(place).stats().cables == 1


@pytest.mark.parametrize("value", ["HIGH", "", "FULL", None, 3, ["SBU"], {}])
def test_an_unreadable_default_clearance_is_damage_not_full_access(place: Path, value: object) -> None:
    note(place, value)
    for opened in (cablesearch.open, cablesearch.create):
        with pytest.raises(cablesearch.CorruptIndexError, match="default clearance cannot be read"):
            opened(place)
    assert run("search", "china", "--index", str(place)).status == 2
    assert run("verify", "--index", str(place)).status == 1
    assert b"default clearance" in run("verify", "--clearance", "FULL", "--index", str(place)).out
    assert cablesearch.open(place, clearance="SECRET").search("zephyr").total == 1


# Full clearance


WORK = [
    ["index", "cables.jsonl"],
    ["remove", "10A1"],
    ["compact"],
    ["verify"],
    ["verify", "--deep"],
    ["verify", "--repair", "saved"],
    ["backup", "copy"],
]


@pytest.mark.parametrize("work", WORK, ids=" ".join)
def test_work_on_an_archive_needs_full_clearance(
    place: Path, work: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name = "repair" if "--repair" in work else work[0]
    rejected = f"Error: {name} needs full clearance (FULL), not {LOW}\n".encode()
    for index in (place, tmp_path / "nowhere"):
        at = ("--index", str(index))
        assert run(*work, "--clearance", "SBU", *at) == (2, b"", rejected)
        assert run(*work, *at, CABLESEARCH_CLEARANCE="SBU") == (2, b"", rejected)
    assert not (tmp_path / "nowhere").exists()
    assert run(*work, "--index", str(place)) == (2, b"", rejected)
    assert run(*work, "--clearance", "FULL", "--index", str(place)).status == 0


def test_the_need_for_full_clearance_is_checked_without_opening(place: Path, tmp_path: Path) -> None:
    require_full_clearance("backup", "FULL", tmp_path / "nowhere")
    require_full_clearance("backup", "FULL", place)
    rejected: list[tuple[str | Clearance | None, Path | None]]
    rejected = [("SBU", tmp_path / "nowhere"), (Clearance.parse("SBU"), None), (None, place)]
    for clearance, path in rejected:
        with pytest.raises(cablesearch.CablesearchError, match=rf"backup needs full clearance .*, not {LOW}"):
            require_full_clearance("backup", clearance, path)


# A clearance can only be lowered


def test_a_reader_can_lower_the_clearance_but_not_raise_it(place: Path, source: Path) -> None:
    with cablesearch.open(place, clearance="SECRET//NOFORN") as archive:
        low = archive.lowered("SBU")
        assert (archive.search("zephyr").total, low.search("zephyr").total) == (1, 0)
        assert embedded(low._reading.reader).snapshot is embedded(archive._reading.reader).snapshot
        assert archive.lowered("SECRET//NOFORN").search("zephyr").total == 1
        for more in ("FULL", "TOP SECRET", "SECRET//ORCON", "U//NOFORN,ORCON"):
            with pytest.raises(cablesearch.CablesearchError, match="can only be lowered"):
                archive.lowered(more)
        with pytest.raises(cablesearch.CablesearchError, match="not a clearance"):
            archive.lowered("HIGH")
        with pytest.raises(AttributeError):
            low.clearance = None  # type: ignore[misc]
    assert low.search("china").total == 1
    with cablesearch.open(place, clearance="FULL") as archive:
        archive.remove(["10A1"])
        assert archive.lowered("full").stats().cables == 1
    low.reload()
    assert (str(low.clearance), low.stats().cables) == (LOW, 0)
    with pytest.raises(cablesearch.CablesearchError, match="needs full clearance"):
        low.index([source])
    low.close()
    with pytest.raises(cablesearch.CablesearchError, match="closed"):
        low.lowered("U")


@pytest.mark.parametrize("asked", ["FULL", "SECRET", "U//NOFORN"])
def test_the_option_cannot_raise_the_clearance_of_the_environment(place: Path, asked: str) -> None:
    for command in (["search", "zephyr"], ["show", "10A1"], ["stats"], ["export"], ["verify"], ["remove", "10A1"]):
        got = run(*command, "--clearance", asked, "--index", str(place), CABLESEARCH_CLEARANCE="SBU")
        named = clearance_name(parse_clearance(asked))
        expected = f"Error: --clearance {named} exceeds {LOW}, the limit set by CABLESEARCH_CLEARANCE\n"
        assert got == (2, b"", expected.encode())


def test_the_option_can_lower_the_clearance_of_the_environment(place: Path) -> None:
    at = ("--index", str(place))
    assert run("search", "zephyr", *at, CABLESEARCH_CLEARANCE="SECRET").status == 0
    assert run("search", "zephyr", "--clearance", "C", *at, CABLESEARCH_CLEARANCE="SECRET").status == 1
    assert run("search", "zephyr", "--clearance", "SECRET", *at, CABLESEARCH_CLEARANCE="SECRET").status == 0
    assert run("search", "zephyr", "--clearance", "SECRET", *at, CABLESEARCH_CLEARANCE="full").status == 0
    assert run("search", "china", *at, CABLESEARCH_CLEARANCE="HIGH").status == 2
    assert run("search", "china", *at, CABLESEARCH_CLEARANCE=" ").status == 2


# Messages about damage


def test_reports_of_damage_reveal_nothing_hidden(tmp_path: Path) -> None:
    hidden = [cable(f"10ZEPHYR{number}", ("S", "quartz zephyr"), origin="Embassy Quartz") for number in range(9)]
    source, place = tmp_path / "cables.jsonl", tmp_path / "archive"
    write_cables(source, [SECRET, *hidden])
    with cablesearch.create(place) as archive:
        archive.index([source])
    commands = [["search", "china", "--format", "ids"], ["show", "10A1"], ["stats"], ["export"], ["search", "zephyr"]]
    commands += [["search", "*", "--group", "cable", "--facet", "tags", "--sort", "date", "--format", "ids"]]
    options = ["--clearance", "SBU", "--index", str(place)]
    sound = [run(*command, *options) for command in commands]
    reported = [
        f"Error: {place}: it is damaged; someone with full clearance can verify it with: cablesearch verify\n".encode(),
        f"Error: {place}: made by another version; upgrade this one, or ask someone with full clearance to verify it "
        "with: cablesearch verify\n".encode(),
    ]
    chance = random.Random(1)
    seen = 0
    for path in [*place.glob("*.json"), *place.glob("*.seg")]:
        content = path.read_bytes()
        for at in [9, *chance.sample(range(len(content)), 60)]:
            path.write_bytes(content[:at] + bytes([content[at] ^ 0x55]) + content[at + 1 :])
            for command, before in zip(commands, sound, strict=True):
                after = run(*command, *options)
                if after != before and b" ms)" not in after.err:
                    seen += 1
                    assert after.status == 2
                    assert after.err in reported
                    assert before.out.startswith(after.out)
        path.write_bytes(content)
    assert seen > 100


def test_every_reader_learns_of_a_newer_version(place: Path) -> None:
    path = place / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 99}))
    for clearance in ("FULL", "SBU"):
        with pytest.raises(cablesearch.VersionError, match="upgrade"):
            cablesearch.open(place, clearance=clearance)


def test_errors_carry_no_hidden_data(place: Path) -> None:
    segment = next(place.glob("*.seg"))
    archive = cablesearch.open(place)
    lasting = cablesearch.open(place, clearance="FULL")
    content = segment.read_bytes()
    with segment.open("r+b") as file:
        for name in ("text.terms", "exact.terms"):
            file.seek(content.index(b"zephyr", Arrays(segment)._entries[name][2]))
            file.write(b"zephyx")
    works: list[Callable[[], object]] = [
        lambda: archive.search("zephyq"),
        lambda: list(archive.export("zephy*")),
        lambda: cablesearch.open(place).search("zephyr*"),
        lambda: lasting.lowered("SBU").search("zephyr~1"),
    ]
    for work in works:
        with pytest.raises(cablesearch.CablesearchError, match="someone with full clearance") as caught:
            work()
        assert (caught.value.__cause__, caught.value.__context__) == (None, None)
        assert "zephy" not in str(caught.value)
