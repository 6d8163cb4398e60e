"""Archives: nothing is lost, the same input gives the same answers, runs can be repeated."""

from __future__ import annotations

import gc
import io
import itertools
import json
import random
import re
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import cablesearch
from cablesearch.archive import Archive
from cablesearch.engine.disk.arrays import Arrays, write_arrays
from cablesearch.errors import CablesearchError, UnknownCableError
from cablesearch.indexing.ingest import Ingest, build
from cablesearch.readers import Record
from cablesearch.readers.json_cables import dumps
from cablesearch.request import Group
from cablesearch.results.facets import FacetName
from cablesearch.text.analysis import split
from tests.support.cables import cable
from tests.support.files import BEIJING, write_cables

Make = Callable[..., Archive]


def ids(archive: Archive, text: str, **options: object) -> list[str]:
    return [hit.cable for hit in archive.search(text, limit=1000, **options)]  # type: ignore[arg-type]


def test_every_word_of_a_body_can_be_found(beijing: Archive) -> None:
    body = BEIJING.read_text(encoding="utf-8").split("\n\n", 4)[4]
    labels = re.compile(r"^(?:¶?\d+|1\d)\. \((?:C|SBU)\)", re.MULTILINE)
    words = set(split(labels.sub("", body), True)[0])
    assert len(words) > 400
    lost = [word for word in words if not beijing.search(f'"{word}"', group="cable").total]
    assert lost == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(
        st.text(st.sampled_from("abCD12 .,()¶\n:éSUBJECT"), max_size=60)
        | st.sampled_from(
            ["SUBJECT: TALKS", "1. (C) First.", "2. (S) Second", "REF: STATE 12", "Heading", "SIPDIS", ""]
        ),
        max_size=12,
    )
)
def test_no_word_of_any_body_is_lost(archive_of: Make, tmp_path: Path, lines: list[str]) -> None:
    body = "C O N F I D E N T I A L BEIJING 000030\n\n" + "\n".join(lines)
    header = "P 080326Z JAN 10\nFM AMEMBASSY BEIJING\nTO RUEHC/SECSTATE WASHDC PRIORITY 7532\n\n"
    source = tmp_path / "10BEIJING30.txt"
    source.write_text(header + body, encoding="utf-8")
    archive = cablesearch.create(tmp_path / f"index-{random.random()}")
    archive.index([source])
    read, _ = archive.show("10BEIJING30")
    assert read.header + read.body == header + body
    # A damaged pilcrow is read as a 1 before the number.
    labels = {f"{mark}{paragraph.number}" for paragraph in read.paragraphs for mark in ("", "1")} | {
        word for paragraph in read.paragraphs for word in split(paragraph.marking or "", True)[0]
    }
    # Labels of paragraphs are searched by their own fields, number: and marking:.
    for word in set(split(body, True)[0]) - labels:
        assert archive.search(f'"{word}"', group="cable").total == 1, word


def test_header_and_body_come_back_as_they_came(beijing: Archive) -> None:
    read, _ = beijing.show("10BEIJING30")
    assert read.header + read.body == BEIJING.read_text(encoding="utf-8")


def test_words_match_within_a_paragraph_or_within_a_cable(archive_of: Make) -> None:
    archive = archive_of(
        cable("10A1", "labor in china", ("U", "trade")), cable("10A2", "labor", "china"), cable("10A3", "coal")
    )
    assert ids(archive, "labor china") == ["10A1"]
    assert sorted(ids(archive, "labor china", group="cable")) == ["10A1", "10A2"]
    assert ids(archive, "trade OR coal") == ["10A1", "10A3"]
    assert [hit.citation for hit in archive.search("china")] == ["10A2 ¶2", "10A1 ¶1"]


def test_facets_count_all_hits(archive_of: Make) -> None:
    archive = archive_of(
        cable("10A1", "china", "china", tags=["PREL", "ECON"]),
        cable(
            "10A2",
            "china",
            ("S//NF", "china"),
            tags=["PREL"],
            origin="Embassy Cairo",
            classification="SECRET",
            date=None,
        ),
    )
    names: list[FacetName] = ["tag", "origin", "class", "year"]
    results = archive.search("china", limit=1, facets=names)
    assert results.total == 4
    assert results.facets == {
        "tags": [("PREL", 4), ("ECON", 2)],
        "origin": [("Embassy Beijing", 2), ("Embassy Cairo", 2)],
        "classification": [("SECRET", 2), ("UNCLASSIFIED", 2)],
        "year": [("2009", 2)],
    }
    grouped = archive.search("china", limit=1, facets=names, group="cable")
    assert grouped.facets["tags"] == [("PREL", 2), ("ECON", 1)]
    assert grouped.facets["classification"] == [("SECRET", 1), ("UNCLASSIFIED", 1)]


def test_dates_sort_both_ways_and_undated_cables_come_last(archive_of: Make, beijing: Archive) -> None:
    later, _ = beijing.show("10BEIJING30")
    archive = archive_of(cable("10A0", "china", date=None), cable("10A1", "china"), later)
    assert list(dict.fromkeys(ids(archive, "china", sort="date"))) == ["10A1", "10BEIJING30", "10A0"]
    assert list(dict.fromkeys(ids(archive, "china", sort="-date"))) == ["10BEIJING30", "10A1", "10A0"]


def test_fields_of_the_cable_reach_its_paragraphs(beijing: Archive) -> None:
    assert beijing.search("signature:goldberg palermo").total == beijing.search("palermo").total > 0
    assert beijing.search("classified_by:moeling").total == 10
    assert beijing.search("recipient:homeland header:RUEHBJ envelope:sipdis").total == 10
    assert beijing.search("moeling").total == 0
    assert beijing.search("moeling", group="cable").hits[0].position == 0


def test_references_are_found_by_their_canonical_form(archive_of: Make) -> None:
    archive = archive_of(cable("10A1", "china", references=["09STATE1234"]), cable("10A2", "china"))
    assert ids(archive, "ref:09STATE1234") == ["10A1"]
    assert ids(archive, "ref:09SECSTATE01234") == ["10A1"]
    taipei = archive_of(cable("10A1", "china", references=["09TAIPEI5"]))
    assert ids(taipei, "ref:09TAIPEI5") == ids(taipei, "ref:09AITTAIPEI5") == ["10A1"]


def test_the_same_source_again_changes_nothing(archive_of: Make, tmp_path: Path) -> None:
    source = tmp_path / "two.jsonl"
    write_cables(source, [cable("10A1", "one"), cable("10A2", "two")])
    archive = archive_of()
    first = archive.index([source])
    files = {path.name: path.read_bytes() for path in archive.path.iterdir()}
    again = archive.index([source])
    assert (first.added, first.unchanged) == (2, 0)
    assert (again.added, again.replaced, again.unchanged, again.rejected) == (0, 0, 2, 0)
    assert {path.name: path.read_bytes() for path in archive.path.iterdir()} == files


def test_a_changed_cable_replaces_the_old_one(archive_of: Make, tmp_path: Path) -> None:
    archive = archive_of(cable("10A1", "old words"), cable("10A2", "other"))
    source = tmp_path / "new.jsonl"
    write_cables(source, [cable("10A1", "new words")])
    report = archive.index([source])
    assert (report.added, report.replaced) == (0, 1)
    assert ids(archive, "old") == []
    assert ids(archive, "new") == ["10A1"]
    assert archive.stats().cables == 2


def test_the_last_record_of_an_id_wins_and_the_earlier_is_rejected(archive_of: Make, tmp_path: Path) -> None:
    source = tmp_path / "twice.jsonl"
    cables = [cable("10A1", "first"), cable("10A2", "other"), cable("10A1", "second")]
    write_cables(source, cables)
    archive = archive_of()
    for _ in range(2):
        rejects = io.StringIO()
        report = archive.index([source], rejects=rejects)
        entry = json.loads(rejects.getvalue())
        assert (report.taken, report.rejected) == (2, 1)
        assert (entry["file"], entry["row"]) == (str(source), 1)
        assert "row 3" in entry["reason"]
        assert "first" in entry["raw"]
        assert ids(archive, "second") == ["10A1"]
        assert ids(archive, "first") == []
    source.write_text(dumps(cables[0]) + "\n")
    assert archive.index([source]).replaced == 1
    assert ids(archive, "first") == ["10A1"]


def test_a_bug_in_a_reader_stops_nothing(archive_of: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "two.jsonl"
    write_cables(source, [cable("10A1", "one"), cable("10A2", "two")])
    parse = Record.parse

    def at_fault(self: Record) -> cablesearch.Cable:
        if self.row == 1:
            raise IndexError("of our own making")
        return parse(self)

    monkeypatch.setattr(Record, "parse", at_fault)
    rejects = io.StringIO()
    archive = archive_of()
    report = archive.index([source], rejects=rejects)
    assert (report.added, report.rejected) == (1, 1)
    assert "of our own making" in json.loads(rejects.getvalue())["reason"]


def test_an_interrupted_run_keeps_its_commits_and_can_continue(
    archive_of: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "many.jsonl"
    source.write_text("".join(dumps(cable(f"10A{number}", f"word{number}")) + "\n" for number in range(20)))
    archive = archive_of()
    wait = Ingest._wait

    def cut_off(self: Ingest, record: Record) -> None:
        if self._report.added == 10:
            raise KeyboardInterrupt
        wait(self, record)

    with monkeypatch.context() as patched:
        patched.setattr("cablesearch.indexing.ingest.BATCH", 1)
        patched.setattr(Ingest, "_wait", cut_off)
        with pytest.raises(KeyboardInterrupt):
            archive.index([source])
    archive.reload()
    assert archive.stats().cables == 10
    report = archive.index([source])
    assert (report.unchanged, report.added) == (10, 10)
    assert archive.stats().cables == 20


def test_the_answers_are_the_same_whatever_the_jobs_the_batches_and_the_memory(
    archive_of: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "many.jsonl"
    cables = [cable(f"10A{number % 25}", f"china word{number} labor") for number in range(40)]
    source.write_text("".join(dumps(cable) + "\n" for cable in [*cables, cables[3], cables[39]]) + "no cable\n")
    answers = []
    most = 512 << 20
    for jobs, batch, memory in (
        (1, 10**6, most),
        (1, 1, most),
        (1, 2000, most),
        (3, 2000, most),
        (2, 1, most),
        (1, 10**6, 20_000),
        (2, 10**6, 100),
    ):
        with monkeypatch.context() as patched:
            patched.setattr("cablesearch.indexing.ingest.BATCH", batch)
            archive = archive_of()
            rejects = io.StringIO()
            reports = [archive.index([source], rejects=rejects, jobs=jobs, memory=memory) for _ in range(2)]
        hits = [(hit.cable, hit.score, hit.text) for hit in archive.search("china labor", limit=50)]
        rejected = sorted(rejects.getvalue().splitlines())
        answers.append((reports, hits, rejected, sorted(map(dumps, archive.export())), archive.verify()))
    assert all(answer == answers[0] for answer in answers[1:])


def test_removed_cables_are_gone_from_everything(archive_of: Make) -> None:
    archive = archive_of(cable("10A1", "china labor", tags=["PREL"]), cable("10A2", "china", tags=["PREL"]))
    assert archive.remove(["10a1", "10NONE1"]) == ["10NONE1"]
    assert archive.search("labor").total == 0
    assert archive.search("china", facets=["tags"]).facets["tags"] == [("PREL", 1)]
    assert [cable.id for cable in archive.export()] == ["10A2"]
    with pytest.raises(cablesearch.UnknownCableError):
        archive.show("10A1")


WORDS = ["china", "labor", "trade", "embassy", "negotiated", "negotiations", "u.s.", "palermo", "court", "tip"]
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=30).map(" ".join)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.lists(st.lists(texts, max_size=3), min_size=1, max_size=8), order=st.randoms(use_true_random=False))
def test_the_same_cables_give_the_same_answers_however_they_were_committed(
    archive_of: Make, tmp_path: Path, content: list[list[str]], order: random.Random
) -> None:
    cables = [cable(f"10A{number}", *paragraphs, subject="trade talks") for number, paragraphs in enumerate(content)]
    at_once = archive_of(*cables)
    bit_by_bit = archive_of(replace(cables[0], subject="another"))
    for number, added in enumerate(cables):
        source = tmp_path / f"one-{number}.jsonl"
        write_cables(source, [added])
        bit_by_bit.index([source])
        if order.random() < 0.3:
            bit_by_bit.compact()
    for text in ["china", "labor OR negotiate", '"china labor"', "trade court", "neg*", "u.s. -china"]:
        for group in ("paragraph", "cable"):
            whole, other = (
                archive.search(text, group=group, facets=["origin"], limit=100).to_json() | {"took_ms": 0}
                for archive in (at_once, bit_by_bit)
            )
            assert whole == other
    assert list(at_once.export()) == list(bit_by_bit.export()) == cables


def test_an_exported_archive_can_be_indexed_again(archive_of: Make, beijing: Archive) -> None:
    cables = list(beijing.export())
    assert list(archive_of(*cables).export()) == cables


def test_an_export_has_the_cables_with_hits_of_a_query_and_its_filters(archive_of: Make) -> None:
    archive = archive_of(
        cable("09A1", "china", "japan", tags=["PHUM"]),
        cable("09A2", "china japan", tags=["PREL"]),
        cable("09A3", "russia", tags=["PHUM"], origin="Embassy Rome"),
    )

    def exported(text: str = "", **filters: Any) -> list[str]:
        return [made.id for made in archive.export(text, **filters)]

    assert exported() == ["09A1", "09A2", "09A3"]
    assert exported("china japan") == ["09A2"]
    assert exported("china japan", group="cable") == ["09A1", "09A2"]
    assert exported("china russia", match="any") == ["09A1", "09A2", "09A3"]
    assert exported(tags="PHUM") == ["09A1", "09A3"]
    assert exported(tags="PHUM", origins="rome") == ["09A3"]
    assert exported("china", tags="PHUM") == ["09A1"]
    assert exported(since=2010) == []


def test_cables_without_date_or_body_are_added_and_reported(archive_of: Make, tmp_path: Path) -> None:
    source = tmp_path / "cables.csv"
    source.write_text('"1","soon","10CAIRO1","Embassy Cairo","SECRET","","",""\n', encoding="utf-8")
    reported: list[tuple[str, str, int | None, str]] = []
    report = archive_of().index([source], on_trouble=lambda *trouble: reported.append(trouble))
    assert (report.added, report.rejected, report.incomplete) == (1, 0, 1)
    assert reported == [
        ("incomplete", str(source), 1, "10CAIRO1 was added, but its date could not be read and it has no body")
    ]


def test_cables_without_paragraphs_date_or_subject_are_kept(archive_of: Make) -> None:
    empty = cable("10A1", date=None, tags=["PREL"])
    archive = archive_of(empty)
    assert archive.search("tag:PREL").total == 0
    assert ids(archive, "tag:PREL", group="cable") == ["10A1"]
    assert archive.show("10A1") == (empty, None)
    assert archive.stats().first_date is None


def test_only_the_named_cable_is_shown_or_removed(archive_of: Make) -> None:
    archive = archive_of(cable("04BAGHDAD787", "one"), cable("A¶4", "two"))
    for reference in ("04BAGHDAD787xyz", "04BAGHDAD787¶x", "04BAGHDAD787@", "04BAGHDAD787¶¶1", "04BAGHDAD787¶2"):
        with pytest.raises(cablesearch.UnknownCableError):
            archive.show(reference)
    assert archive.search("id:04BAGHDAD787xyz").total == 0
    assert archive.show("A¶4")[0].id == "A¶4"
    assert archive.remove(["04BAGHDAD787xyz"]) == ["04BAGHDAD787xyz"]
    assert archive.remove(["04baghdad0787"]) == []


def test_a_post_is_found_by_its_abbreviations(archive_of: Make) -> None:
    archive = archive_of(
        cable("10A1", "one", origin="Secretary of State"), cable("10A2", "two", origin="Embassy Tel Aviv")
    )
    assert ids(archive, "origin:secstate") == ids(archive, "one", origins="state") == ["10A1"]
    assert ids(archive, "origin:telaviv") == ids(archive, 'origin:"tel aviv"') == ["10A2"]


def test_a_value_that_no_index_can_hold_is_rejected(archive_of: Make, tmp_path: Path) -> None:
    source = tmp_path / "three.jsonl"
    lines = [dumps(cable(f"10A{number}", f"word{number}")) for number in range(3)]
    lines[1] = lines[1].replace('"number": 1', f'"number": {2**70}')
    source.write_text("\n".join(lines))
    archive = archive_of()
    report = archive.index([source])
    assert (report.added, report.rejected) == (2, 1)
    assert archive.search("word0 OR word1 OR word2").total == 2
    assert archive.verify() == []


def test_a_closed_archive_raises_an_error(archive_of: Make) -> None:
    archive = archive_of(cable("10A1", "one"))
    archive.close()
    archive.close()
    with pytest.raises(cablesearch.CablesearchError, match="closed"):
        archive.search("one")


def test_a_reference_of_many_blanks_is_looked_up_at_once(archive_of: Make) -> None:
    with pytest.raises(cablesearch.UnknownCableError):
        archive_of().show("a" + " " * 100_000 + "b")


def test_reading_continues_while_another_thread_reloads(archive_of: Make) -> None:
    archive = archive_of(*(cable(f"10A{number}", "china", f"word{number}") for number in range(20)))
    stop = threading.Event()
    faults: list[BaseException] = []

    def reload() -> None:
        while not stop.is_set():
            archive.reload()

    def search() -> None:
        try:
            for _ in range(40):
                assert archive.search("china", limit=20).total == 20
        except BaseException as error:
            faults.append(error)

    other = threading.Thread(target=reload)
    other.start()
    readers = [threading.Thread(target=search) for _ in range(2)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    stop.set()
    other.join()
    assert faults == []


def rewritten(archive: Archive, name: str, values: NDArray[Any]) -> Archive:
    """Return an archive of one segment with other values in one of its arrays."""
    path = archive.path / "00000001.seg"
    read = Arrays(path)
    whole = {label: read[label].copy() for label in read.names}
    path.unlink()
    write_arrays(path, whole | {name: values.astype(whole[name].dtype)})
    return cablesearch.open(archive.path)


def test_a_missing_paragraph_is_damage(archive_of: Make) -> None:
    damaged = rewritten(archive_of(cable("10A1", "china", "labor")), "position.values", np.array([0, 9, 9]))
    for group in ("paragraph", "cable"):
        with pytest.raises(cablesearch.CorruptIndexError, match=r"00000001\.seg: .* has no paragraph 9"):
            damaged.search("labor", group=group)


def test_a_date_outside_of_the_calendar_is_damage(archive_of: Make) -> None:
    damaged = rewritten(archive_of(cable("10A1", "china")), "date.base", np.array([1 << 60]))
    with pytest.raises(cablesearch.CorruptIndexError, match=r"00000001\.seg: a date is"):
        damaged.stats()
    assert damaged.search("china", facets=["year"]).total == 1


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="the system does not tell what is mapped")
def test_a_closed_archive_releases_its_files_at_once(archive_of: Make) -> None:
    path = archive_of(cable("10A1", "china and the court"), cable("10A2", "chinese courts")).path

    def mapped() -> int:
        return Path("/proc/self/maps").read_text().count(str(path))

    groups: list[Group] = ["paragraph", "cable"]

    def use(level: str | None) -> None:
        with cablesearch.open(path, clearance=level) as archive:
            for text, group in itertools.product(["court", '"the court"', "chin*", "-trade"], groups):
                assert archive.search(text, group=group, facets=["tags"], sort="date").total
            archive.reload()
            assert len(list(archive.export())) == 2
            assert mapped()

    # Collect what the fixture left behind.
    gc.collect()
    gc.disable()
    try:
        for level in ("SBU", None):
            use(level)
            assert not mapped()
    finally:
        gc.enable()


def test_pages_and_ids_of_any_size_get_an_answer(archive_of: Callable[..., Archive]) -> None:
    with archive_of(cable("10A1", "china labor"), cable("10A2", "china")) as archive:
        for text in ("china", "china labor", "chi*", '"china labor"', "*"):
            for group in ("paragraph", "cable"):
                for sort in ("relevance", "date"):
                    whole = archive.search(text, group=group, sort=sort)
                    page = archive.search(text, group=group, sort=sort, limit=10**18)
                    assert [hit.citation for hit in page] == [hit.citation for hit in whole]
                    assert not archive.search(text, group=group, sort=sort, limit=10**18, offset=10**18).hits
        for name in ("x" * 10_000_000, "10A1\u00b6" + "1" * 1_000_000, "10A" + "0" * 1_000_000, "[" * 1_000_000):
            with pytest.raises(UnknownCableError) as caught:
                archive.show(name)
            assert len(str(caught.value)) < 300


@pytest.mark.parametrize("is_before", [True, False])
def test_a_folder_that_is_removed_under_a_writer_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_before: bool
) -> None:
    def build_elsewhere(*given: Any, **more: Any) -> Any:
        if is_before:
            shutil.rmtree(tmp_path / "archive")
        outcome = build(*given, **more)
        shutil.rmtree(tmp_path / "archive", ignore_errors=True)
        return outcome

    monkeypatch.setattr("cablesearch.indexing.ingest.build", build_elsewhere)
    (tmp_path / "cables.jsonl").write_text(dumps(cable("10A1", "one")) + "\n")
    with (
        pytest.raises(CablesearchError, match="archive: this folder was moved or replaced while it was being written"),
        cablesearch.create(tmp_path / "archive") as archive,
    ):
        archive.index([tmp_path / "cables.jsonl"])
