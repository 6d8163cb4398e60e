"""Dumps of databases, in the writing of MySQL, PostgreSQL and SQLite."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.running import run
from tests.support.scanning import HEADER, check_round_trip, reading

BODY = (
    "C O N F I D E N T I A L OSLO 0921\n\nTAGS: EFIS, NO\nSUBJECT: HERRING QUOTA\n\n"
    '1. (C) THE MINISTRY\'S "NO"; (WITH A \\ AND\tA TAB), IS FIRM.\nWHITTEY'
)
TEXT = 'THE MINISTRY\'S "NO"; (WITH A \\ AND A TAB), IS FIRM.'
NAMES = "id, date, refid, classification, origin, destination, header, content"
Quote = Callable[[str], str]


def mysql(text: str) -> str:
    for sign, escape in (("\\", "\\\\"), ("'", "\\'"), ('"', '\\"'), ("\n", "\\n")):
        text = text.replace(sign, escape)
    return f"'{text}'"


def standard(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def national(text: str) -> str:
    return "N" + standard(text)


def postgresql(text: str) -> str:
    return "E" + mysql(text)


def sqlite(text: str) -> str:
    return f"replace({standard(text)},'\n',char(10))".replace("\n", "\\n")


def copied(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")


def row(number: int) -> list[str]:
    name = f"79OSLO{number}"
    return [
        *(str(number), "1979-06-05 10:20:00", name, "CONFIDENTIAL", "Embassy Oslo", "79STATE1|79OSLO9", HEADER, BODY)
    ]


def values(quote: Quote, *numbers: int) -> str:
    return ",".join(f"({number},{','.join(map(quote, row(number)[1:]))})" for number in numbers)


CREATE = (
    "CREATE TABLE `cable` (\n `id` int(11) NOT NULL DEFAULT '0',\n `date` datetime,\n `refid` varchar(40),\n"
    " `classification` enum('A','B,(C'),\n `origin` varchar(60) COMMENT 'x, y',\n `destination` text,\n"
    " `header` text,\n `content` mediumtext,\n PRIMARY KEY (`id`),\n KEY `x` (`date`,`refid`)\n) ENGINE=InnoDB;\n"
)
CREATE_PLAIN = CREATE.replace("`", "").replace(" ENGINE=InnoDB", "")
INTO = f"INTO cable ({NAMES})"
DUMPS = {
    "MySQL": f"-- MySQL dump\nSET NAMES utf8;\n{CREATE}INSERT INTO `cable` VALUES {values(mysql, 1, 2)};\n"
    f"INSERT INTO `cable` VALUES {values(mysql, 3)};\nUNLOCK TABLES;\n",
    "MySQL without the columns": f"INSERT INTO `cable` VALUES {values(mysql, 1, 2, 3)};",
    "MySQL without quotes": f"INSERT {INTO} VALUES {values(mysql, 1, 2, 3)};",
    "a row a line": f"INSERT {INTO} VALUES\n{values(mysql, 1, 2, 3)};".replace("),(", "),\n("),
    "PostgreSQL": "-- PostgreSQL database dump\nSET standard_conforming_strings = on;\n"
    f"INSERT INTO public.cable ({NAMES}) VALUES {values(standard, 1)};\n"
    f'INSERT INTO "public"."cable" ({NAMES}) VALUES {values(postgresql, 2, 3)};\n',
    "SQLite": f"PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n{CREATE_PLAIN}"
    f"INSERT INTO cable VALUES{values(sqlite, 1)};\nINSERT OR REPLACE {INTO} VALUES{values(standard, 2, 3)};\n",
    "SQL Server": "SET ANSI_NULLS ON\nGO\n"
    + "".join(f"INSERT [dbo].[cable] ({NAMES}) VALUES {values(national, n)}\nGO\n" for n in (1, 2, 3)),
    "COPY": f"--\n-- PostgreSQL database dump\n--\nCOPY public.cable ({NAMES}) FROM stdin;\n"
    + "".join("\t".join(map(copied, row(n))) + "\n" for n in (1, 2, 3))
    + "\\.\n",
}


@pytest.mark.parametrize("text", DUMPS.values(), ids=DUMPS.keys())
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_dumps_are_read(tmp_path: Path, text: str, end: str) -> None:
    found = reading(tmp_path, text.replace("\n", end) if "COPY" not in text else text)
    assert (found.ids, found.reasons) == (["79OSLO1", "79OSLO2", "79OSLO3"], [])
    for cable in found.cables:
        assert [paragraph.text for paragraph in cable.paragraphs] == [TEXT]
        assert (str(cable.date)[:16], cable.origin) == ("1979-06-05 10:20", "Embassy Oslo")
        assert cable.references[0] == "79STATE1"
        assert (cable.header.replace("\r", ""), cable.body.replace("\r", "")) == (HEADER, BODY)
    assert found.notes[0].startswith("read as a dump of a database, table cable: id from ")
    check_round_trip(tmp_path, found)


def test_tables_that_are_not_of_cables_are_said_and_not_read(tmp_path: Path) -> None:
    others = "CREATE TABLE users (id int, name text);\nINSERT INTO users VALUES (1, 'x');\n"
    comments = "INSERT INTO comments (id, text) VALUES (1, 'fine');\n"
    cables = f"INSERT INTO docs (mrn, subject, body, film) VALUES ('79OSLO1', NULL, {standard(BODY)}, 'D79');"
    found = reading(tmp_path, others + comments + cables)
    assert found.cable.reference_id == "79OSLO1"
    assert dict(found.cable.attributes) == {"film": "D79"}
    assert found.notes[1] == "tables that are not of cables are not read: users (id, name); comments (id, text)"
    (reason,) = reading(tmp_path, others).reasons
    assert reason.startswith("a dump of a database (SQL) without a known table of cables; ")
    assert reason.endswith("its tables are: users (id, name)")


def test_columns_of_a_dump_are_named_by_options(tmp_path: Path) -> None:
    text = f"INSERT INTO t (a, b) VALUES ('79OSLO1', {standard(BODY)});"
    assert reading(tmp_path, text).cables == []
    assert reading(tmp_path, text, columns={"id": "a", "body": "b"}).cable.paragraphs[0].text == TEXT


def test_broken_statements_are_rejected_with_their_line_and_reading_goes_on(tmp_path: Path) -> None:
    start = "INSERT INTO docs (mrn, body) VALUES "
    text = (
        f"{start}('79OSLO1', 'it's wrong');\n"
        f"{start}('79OSLO2', {standard(BODY)}), ('79OSLO3', 4, 5), ('79OSLO4', {standard(BODY)});\n"
        f"{start}('79OSLO5', now());\n"
        "INSERT INTO docs SELECT 1;\n"
        f"{start}('79OSLO6', {standard(BODY)});\n"
        f"{start}('79OSLO7', 'never ends"
    )
    found = reading(tmp_path, text)
    assert found.ids == ["79OSLO2", "79OSLO4", "79OSLO6"]
    assert [reason.partition(":")[0] for reason in found.reasons] == [
        "line 1",
        "line 8",
        "line 15",
        "line 16",
        "line 24",
    ]
    mended = found.rejected[0].raw.replace("it's", "it''s")
    assert reading(tmp_path, mended).ids == ["79OSLO1"]


def test_rows_of_a_table_without_names_have_as_many_values_as_the_first(tmp_path: Path) -> None:
    text = f"INSERT INTO cable VALUES {values(mysql, 1)},(2,'79OSLO2'),{values(mysql, 3)};"
    found = reading(tmp_path, text)
    assert (found.ids, found.reasons) == (["79OSLO1", "79OSLO3"], ["2 values where the first row has 8"])
    assert reading(tmp_path, f"CREATE TABLE cable (\n);\n{text}").ids == found.ids


def test_a_broken_line_of_a_copy_is_rejected_alone(tmp_path: Path) -> None:
    lines = ["79OSLO1\t" + copied(BODY), "79OSLO2", "79OSLO3\t" + copied(BODY)]
    found = reading(
        tmp_path, "COPY t (mrn, body) FROM stdin;\n" + "\n".join(lines) + "\n\\.\n\nCOPY u (a) FROM stdin;\n\\N\n\\."
    )
    assert found.ids == ["79OSLO1", "79OSLO3"]
    assert found.reasons == ["line 4: 1 values where the table has 2 columns"]


def test_text_with_the_words_of_sql_is_no_dump(tmp_path: Path) -> None:
    for text in (f"{HEADER}\n\n{BODY}\nINSERT INTO x VALUES (1)", f"SET ASIDE\n{HEADER}\n\n{BODY}"):
        assert [record.format.name for record in reading(tmp_path, text).records] == ["telegram"]


def test_markings_in_columns_of_dumps_hide(tmp_path: Path) -> None:
    text = f"INSERT INTO t (mrn, body, classification, level) VALUES ('79OSLO1', {standard(BODY)}, 'U', 'SECRET');"
    assert str(reading(tmp_path, text).cable.classification) == "SECRET"


@pytest.mark.parametrize(
    "piece",
    [
        "''",
        "\\'",
        "(",
        "(1),",
        "replace(",
        "INSERT INTO t VALUES (\n",
        "\n('a', '",
        "a,",
        " ",
        "\n",
        "COPY t (a) FROM stdin;\n",
    ],
)
def test_hostile_dumps_are_read_to_their_end(tmp_path: Path, piece: str) -> None:
    cables = f"INSERT INTO `t` (mrn, body) VALUES ('79OSLO1', {mysql(BODY)});\n"
    for start in ("INSERT INTO `t` VALUES ('", "INSERT INTO `t` VALUES (", "CREATE TABLE t (", ""):
        found = reading(tmp_path, cables + start + piece * (100_000 // len(piece)))
        assert found.ids == ["79OSLO1"]


def test_the_command_line_reads_a_dump(tmp_path: Path) -> None:
    (tmp_path / "dump.sql").write_text(DUMPS["MySQL"])
    result = run("index", "dump.sql", "--index", "i", cwd=tmp_path)
    assert (result.returncode, "3 added" in result.stderr) == (0, True)
    assert "rows of databases (3)" in result.stderr
