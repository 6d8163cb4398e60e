"""Almost valid input: seeds of every format, and ways to mutate them.

Everything follows from the given `random.Random`, so a case is determined by its seed and number.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import re
import warnings
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cablesearch.query import OPERATORS
from cablesearch.readers.formats.cables_csv import Row, rows, to_line

__all__ = ["MUTATORS", "SEEDS", "TOKENS", "Mutator", "distinct_words", "grown", "size_in_index"]

Mutator = Callable[[bytes, random.Random], bytes]
"""Turns a piece of input into another one."""

ROOT = Path(__file__).parents[1]
LARGEST = 1 << 16
"""Bytes up to which repetition may grow a piece of input."""
_SOME = 1500
LONGEST_QUERY = 16_000
"""Bytes of a large query; longer ones are rejected for their length."""
LARGE_RECORD, LARGE_WORDS = 255, 254
"""The second byte of instructions for damaging an index: a stored record becomes a large one, or the segment gets very
many distinct words. The third byte is the size (`size_in_index`)."""

HEADER = """VZCZCXRO0379
PP RUEHTRO
DE RUEHC #0284/01 0041825
ZNY CCCCC ZZH
P R 041820Z JAN 10
FM SECSTATE WASHDC
TO RUEHTRO/AMEMBASSY TRIPOLI PRIORITY 7532
INFO RUEHBJ/AMEMBASSY BEIJING IMMEDIATE 0012
RUCNDT/USMISSION USUN NEW YORK
"""
BODY = """
C O N F I D E N T I A L SECTION 01 OF 02 STATE 000284

SIPDIS NOFORN

E.O. 12958: DECL: 01/04/2020
TAGS: MASS, MARR, PREL, CLINTON, HILLARY
SUBJECT: (S) LIBYA'S R&D: "A TEST"
REF: A. 09 BEIJING 30 B. (09) TRIPOLI 12

Classified By: Jane Doe, DCM, for reasons 1.4 (b) and (d)

1. (C) SUMMARY: First, don't.  End summary.

BACKGROUND
----------

2. (SBU/NF) Second para, U.S. view.

STATE 00000284  002 OF 002

¶3. (U) Third; see 09STATE1.
Comment: caf\u00e9. NNNN

CLINTON
"""
PAGE = (
    "<!DOCTYPE html>\n<html><head><title>Cable Viewer</title></head><body>\n<h3>Viewing cable 10STATE284, LIBYA</h3>"
    "<table class='cable'>\n<tr>\n<th>Reference ID</th><th>Created</th><th>Classification</th><th>Origin</th></tr>\n"
    "<tr><td><a href='/cable/2010/01/10STATE284.html'>10STATE284</a></td><td>2010-01-04 18:06</td>"
    "<td>CONFIDENTIAL</td><td>Secretary of State</td></tr>\n"
    "<tr><td colspan='4'>articles</td></tr></table>\n<code><pre>{header}</pre></code>\n<code><pre>{body}</pre></code>\n"
    "</body></html>\n"
)
_DUMP = "2010-01-04 18:20:00\t10STATE284\tSecretary of State\tCONFIDENTIAL\t09BEIJING30\t{header}\t{body}"

CABLE: dict[str, Any] = {
    "id": "10BEIJING30",
    "date": "2010-01-08T03:26",
    "origin": "Embassy Beijing",
    "classification": "CONFIDENTIAL//NOFORN",
    "tags": ["PGOV", "CH"],
    "subject": "A TEST",
    "references": ["09STATE1"],
    "signature": "DOE; ROE",
    "paragraphs": [
        {"number": 1, "marking": "SBU", "section": None, "text": "First.", "position": 1, "start": 3, "end": 9},
        {"number": None, "marking": None, "section": "Comment", "text": "Second.", "controls": ["NOFORN"]},
    ],
    "recipients": [{"name": "SECSTATE", "route": "RUEHC", "precedence": "PRIORITY", "mcn": "1", "excluded": ["X"]}],
    "classified_by": {"names": ["Jane Doe"], "reason": "1.4 (b)"},
    "declassify_on": "2020-01-01",
    "level": "SECRET",
    "body": "1. First.\n\n2. Second. \udc93",
}


def _fields(number: int, body: str) -> tuple[str, ...]:
    return (str(number), "1/4/2010 18:20", "10STATE284", "Secretary of State", "SECRET", "09STATE1|X", HEADER, body)


def _seeds() -> dict[str, list[bytes]]:
    beijing = (ROOT / "samples" / "10BEIJING30.txt").read_bytes()
    telegrams = [(HEADER + BODY).encode(), BODY.encode(), beijing[:3000], beijing[-3000:], (HEADER + BODY).encode() * 2]
    telegrams.append(re.sub(r"\b[0-9]\.", "", BODY).encode())
    published = (ROOT / "tests" / "data" / "79LAPAZ8952.txt").read_bytes()
    telegrams += [published, published * 2]
    pages = [PAGE.format(header=HEADER, body=BODY).encode()]
    pages.append(PAGE.format(header="", body=_DUMP.format(header=HEADER, body=BODY.replace("\n", "\\\n"))).encode())
    pages.append(f"<pre>{BODY}</pre>".replace("\n", "&#x000A;").encode())
    lines = [to_line(_fields(1, BODY)), to_line(_fields(2, "1. Short."))]
    csv = ["\n".join(lines).encode(), lines[1].encode(), f'x\n{lines[1]}\n"2","x"\n{lines[0]}'.encode()]
    with gzip.open(ROOT / "samples" / "telegrams-1930s.jsonl.gz", "rb") as file:
        samples = [line.rstrip() for line in file if len(line) < _SOME][:20]
    whole = json.dumps(CABLE).encode()
    telegram = json.dumps({"id": "10STATE284", "header": HEADER, "body": BODY}).encode()
    objects = [whole, telegram, samples[0], b"\n".join([whole, *samples[1:4]])]
    packed = [gzip.compress(telegrams[0]), _zip([("a/10STATE284.txt", telegrams[0]), ("b.csv", csv[0])])]
    packed += [_zip([("in.zip", packed[1]), ("x.gz", packed[0])]), gzip.compress(packed[1]), packed[0] * 2]
    return {
        "telegrams": telegrams,
        "rows": csv,
        "pages": pages,
        "lines": objects,
        "tables": _tables(),
        "objects": _objects(telegrams[1].decode()),
        "mails": _mails(),
        "editions": _editions(),
        "packed": packed,
        "queries": [query.encode() for query in _QUERIES],
        "indexes": [bytes(range(40)), bytes(40)],
        "ruins": [bytes(range(40)), bytes(40)],
    }


def _tables() -> list[bytes]:
    """Return tables, dumps of databases, and a text with front matter."""
    head, short = "MRN;Created;classification;TAGS;Body", "1. Short."
    body = BODY.replace('"', '""')
    table = f'{head}\n10STATE284;2010-01-04;SECRET;"MASS; PREL";"{body}"\n10STATE285;2010-01-05;;;"{short}"\n'
    quoted, copied = BODY.replace("'", "''"), BODY.replace("\n", "\\n")
    dump = (
        "CREATE TABLE `cables` (`id` int, `refid` varchar(99), `note` text, `body` text);\n"
        f"INSERT INTO `cables` VALUES (1,'10STATE284',NULL,'{quoted}'),(2,'10STATE285','(S) x','{short}');\n"
    )
    copy = f"COPY public.cables (refid, note, body) FROM stdin;\n10STATE284\t\\N\t{copied}\n10X1\ta\tb\n\\.\n"
    front = f"---\nid: 10STATE284\ntags: [MASS, 'PREL']\nnotes:\n  - a\n  - b\nlong: |\n  c\n---\n{BODY}"
    return [text.encode() for text in (table, table.replace(";", "\t"), dump, copy, front)]


def _objects(body: str) -> list[bytes]:
    """Return JSON of other programs."""
    entry: dict[str, Any] = {"mrn": "10STATE284", "created": "2010-01-04", "tags": "MASS; PREL", "text": body}
    beside: dict[str, Any] = {
        "meta": {"classification": "SECRET"},
        "parts": [{"marking": "S//NF", "text": "x"}],
        "n": 1,
    }
    several = [entry | beside, entry | {"mrn": "10STATE285", "text": "1. Short."}]
    by_id = {"10STATE284": {"body": body}, "10STATE285": {"body": "1. Short."}}
    values: list[Any] = [several, {"total": 2, "cables": several}, by_id, {"_source": entry}]
    return [json.dumps(value, indent=number % 2 or None).encode() for number, value in enumerate(values)]


def _mails() -> list[bytes]:
    """Return a message, one of several parts, and a mailbox."""
    head = "From: A <a@b.no>\nTo: c@d.no\nSubject: =?utf-8?q?x?=\nDate: Tue, 5 Jan 2010 12:00:00 +0000\n"
    whole = f"{head}\nFYI.\n\n{HEADER}{BODY}\nRegards,\nA\n"
    parts = (
        f"{head}Classification: SECRET\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=xx\n\n--xx\n"
        f"Content-Type: text/html\n\n<p>(S) See &amp; read.</p>\n--xx\nContent-Type: text/plain; name=a.txt\n\n"
        f"{HEADER}{BODY}\n--xx--\n"
    )
    quoted = head + "\n" + "".join(f"> {line}\n" for line in (HEADER + BODY).split("\n"))
    box = "".join(f"From a@b.no Tue Jan  5 12:00:00 2010\n{mail}\n" for mail in (whole, quoted))
    return [text.encode() for text in (whole, parts, quoted, box)]


def _editions() -> list[bytes]:
    """Return volumes in TEI."""
    text = (
        "<opener><dateline><placeName>Oslo</placeName>, <date when='1973-09-11'>September 11</date></dateline></opener>"
        "<p>1. (C) <persName corresp='#p'>Roe</persName> met<note n='2'>See <ref target='#d3'>3</ref>.</note>.</p>"
        "<list><head>Ships</head><item>(S) One.</item></list><table><row><cell>a</cell><cell>b</cell></row></table>"
        "<closer><signed>Doe</signed></closer>"
    )
    note = "<note type='source' n='1'>Source: Files. Secret; Immediate; Nodis.</note>"
    document = (
        "<div type='document' xml:id='d1'><head>1. Telegram 3 From the Embassy in Norway to the Department"
        f"{note}</head>{text}</div>"
    )
    volume = (
        "<?xml version='1.0'?><TEI xmlns='http://www.tei-c.org/ns/1.0' xml:id='v'><text><body><div type='chapter'>"
        "<head>Norway</head>{}</div></body></text></TEI>"
    )
    return [volume.format(document).encode(), volume.format(document + document.replace("d1", "d2")).encode()]


def _zip(members: Sequence[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(held, "w", method) as archive:
        warnings.simplefilter("ignore", UserWarning)  # A name may occur twice.
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return held.getvalue()


_QUERIES = [
    '"labor trafficking" OR smuggl* -refugee tag:PHUM',
    "class:>=CONFIDENTIAL date:2009-11..2010-02",
    '(china ANDNOT (origin:beijing OR post:"hong kong"))^2 text:wom?n~',
    "karzay~1 mussaraf~2/3 number:[2 to 5] date:{2009 to 2010]",
    '"near phrase"~5^1.5 exact:U.S. id:10BEIJING30 ref:09STATE1 *',
    '"any order"~~5 "labor trafficking" NEAR/5 (visa OR "prime minister") exact:a PRE/3 exact:b -exact:a W/9 exact:b',
    "+a -b NOT c ANDMAYBE d REQUIRE e marking:C/NF control:NOFORN",
]
_SIGNS = [
    *("\0", "\x1b[31m", "\x07", "\x7f", "\x85", "\u2028", "\u202e", "\u2066", "\ufeff", "\u00a0", "\u00ad", "\u0301"),
    *("İ", "ß", "ﬁ", "¶", "Â¶", "é", "’", "“", "😀", "٣", "\udc80", "\udcff", "\ud83d", "\r", "\n", "\n\n", "\t", " "),
    *("\\", '"', "'", "{", "}", "[", "]", "(", ")", "<", ">", "&", ";", ",", ".", "-", "*", "?", "~", "^", ":", "/"),
    *("0", "1", "-1", "99999999999999999999", "2147483648", "1e999", "NaN", "null", "\x0c", "\x1c", "=", "|", "#"),
]
TOKENS: dict[str, list[str]] = {
    "telegrams": [
        *(
            "SUBJECT: ",
            "SUBJ: (C) TALKS",
            "REF: A. BERN 12",
            "TAGS: PREL",
            "Classified By: ",
            "(C)",
            "(SBU) ",
            "REFTEL",
        ),
        *("1. (C) One", "2. Two. ", "¶3. (S) three", "Â¶2. (U) ", "12. ", "&#8217;", "&#39;t", "----", "* * *", "DOE"),
        *("BERN 00000881  002 OF 003", "PAGE 02        BERN  00881  01 OF 03  111533Z", "SIPDIS", "NNNN", "##", "BT\n"),
        *("E.O. 12958: DECL: 01/04/2020", "FM AMEMBASSY BERN\n", "TO ", "INFO ", "P 080326Z JAN 10\n", "ZNY CCCCC ZZH"),
        *("SECRET", "CONFIDENTIAL\n", "UNCLAS", "TOP SECRET//SI//NOFORN", "(TS//SI//REL TO USA)", "REASONS 1.4 (b)"),
        *(
            "SUMMARY",
            "END SUMMARY",
            "DECL: X1",
            "31 FEB 09",
            "99 BEIJING 0",
            "(A) (B)",
            "XXXXXXXXXXXX",
            "u.s.",
            "d'J'T",
        ),
    ],
    "rows": [
        '","',
        '"\n"1","',
        '""',
        '\\"',
        "\\\\",
        '"1","1/1/2010 1:01","10X1",',
        "1,1/1/2010 1:01,",
        '"\r\n',
        "\n\n",
    ],
    "pages": [
        *(
            "<pre>",
            "</pre>",
            "<table class='cable'>",
            "</table>",
            "<td>",
            "</td>",
            "<th>",
            "<tr>",
            "<br/>",
            "<!--",
            "-->",
        ),
        *("&amp;", "&#x000A;", "&#0;", "&#x110000;", "&#55357;", "&lt;pre&gt;", "&NotExists;", "<a id='par1'>¶</a>"),
        *("<h3>Viewing cable ,", "</h3>", "<html>", "</code>", "colspan", "<b", "\t", "<?xml", "<script>", "&#xD83D;"),
    ],
    "tables": [
        *(
            "\n10X1;",
            ";",
            '";"',
            '""',
            "\t",
            "INSERT INTO ",
            "VALUES (",
            "),(",
            ");",
            "''",
            "\\'",
            "NULL",
            "COPY ",
            "\\.\n",
        ),
        *("CREATE TABLE ", "---\n", "a: ", "  - ", "|\n", "/*", "-- ", "`", "SECRET", "(S) ", "classification", "E'"),
    ],
    "objects": [
        *(
            '"mrn"',
            '"text"',
            '"cables": [',
            '{"10X1": {',
            "[[",
            "}, {",
            '"classification": "S"',
            '"marking": ["S"],',
            "null",
        ),
        *(
            '"meta": {',
            '"(S) x"',
            "\\u0000",
            "\\ud83d",
            "1e999",
            '"text": ["a", "b"],',
            '"is_secret": true,',
            '"$date": 1',
        ),
    ],
    "mails": [
        *(
            "Content-Type: ",
            "text/html\n",
            "multipart/mixed; boundary=xx\n",
            "--xx\n",
            "--xx--",
            "> ",
            "Subject: ",
            "<p>",
        ),
        *(
            "Content-Transfer-Encoding: base64\n",
            "charset=utf-16\n",
            "Regards,\n",
            "\nFrom a@b.no Tue Jan  5 12:00:00 2010\n",
        ),
        *("=?utf-8?b?", "filename=a.txt\n", "X-Marking: SECRET//NOFORN\n", "<style>", "SECRET: ", "DOE\n"),
    ],
    "editions": [
        *(
            "<p>",
            "</p>",
            "<note>",
            "</note>",
            "<div type='document' xml:id='d3'>",
            "</div>",
            "<list>",
            "<item>",
            "<head>",
        ),
        *(
            "&eacute;",
            "<!ENTITY",
            "<![CDATA[",
            "(S) ",
            "<ref target='#d1'/>",
            "<lb/>",
            "<signed>",
            "Secret; ",
            "<attachment>",
        ),
    ],
    "lines": [
        *(
            '"id"',
            '"paragraphs"',
            '"text"',
            '"body"',
            '"date"',
            "\\u0000",
            "\\ud83d",
            "\\udc80",
            "[[[[",
            '{"id":',
            "true",
        ),
        *('"level": "', "1E400", "-0", "1.5", "Infinity", '"version": 1', "\\u001b", '"x": ', '"position": 0', "}\n{"),
    ],
    "queries": [
        *(
            *(f" {operator} " for operator in OPERATORS),
            " NOT ",
            "text:",
            "exact:",
            "subject:",
            "tag:",
            "date:",
        ),
        *("origin:", "class:", "number:", "id:", "ref:", "heading:", "recipient:", "envelope:", "signed:", "position:"),
        *('"', "“", "~2", "~1/2", "~~9", " NEAR/9 ", " PRE/2 ", "^3", "^.5", "*", "?"),
        *("..", " to ", "[2009 to ", "{", "]", "<=", ">=", "2009-02-30"),
        *("china", "U.S.", "don't", "al-qaida", "SECRET//NOFORN", "10BEIJING30", "¶4", "+", "-", "(", ")", "marking:"),
        *("control:", "0000", "9999-12", "visibility:", "unknown:", "a*b*c*d", "???", "AT&T", "1..2", "%", "\\"),
    ],
}
_PIECES = re.compile(rb"\w+|\s+|.", re.DOTALL)


def _encoded(text: str) -> bytes:
    """Return surrogates as the bytes that they stand for, if they stand for any."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _span(data: bytes, chance: random.Random) -> tuple[int, int]:
    """Return a part of the data, usually a short one."""
    start = chance.randrange(len(data) + 1)
    longest = chance.choice((1, 4, 30, 300, len(data)))
    return start, min(len(data), start + chance.randrange(longest + 1))


def _pieces(data: bytes, chance: random.Random) -> tuple[int, int]:
    """Return the place of a word, of white space, or of a sign."""
    start = chance.randrange(len(data) + 1)
    match = _PIECES.search(data, start)
    return match.span() if match else (start, start)


class Spoiler:
    """Changes bytes without knowing their meaning: drops, doubles or swaps parts, or replaces them by words of the
    format or by parts of other seeds."""

    def __init__(self, seeds: Sequence[bytes], tokens: Sequence[str] = ()) -> None:
        self._seeds = seeds
        self._tokens = [*map(_encoded, tokens)] or [b""]
        self._signs = [*map(_encoded, _SIGNS)]

    def __call__(self, data: bytes, chance: random.Random) -> bytes:
        for _ in range(chance.choice((1, 1, 2, 3, 5, 10))):
            data = self._once(data, chance)
        return data

    def _once(self, data: bytes, chance: random.Random) -> bytes:
        start, end = (_pieces if chance.random() < 0.5 else _span)(data, chance)
        before, part, after = data[:start], data[start:end], data[end:]
        kind = chance.randrange(10)
        if kind < 2:
            part = b""
        elif kind == 2:
            most = max(1, (LARGEST - len(data)) // max(1, len(part)))
            part *= min(chance.choice((2, 2, 3, 20, 1000)), most)
        elif kind < 5:
            seed = data if kind == 3 else chance.choice(self._seeds)
            first, last = _span(seed, chance)
            part = seed[first:last][:_SOME]
        elif kind == 5 and part:
            part = bytes([part[0] ^ 1 << chance.randrange(8)]) + part[1:]
        elif kind == 6 and chance.random() < 0.1:
            part = after = b""
        else:
            token = chance.choice(self._tokens if kind < 8 else self._signs)
            part = token if chance.random() < 0.5 else token + part
        return before + part + after


def _either(*mutators: Mutator) -> Mutator:
    return lambda data, chance: chance.choice(mutators)(data, chance)


_STRANGE: list[Any] = [
    *(None, True, 0, -1, 1 << 70, 1.5, float("nan"), float("inf"), "", "\0", [], {}, [[]], [1], {"id": "x"}),
    *("\ud83d", "\ud83d\udc80", "0001-01-01T00:00", "9999-12-31T23:59+00:01", "S//NF//NF"),
]


class Objects:
    """Changes values in lines of JSON, so that they stay JSON."""

    def __init__(self, spoil: Mutator) -> None:
        self._spoil = spoil

    def __call__(self, data: bytes, chance: random.Random) -> bytes:
        lines = data.split(b"\n")
        at = chance.randrange(len(lines))
        try:
            entry = json.loads(lines[at])
        except ValueError:
            entry = dict(CABLE)
        for _ in range(chance.choice((1, 1, 2, 4))):
            entry = self._changed(entry, chance)
        try:
            line = _encoded(json.dumps(entry, ensure_ascii=chance.random() < 0.5))
        except RecursionError:
            return data
        return b"\n".join([*lines[:at], line, *lines[at + 1 :]])[:LARGEST]

    def _changed(self, value: Any, chance: random.Random) -> Any:
        if chance.random() < 0.15 or value is None or value in ([], {}):
            return chance.choice(_STRANGE)
        if isinstance(value, dict):
            return self._object(value, chance)
        if isinstance(value, list):
            at = chance.randrange(len(value))
            if chance.random() < 0.3:
                return [*value, *value[at:]][:100]
            return [*value[:at], self._changed(value[at], chance), *value[at + 1 :]]
        if isinstance(value, str):
            return self._spoil(_encoded(value), chance).decode("utf-8", chance.choice(("surrogateescape", "replace")))
        return value + chance.choice((-1, 1, 1000))

    def _object(self, value: dict[str, Any], chance: random.Random) -> dict[str, Any]:
        key, kind = chance.choice(list(value)), chance.random()
        if kind < 0.2:
            other = chance.choice([*CABLE, "text", "position", "x"])
            return {other if name == key else name: item for name, item in value.items()}
        if kind < 0.3:
            return {name: item for name, item in value.items() if name != key}
        return value | {key: self._changed(value[key], chance)}


class Fields:
    """Changes single fields of rows, so that they stay rows."""

    def __init__(self, spoil: Mutator) -> None:
        self._spoil = spoil

    def __call__(self, data: bytes, chance: random.Random) -> bytes:
        text = data.decode("utf-8", "surrogateescape")
        result = [list(row.fields) for row in rows(iter([text])) if isinstance(row, Row)]
        if not result:
            return self._spoil(data, chance)
        for _ in range(chance.choice((1, 2, 4))):
            row = chance.choice(result)
            at = chance.randrange(len(row))
            row[at] = self._spoil(_encoded(row[at]), chance).decode("utf-8", "surrogateescape")
        return _encoded("\n".join(to_line(tuple(row)) for row in result))


class Packed:
    """Packs mutated content correctly, or mutates packed content."""

    def __init__(self, spoil: Mutator, contents: Sequence[bytes]) -> None:
        self._spoil = spoil
        self._contents = contents

    def __call__(self, data: bytes, chance: random.Random) -> bytes:
        if chance.random() < 0.5:
            return self._spoil(data, chance)
        names = ["a", "../../x", "/abs", "a/", "10STATE284.txt", "x\x1b[31m", "nul\0", "ü", "", "C:\\x", "a/../b"]
        members = []
        for _ in range(chance.choice((1, 1, 2, 5))):
            content = chance.choice(self._contents)
            members.append((chance.choice(names), self._spoil(content, chance) if chance.random() < 0.5 else content))
        methods = (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2)
        packed = _zip(members, chance.choice(methods)) if chance.random() < 0.7 else gzip.compress(members[0][1])
        if chance.random() < 0.4:
            packed = gzip.compress(packed) if chance.random() < 0.5 else _zip([("in.zip", packed)])
        # The directory of a zip archive is at its end.
        for _ in range(chance.choice((0, 0, 1, 3))):
            at = max(0, len(packed) - chance.randrange(1, 300)) if chance.random() < 0.7 else chance.randrange(40)
            packed = packed[:at] + bytes([chance.choice((0, 1, 8, 255, chance.randrange(256)))]) + packed[at + 1 :]
        return packed


_OPERANDS = [
    *(
        "the",
        "minister",
        "japan",
        "text:legation",
        '"united states"',
        '"the government"~3',
        '"minister japan the"~~9',
        '"united states" NEAR/9 (japan OR "the minister")',
        "negotiat*",
        "m?n",
        "minster~",
    ),
    *("tag:PHUM", "origin:beijing", "class:>=C", "date:1930..1933", "number:[2 to 5]", "*", "subject:china", "U.S."),
    *(
        "exact:the^2",
        "heading:(comment the)",
        "envelope:the",
        "id:10BEI*",
        "signed:moeling",
        "ref:09STATE1",
        "text:[a to d]",
    ),
]
_OPERATORS = [" ", " ", *(f" {operator} " for operator in OPERATORS), " NOT ", " -", " AND NOT "]


def _composed(data: bytes, chance: random.Random) -> bytes:
    """Return a valid query, however odd."""
    query = chance.choice(_OPERANDS)
    for _ in range(chance.randrange(6)):
        query = f"({query})" if chance.random() < 0.2 else query
        pair = (query, chance.choice(_OPERANDS))
        left, right = pair if chance.random() < 0.5 else pair[::-1]
        query = f"{left}{chance.choice(_OPERATORS)}{right}"
    return query.encode()


def _demanding(data: bytes, chance: random.Random) -> bytes:
    """Return a query at the limits, or beyond them."""
    operands = chance.choices(_OPERANDS, k=4)
    number, boost = chance.choice([1, 10, 33, 50, 51, 200]), chance.choice(["9999", "7", "1", ".0001", "0", "99999"])
    operator = chance.choice(_OPERATORS)
    queries = [
        "(" * number + operands[0] + f")^{boost}" * number,
        f"({operands[0]}{operator}" * number + operands[1] + ")" * number,
        f"-({operands[0]} OR " * number + operands[1] + ")" * number,
        operator.join(chance.choices(operands, k=number * 10)),
        '"' + " ".join(chance.choices(["the", "of", "minister", "japan"], k=number * 10)) + f'"~{number}',
        '"' + " ".join(chance.choices(["the", "of", "minister", "japan"], k=number * 10)) + f'"~~{number}',
        f" NEAR/{number} ".join(chance.choices(operands, k=chance.choice([2, 6, 7]))),
        "-".join(["the", "of"] * number * 3),
        chance.choice(["\ufdfa", "\ufdfb", "\u3300", "a'b'", "a.b.", "\ufb03"]) * number * 20,
        "x" * number * 20,
        " OR ".join(f"{letter}*" for letter in chance.choices("abcdefgh", k=number)),
        " ".join(f"{word}~2" for word in chance.choices(["minstr", "japn", "untied"], k=number)),
        chance.choice(["", "tag:", "origin:", "exact:", "id:"]) + "*" + "a*?" * number + "b",
        f"exact:{'minister' * number}~2",
        f"text:[{' ' * number * 20}to the]",
        f"date:[{'to ' * number}2009]",
    ]
    return chance.choice(queries).encode()


def _script(data: bytes, chance: random.Random) -> bytes:
    """Return instructions for damaging an index: any bytes, except those that ask for a large one (`grown`)."""
    script = chance.randbytes(chance.choice((8, 40, 40, 120)))
    return script[:1] + bytes([script[1] % LARGE_WORDS]) + script[2:]


def _mutators() -> dict[str, Mutator]:
    spoilers = {name: Spoiler(seeds, TOKENS.get(name, ())) for name, seeds in SEEDS.items()}
    texts = spoilers["telegrams"]
    contents = [item for name in ("telegrams", "rows", "pages", "lines", "packed") for item in SEEDS[name]]
    return {
        "telegrams": texts,
        "rows": _either(spoilers["rows"], texts, Fields(texts), Fields(spoilers["rows"])),
        "pages": _either(spoilers["pages"], spoilers["pages"], texts),
        "lines": _either(spoilers["lines"], Objects(texts), Objects(spoilers["lines"])),
        "tables": _either(spoilers["tables"], texts),
        "objects": _either(spoilers["objects"], spoilers["objects"], texts),
        "mails": _either(spoilers["mails"], texts),
        "editions": _either(spoilers["editions"], spoilers["editions"], texts),
        "packed": Packed(spoilers["packed"], contents),
        "queries": _either(spoilers["queries"], _composed, _demanding),
        "indexes": _script,
        "ruins": _script,
    }


# Large input: harmless parts in great numbers, and parts whose sizes multiply


def grown(name: str, chance: random.Random, size: int) -> bytes:
    """Return input of about a given number of bytes for a target: repeated pieces of a seed or of the format's words,
    nested parts, or for JSON lines fields of one cable that are repeated for each of many paragraphs. Packed input has
    that size unpacked."""
    if name in ("indexes", "ruins"):
        # The other bytes say how.
        return bytes([chance.randrange(256), chance.choice((LARGE_RECORD, LARGE_WORDS))]) + chance.randbytes(40)
    if name == "packed":
        inner = chance.choice(("telegrams", "rows", "pages", "lines"))
        content = grown(inner, chance, size)
        return gzip.compress(content) if chance.random() < 0.5 else _zip([("a", content), ("b", SEEDS[inner][0])])
    if name == "lines" and chance.random() < 0.6:
        return _product(chance, size)
    if name == "queries":
        size = min(size, chance.randrange(1000, LONGEST_QUERY))
    return chance.choice((_repeated, _repeated, _nested, _distinct))(name, chance, size)


def size_in_index(data: bytes) -> int:
    """Return the size of the largest record, or of the words, that instructions put into an index, or of the index if
    that is larger."""
    kind, exponent = (*data[1:3], 0, 0)[:2]
    return {LARGE_RECORD: 2 << 20 + exponent % 4, LARGE_WORDS: 1 << 17 + exponent % 4}.get(kind, 0) or 1 << 20


def distinct_words(size: int, width: int) -> str:
    """Return about a given number of bytes of distinct words with at least a given number of letters."""
    return " ".join(format(number, "x").rjust(width, "q") for number in range(size // (width + 1)))


def _repeated(name: str, chance: random.Random, size: int) -> bytes:
    """Return a seed with one or more of its pieces, or words of the format, repeated at some place."""
    seed = chance.choice(SEEDS[name])
    start, end = (_pieces if chance.random() < 0.5 else _span)(seed, chance)
    words = [*map(_encoded, [*TOKENS.get(name, ()), *_SIGNS]), seed[start:end]]
    piece = b"".join(chance.choices(words, k=chance.choice((1, 1, 2, 3)))) or b" "
    at = chance.choice((0, start, start, len(seed)))
    return seed[:at] + piece * (size // len(piece)) + seed[at:]


def _distinct(name: str, chance: random.Random, size: int) -> bytes:
    """Return a seed with distinct words at some place, in one piece or divided into paragraphs."""
    words = distinct_words(size, chance.choice((2, 5, 5, 9, 60)))
    if name == "lines":
        at_once = chance.choice((5, 100, 10_000, size))
        stretches = (words[start : start + at_once] for start in range(0, len(words), at_once))
        entry: dict[str, Any] = {"id": "10STATE284", "paragraphs": [{"text": stretch} for stretch in stretches]}
        return json.dumps(entry).encode()
    often = chance.choice((5, 100, 10_000, size))
    several = words.split(" ")
    stretches = (" ".join(several[start : start + often]) for start in range(0, len(several), often))
    wide = " \n\n2. (C) ".join(stretches)
    seed = chance.choice(SEEDS[name])
    at = chance.choice((0, len(seed) // 2, len(seed)))
    return seed[:at] + wide.encode() + seed[at:]


def _nested(name: str, chance: random.Random, size: int) -> bytes:
    """Return nested brackets or elements."""
    pairs = [(b"[", b"]"), (b'{"id":', b"}"), (b"(", b")"), (b"<b>", b"</b>"), (b"<pre>", b"</pre>"), (b'"', b'"')]
    before, after = chance.choice(pairs)
    count = size // len(before + after)
    seed = chance.choice(SEEDS[name])
    return before * count + chance.choice((b"", seed)) + after * chance.choice((0, count))


def _product(chance: random.Random, size: int) -> bytes:
    """Return a line of a cable with many paragraphs and a large field, or a sound body that all of them claim."""
    share = chance.random()
    text = chance.choice(("", "x", "b a", "(S) x", "word " * 40))
    paragraph: dict[str, Any] = {"text": text}
    entry: dict[str, Any] = {"id": "10STATE284", "classification": "CONFIDENTIAL//NOFORN"}
    large = int(size * share)
    names = [f"C{number}" for number in range(large // 10)]
    field = chance.choice(
        ("subject", "controls", "tags", "origin", "section", "marking", "body", "references", "recipients", "envelope")
    )
    if field in ("controls", "tags", "references"):
        entry[field] = names
    elif field == "recipients":
        entry[field] = [{"name": name} for name in names]
    elif field in ("section", "marking"):
        paragraph[field] = "S/" + "/".join(names[: chance.choice((3, 300, 3000))])
    else:
        unit = chance.choice(("word ", "a b ", "x", "\u00e9 ", " ".join(names[:1000]) + " "))
        entry[field] = unit * (large // len(unit))
    claim = chance.choice((None, None, lambda at: (0, large), lambda at: (at, large), lambda at: (at, at + len(text))))
    count = max(1, (size - large) // (len(json.dumps(paragraph)) + 2))
    paragraphs = [paragraph] * count
    if claim is not None:
        places = map(claim, range(count))
        paragraphs = [paragraph | {"start": start, "end": end} for start, end in places]
    return json.dumps(entry | {"paragraphs": paragraphs}, ensure_ascii=False).encode("utf-8", "surrogatepass")


SEEDS = _seeds()
MUTATORS = _mutators()
