"""Completion in shells: values come from the visible part of the archive, quickly and without a word about errors."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings

from cablesearch.archive import Archive
from cablesearch.cable import Cable, Clearance, Provenance, Recipient
from cablesearch.cli.completion import CONDITIONS, QUERY_FIELDS
from cablesearch.cli.shells import SHELLS, script
from cablesearch.engine import glance
from cablesearch.engine.disk import arrays
from cablesearch.engine.glance import Glance, GlanceError
from cablesearch.engine.index import manifest, writer
from cablesearch.protocols.fields import kind_of
from cablesearch.query import FIELDS
from cablesearch.query.conditions import CONDITIONS as CONDITIONS_BY_NAME
from cablesearch.schema.index_fields import query_schema
from cablesearch.schema.visibility import read_visibility
from tests.support.cables import cable
from tests.support.classified import cables
from tests.support.classified import clearance as clearances
from tests.support.files import write_cables
from tests.support.running import run

Make = Callable[..., Archive]


def completed(index: Path, *words: str, shell: str = "bash", clearance: str = "") -> list[str]:
    """Return the values that a shell gets for the last of the words."""
    typed = "\n".join(("cablesearch", *words)) if shell == "bash" else " ".join(("cablesearch", *words))
    result = run(
        COMP_WORDS=typed,
        COMP_CWORD=words[-1] if shell == "fish" else str(len(words)),
        _CABLESEARCH_COMPLETE=f"{shell}_complete",
        CABLESEARCH_INDEX=str(index),
        CABLESEARCH_CLEARANCE=clearance,
    )
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.strip("\n").split("\n") if result.stdout.strip("\n") else []
    if shell == "zsh":
        assert set(lines[::3]) <= {"plain"}
        return lines[1::3]
    return [line.partition(",")[2] for line in lines]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("completion")
    made = [
        cable("10BEIJING30", ("U", "x"), tags=("PHUM", "PREL", "CLINTON, HILLARY"), origin="Embassy Beijing"),
        cable("10BEIJING31", ("S//NF", "x"), tags=("PTER",), origin="Consulate Hong Kong", classification="SECRET"),
        cable("09STATE1", ("U", "x"), ("C", "y"), tags=("PHUM",), origin="Secretary of State", references=("08ROME9",)),
    ]
    made[0] = replace(
        made[0],
        provenance=Provenance(collection="AAD", file="x"),
        recipients=(Recipient("AMEMBASSY TOKYO", precedence="IMMEDIATE"),),
        signers=("GOLDBERG",),
        paragraphs=(replace(made[0].paragraphs[0], section="COMMENT"),),
    )
    write_cables(folder / "cables.jsonl", made)
    assert run("index", folder / "cables.jsonl", "--index", folder / "index").returncode == 0
    return folder / "index"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["search", "--tag", "p"], ["PHUM", "PREL", "PTER"]),
        (["search", "--tag", "PH"], ["PHUM"]),
        (["search", "--tag", "cl"], ["CLINTON,\\ HILLARY"]),
        (["search", "--tag", "'cl"], ["CLINTON, HILLARY"]),
        (["search", "--tag", "=", "ph"], ["PHUM"]),
        (["search", "--origin", ""], ["beijing", "hongkong", "secretaryofstate"]),
        (["search", "--origin", "hong"], ["hongkong"]),
        (["search", "--origin", "'hong k"], ["Hong Kong"]),
        (["search", "origin", ":", "hongk"], ["hongkong"]),
        (["search", "--origin", "HONGK"], ["HONGKONG"]),
        (["search", "--origin", "Embassy\\ B"], ["Embassy\\ Beijing"]),
        (["search", "--origin", '"embassy b'], ["Embassy Beijing"]),
        (["search", "--classification", ""], ["UNCLASSIFIED", "CONFIDENTIAL", "SECRET"]),
        (["search", "--classification", "'>=s"], [">=SECRET"]),
        (["search", "--clearance", "top"], ["TOP_SECRET"]),
        (["search", "--clearance", "s//orcon,no"], ["S//ORCON,NOCONTRACT", "S//ORCON,NODIS", "S//ORCON,NOFORN"]),
        (["search", "--facet", "ma"], ["marking"]),
        (["search", "--format", "js"], ["json", "jsonl"]),
        (["search", "tag", ":", "ph"], ["PHUM"]),
        (["search", "tag", ":"], ['\\"CLINTON,\\ HILLARY\\"', "PHUM", "PREL", "PTER"]),
        (["search", "'china -tag:ph"], ["china -tag:PHUM"]),
        (["search", "'china (tag:cl"], ['china (tag:"CLINTON, HILLARY"']),
        (["search", "'tag:\"cl"], ['tag:"CLINTON, HILLARY"']),
        (["search", '"tag:cl'], ['tag:\\"CLINTON, HILLARY\\"']),
        (["search", "china", "post", ":", "b"], ["beijing"]),
        (["search", "class", ":", ""], ["UNCLASSIFIED", "CONFIDENTIAL", "SECRET"]),
        (["search", "'class:>=c"], ["class:>=CONFIDENTIAL"]),
        (["search", "control", ":", "n"], ["NOFORN"]),
        (["search", "marking", ":", "s"], ["S//NF"]),
        (["search", "collection", ":", "a"], ["AAD"]),
        (["search", "id", ":", "10beijing3"], ["10BEIJING30", "10BEIJING31"]),
        (["search", "ref", ":", "08"], ["08ROME9"]),
        (["search", "cites", ":", "08"], ["08ROME9"]),
        (["search", "answers", ":", "08"], ["08ROME9"]),
        (["search", "country", ":", "ch"], ["China"]),
        (["search", "country", ":", "h"], ['\\"Hong\\ Kong\\"']),
        (["search", "recipients", ":", "tok"], ["tokyo"]),
        (["search", "precedence", ":", "im"], ["IMMEDIATE"]),
        (["search", "signer", ":", "gold"], ["GOLDBERG"]),
        (["search", "in", ":", "c"], ["comment"]),
        (["search", "is", ":", "d"], ["due"]),
        (["search", "'is:cl"], ["is:classified"]),
        (["search", "case", ":", "X"], []),
        (["search", "chi"], []),
        (["search", "date", ":", "20"], []),
        (["search", "'tag:PHUM "], []),
        (["show", "10BEIJING31"], ["10BEIJING31"]),
        (["show", "09STATE1", "10"], ["10BEIJING30", "10BEIJING31"]),
        (["remove", "09"], ["09STATE1"]),
        (["export", "tag", ":", "pt"], ["PTER"]),
        (["help", "q"], ["query"]),
        (["completion", "z"], ["zsh"]),
        (["rem"], ["remove"]),
    ],
    ids=str,
)
def test_bash_completes_what_is_typed(index: Path, words: list[str], expected: list[str]) -> None:
    assert completed(index, *words) == expected


def test_zsh_and_fish_get_whole_words(index: Path) -> None:
    for shell in ("zsh", "fish"):
        assert completed(index, "search", "tag:pr", shell=shell) == ["tag:PREL"]
        assert completed(index, "search", "--origin", "hongk", shell=shell) == ["hongkong"]
    assert completed(index, "search", "--tag=ph", shell="zsh") == ["--tag=PHUM"]
    (line,) = completed(index, "search", "--tag=ph", shell="fish")
    assert line.split("\t") == ["--tag=PHUM", "Human rights"]


def test_hidden_values_are_not_completed(index: Path) -> None:
    low = "UNCLASSIFIED"
    assert completed(index, "search", "--tag", "p", clearance=low) == ["PHUM", "PREL"]
    assert completed(index, "search", "--tag", "p", "--clearance", "SBU", "--tag", "pt") == []
    assert completed(index, "search", "--classification", "", clearance=low) == ["UNCLASSIFIED"]
    assert completed(index, "search", "--origin", "", clearance=low) == ["beijing", "secretaryofstate"]
    assert completed(index, "search", "control", ":", "", clearance=low) == []
    assert completed(index, "show", "10", "--clearance", "SECRET", "10") == ["10BEIJING30"]
    assert completed(index, "show", "--clearance", "SECRET//NOFORN", "10") == ["10BEIJING30", "10BEIJING31"]
    # An invalid clearance, and one above that of the environment, show nothing.
    assert completed(index, "show", "--clearance", "HIGH", "10") == []
    assert completed(index, "show", "--clearance", "FULL", "10", clearance=low) == []
    assert completed(index, "show", "10", clearance="HIGH") == []
    assert completed(index, "show", "--clearance", "", clearance=low) == ["UNCLASSIFIED"]


def test_the_default_clearance_of_the_archive_counts(tmp_path: Path) -> None:
    write_cables(tmp_path / "a.jsonl", [cable("10A1", ("S", "x"), tags=("PTER",)), cable("10A2", "x", tags=("PREL",))])
    at = ("--index", tmp_path / "index")
    assert run("index", tmp_path / "a.jsonl", "--default-clearance", "SBU", "--clearance", "FULL", *at).returncode == 0
    assert completed(tmp_path / "index", "search", "--tag", "p") == ["PREL"]
    assert completed(tmp_path / "index", "search", "--clearance", "FULL", "--tag", "p") == ["PREL", "PTER"]


def resealed(index: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the body of a manifest and correct its checksum."""
    place = index / manifest.MANIFEST
    outer = json.loads(place.read_text())
    change(outer["body"])
    outer["crc32"] = zlib.crc32(json.dumps(outer["body"], sort_keys=True).encode())
    place.write_text(json.dumps(outer))


@pytest.mark.parametrize("default", [None, "HIGH", ["FULL"], {}, 0])
def test_without_a_readable_default_clearance_nothing_is_completed(archive_of: Make, default: object) -> None:
    with archive_of(cable("10A1", "x")) as archive:
        resealed(archive.path, lambda body: body["notes"].update(default_clearance=default))
        assert completed(archive.path, "show", "") == []


def test_segments_of_another_folder_are_not_read(archive_of: Make) -> None:
    with archive_of(cable("10A1", "x")) as archive, archive_of(cable("10B1", "x")) as other:
        for place in (str(other.path / "00000001.seg"), f"../{other.path.name}/00000001.seg"):
            resealed(archive.path, lambda body, place=place: body["segments"][0].update(name=place))  # type: ignore[misc]
            assert completed(archive.path, "show", "") == []


def test_a_manifest_of_brackets_is_not_read(archive_of: Make) -> None:
    with archive_of(cable("10A1", "x")) as archive:
        resealed(archive.path, lambda body: body["notes"].update(x=[[]] * glance._MOST_BRACKETS))
        with pytest.raises(GlanceError):
            Glance(archive.path)


@pytest.mark.parametrize("name", ["tag.unit_first", "block.first"])
def test_lists_that_overlap_are_not_followed(archive_of: Make, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    many = [cable(f"10A{n:02}", ("S", "x"), tags=() if n % 2 else (f"T{n:02}",)) for n in range(51)]
    read = glance._Segment.__getitem__

    def overlapping(segment: glance._Segment, asked: str) -> Sequence[int]:
        values = read(segment, asked)
        # From the first to the last, again and again.
        return [values[-1] * (number % 2) for number in range(len(values))] if asked == name else values

    with archive_of(*many) as archive:
        monkeypatch.setattr(glance._Segment, "__getitem__", overlapping)
        with pytest.raises(GlanceError):
            Glance(archive.path).keywords("tag", "", class_field="visibility", sees=lambda stored: False)


def test_removed_cables_are_not_completed(archive_of: Make) -> None:
    with archive_of(cable("10A1", "x", tags=("PTER",)), cable("10A2", "x", tags=("PREL",))) as archive:
        archive.remove(["10A1"])
        assert completed(archive.path, "search", "--tag", "p") == ["PREL"]
        assert completed(archive.path, "show", "") == ["10A2"]


def test_of_many_ids_the_beginnings_are_offered(archive_of: Make) -> None:
    many = [cable(f"10ROME{number}", "x") for number in range(1, 130)]
    with archive_of(*many, cable("09STATE1", "x"), cable("10BEIJING2", "x")) as archive:
        tens = [f"10ROME{digit}" for digit in range(1, 10)]
        assert completed(archive.path, "show", "") == ["09STATE", "10BEIJI", *tens]
        hundreds = [f"10ROME12{digit}" for digit in range(10)]
        assert completed(archive.path, "show", "10rome12") == ["10ROME12", *hundreds]


def test_of_too_many_ids_the_first_are_offered_however_cables_are_spread(archive_of: Make, tmp_path: Path) -> None:
    # All go on differently, so that their beginnings are too many as well.
    many = [cable(f"10{chr(0x4E00 + number)}", "x") for number in range(130)]
    more = tmp_path / "more.jsonl"
    write_cables(more, many[:60])
    with archive_of(*many) as at_once, archive_of(*many[60:]) as in_turn:
        with mock.patch.multiple(writer, _SMALL=0, _MERGE_WIDTH=9):
            in_turn.index([more])
        expected = [made.id for made in many[:101]]
        assert completed(at_once.path, "show", "10") == completed(in_turn.path, "show", "10") == expected


@pytest.mark.parametrize("what", ["missing", "manifest", "segment", "directory", "words"])
def test_errors_are_silent(index: Path, tmp_path: Path, what: str) -> None:
    place = tmp_path / "index"
    if what != "missing":
        shutil.copytree(index, place)
    if what == "manifest":
        (place / "manifest.json").write_text(json.dumps({"format": 4, "crc32": 0, "body": {}}))
    for segment in place.glob("*.seg"):
        content = bytearray(segment.read_bytes())
        if what == "segment":
            # Every array is damaged, the directory is not.
            end = int.from_bytes(content[24:32], "little")
            content[8_300:end] = bytes(byte ^ 1 for byte in content[8_300:end])
        if what == "directory":
            content[16] ^= 255
        segment.write_bytes(content)
    words = ["search", "--tag", "p"]
    if what == "words":
        result = run(COMP_WORDS="cablesearch search", COMP_CWORD="x", _CABLESEARCH_COMPLETE="bash_complete")
        assert (result.stdout.strip(), result.stderr) == ("", "")
    else:
        assert completed(place, *words) == []


def test_values_that_could_command_the_terminal_are_not_offered(archive_of: Make) -> None:
    with archive_of(cable("10A1", "x", tags=("P\x1b[31m", "P\nX", "PREL"))) as archive:
        assert completed(archive.path, "search", "--tag", "p") == ["PREL"]


def test_completion_loads_neither_numpy_nor_whoosh(index: Path) -> None:
    code = (
        "import sys\nfrom cablesearch.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    env = {"CABLESEARCH_INDEX": str(index), "CABLESEARCH_CLEARANCE": "SECRET", "_CABLESEARCH_COMPLETE": "zsh_complete"}
    env |= {"COMP_WORDS": "cablesearch search --tag p", "COMP_CWORD": "3"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert "PREL" in done.stdout
    assert not {"numpy", "whoosh", "rich", "nltk"} & {*done.stderr.split()}


def test_the_fields_with_values_are_completed_by_all_their_names() -> None:
    schema = query_schema()
    # The spellings of words are not for people to choose from.
    of_keywords = {
        name: field for name, field in FIELDS.items() if kind_of(schema[field]) == "keyword" and field != "case"
    }
    levels = {name: field for name, field in FIELDS.items() if field == "class"}
    assert of_keywords | levels == QUERY_FIELDS
    assert sorted(CONDITIONS_BY_NAME) == [*CONDITIONS]


# The scripts


@pytest.mark.parametrize("shell", SHELLS)
def test_the_scripts_are_printed(shell: str) -> None:
    assert run("completion", shell).stdout == script(shell)
    assert run("completion", SHELL=f"/bin/{shell}").stdout == script(shell)
    if found := shutil.which(shell):
        subprocess.run([found, "-n"], input=script(shell), text=True, check=True, capture_output=True)


def test_a_shell_that_is_unknown_is_an_error() -> None:
    for answer in (run("completion", "csh"), run("completion", SHELL="/bin/csh"), run("completion", SHELL="")):
        assert (answer.returncode, answer.stdout) == (2, "")


def test_bash_gets_its_words_from_the_script(index: Path, tmp_path: Path) -> None:
    command = tmp_path / "cablesearch"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cablesearch "$@"\n')
    command.chmod(0o755)
    code = (
        script("bash") + f'COMP_WORDS=(cablesearch search tag : c)\nCOMP_CWORD=4\n_cablesearch_completion "{command}"\n'
    )
    code += 'printf "<%s>" "${COMPREPLY[@]}"\n'
    done = subprocess.run(
        ["bash", "-c", code], capture_output=True, text=True, check=True, env={"CABLESEARCH_INDEX": str(index)}
    )
    assert done.stdout == '<\\"CLINTON,\\ HILLARY\\">'


# A glance sees what a reader sees


def keywords(made: Sequence[Cable]) -> dict[str, set[str]]:
    """The keywords of cables, by field."""
    return {
        "tag": {tag.name.upper() for item in made for tag in item.tags},
        "id": {name for item in made for name in (item.id.upper(), item.reference_id)},
        "origin": {item.origin for item in made} - {""},
        "classification": {part.classification.level.title for item in made for part in item.paragraphs},
        "control": {control for item in made for part in item.paragraphs for control in part.classification.controls},
    }


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=cables, level=clearances)
def test_a_glance_sees_the_keywords_of_visible_documents(archive_of: Make, content: list[Cable], level: str) -> None:
    named = [replace(item, id=f"10A{n}", reference_id=f"10A{n}") for n, item in enumerate(content)]
    granted = Clearance.parse(level)
    visible = [seen for item in named if (seen := item.view(granted))]
    with archive_of(*named) as archive:
        if named:
            archive.remove([named[0].id])
            visible = [item for item in visible if item.id != named[0].id]
        place = Glance(archive.path)

    def sees(stored: bytes) -> bool:
        classification = read_visibility(stored.decode())
        return classification is not None and granted.sees(classification)

    for field, expected in keywords(visible).items():
        assert set(place.keywords(field, "", class_field="visibility", sees=sees)) == expected, field
    for field, expected in keywords(named[1:]).items():
        assert set(place.keywords(field, "", class_field="visibility", sees=None)) == expected, field


def test_a_glance_reads_the_formats_that_a_reader_reads() -> None:
    assert (manifest.MANIFEST, range(manifest.OLDEST, manifest.FORMAT + 1)) == (glance._MANIFEST, glance._FORMATS)
    assert manifest.LIMITS == (glance._LARGEST_MANIFEST, glance._MOST_BRACKETS)
    assert manifest.SEGMENT.pattern == glance._SEGMENT.pattern
    assert (arrays.MAGIC, range(arrays.OLDEST, arrays.VERSION + 1)) == (glance._MAGIC, glance._VERSIONS)
    assert glance._PREFIX.format == arrays.PREFIX.format
    assert (glance._CHUNK, glance._LARGEST_DIRECTORY) == (1 << arrays.CHUNK_BITS, arrays.LARGEST_DIRECTORY)


def test_a_glance_checks_what_it_reads(index: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "index"
    shutil.copytree(index, damaged)
    (segment,) = damaged.glob("*.seg")
    content = segment.read_bytes()
    place = content.index(b"CLINTON, HILLARYPHUM")
    segment.write_bytes(content[:place] + b"D" + content[place + 1 :])
    with pytest.raises(GlanceError):
        Glance(damaged).keywords("tag", "", class_field="visibility", sees=None)
    segment.write_bytes(content[:100])
    with pytest.raises(GlanceError):
        Glance(damaged).keywords("tag", "", class_field="visibility", sees=None)
