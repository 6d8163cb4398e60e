"""A document of an edition in TEI, made a cable.

Its head gives subject, sender and addressee, its dateline date and place, the note on its source the classification
that it had. Each paragraph, item of a list and row of a table is a paragraph; footnotes are paragraphs at the end.
"""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate, XMLParserType

from cablesearch.cable import UNREADABLE, Cable, Classification
from cablesearch.classification.classification import OPEN
from cablesearch.classification.covering import covering
from cablesearch.classification.leading import leading_marking
from cablesearch.readers.errors import UnreadableCable
from cablesearch.readers.json_cables import from_json
from cablesearch.vocabulary import identifiers
from cablesearch.vocabulary.posts import stations

__all__ = ["MalformedTeiError", "local_name", "parse_document", "parser_without_entities"]

NOTES = "Notes"
"""The heading under which footnotes stand."""

_BLOCKS = frozenset(
    {
        "p",
        "head",
        "item",
        "row",
        "opener",
        "closer",
        "dateline",
        "salute",
        "signed",
        "l",
        "lg",
        "ab",
        "list",
        "table",
        "trailer",
        "postscript",
        "byline",
        "argument",
        "figure",
        "figDesc",
        "attachment",
        "floatingText",
        "body",
        "div",
    }
)
"""Elements that are blocks of text, or hold blocks."""
_HOLDERS = frozenset({"div", "attachment", "list", "table", "figure", "floatingText", "postscript"})
"""Elements whose heading stands over what is in them."""
_SPACES = frozenset({"lb", "cell", "label", "seg", "quote"})
_NAMED = frozenset({"persName", "gloss", "orgName", "placeName", "name", "roleName", "rs"})
"""Elements that name whom a document is from, or to."""

_NUMBER = re.compile(r"([0-9]{1,3})\. {1,3}")
_HEAD_NUMBER = re.compile(r"([0-9]{1,4}[a-z]?)\. {1,3}")
_TELEGRAM = re.compile(
    r"(?:Telegram|Airgram|Backchannel Message|Message|Despatch|Circular Telegram) ([A-Z0-9-]{1,20}) (?=From)"
)
_FROM_TO = re.compile(r"\b[Ff]rom (?:the )?(.{2,200}?) to (?:the )?(.{2,400}?)[.,;]?\Z")
_TO = re.compile(r"(?:The )?(.{2,200}?) to (?:the )?(.{2,400}?)[.,;]?\Z")
_LONGEST_SIDES = 700
_SOURCE_LEVEL = re.compile(
    r"(?:\A\[?|[.;] |[,(] ?(?=[^.;,()]{6,30}(?:[.;)]|\Z)))(Top Secret|Secret|Confidential|Limited Official Use"
    r"|Official Use Only|Restricted|Unclassified|No classification marking|Sensitive But Unclassified)"
    r"(?=[.;,/ )]|\Z)([^.]{0,200})",
    re.IGNORECASE,
)
"""A level is a sentence of its own, or begins one; behind a comma or a bracket, it is all that stands there."""
_IN_FULL = {
    "OFFICIAL USE ONLY": "SENSITIVE BUT UNCLASSIFIED",
    "NO CLASSIFICATION MARKING": "UNCLASSIFIED",
}
_CONTROL = re.compile(
    r"\b(?:Noforn|No Foreign Dissem|Orcon|Restricted Data|Codeword|Umbra|Gamma|Cnwdi|Exdis|Nodis|Limdis|Stadis)\b",
    re.IGNORECASE,
)
_PRECEDENCE = re.compile(r"\b(?:Niact Immediate|Flash|Immediate|Priority|Routine)\b", re.IGNORECASE)
_DATE = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T([0-9]{2}):([0-9]{2})(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
_KIND = re.compile(r"(Embassy|Consulate General|Consulate|Mission|Interests Section|Legation) (?:in|at)\b")
_DOCUMENT = re.compile(r"(?:\A|#)(d[0-9]{1,5}[a-z]{0,2})\Z")
_DOCTYPE = b'<!DOCTYPE TEI SYSTEM "tei.dtd">'
"""With a definition elsewhere, which is never read, entities that the file does not declare are not errors."""
_GLUED_NAME = re.compile(r"(?<=[^\W\d_])\((?=[A-Z][^\W\d_])")
_SPACE_BEFORE = re.compile(r" +(?=[.,;:)])")


class MalformedTeiError(Exception):
    """XML is not that of an edition; the message says why."""


def local_name(name: str) -> str:
    """Return the name of an element without its prefix."""
    return name.rpartition(":")[2]


def parser_without_entities(add: Callable[[str], None]) -> XMLParserType:
    """Return a parser of XML in UTF-8 that gives its text to ``add``, and refuses entities that the file declares."""

    def refuse(*_: object) -> None:
        raise MalformedTeiError("its file declares entities of its own, which are not read")

    def skipped(name: str, is_parameter: bool) -> None:
        if not is_parameter:
            add(html.unescape(f"&{name};"))

    parser = ParserCreate("utf-8")
    parser.buffer_text = True
    parser.CharacterDataHandler = add
    parser.EntityDeclHandler = refuse
    parser.SkippedEntityHandler = skipped
    return parser


@dataclass(slots=True)
class _Block:
    """A block of the text: its kind, and the heading under which it stands."""

    kind: str
    text: str
    section: str | None = None


_Mention = tuple[bool, int, str]
"""A name or id mentioned in a text: whether that is a footnote, its number among these or the blocks, and the words."""


@dataclass(slots=True)
class _Content:
    """What a document says, by the elements in which it says it."""

    values: dict[str, str] = field(default_factory=dict)
    head: str = ""
    source: str = ""
    date: str = ""
    place: str = ""
    senders: list[str] = field(default_factory=list)
    addressees: list[str] = field(default_factory=list)
    signers: list[str] = field(default_factory=list)
    names: list[_Mention] = field(default_factory=list)
    references: list[_Mention] = field(default_factory=list)
    blocks: list[_Block] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class _Reader:
    """Reads the elements of a document."""

    def __init__(self, xml: str) -> None:
        self.content = _Content()
        self._open: list[str] = []
        self._text: list[str] = []
        # The headings over the elements that hold blocks, with the depth of each.
        self._sections: list[tuple[int, str]] = []
        self._note: tuple[int, list[str], str, bool] | None = None
        # Elements whose text is wanted: depth, where their text begins, and what takes it.
        self._wanted: list[tuple[int, int, Callable[[str], None]]] = []
        self._label: list[str] | None = None
        parser = parser_without_entities(self._add)
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.Parse(_DOCTYPE + xml.encode(), True)

    def _add(self, text: str) -> None:
        self._text.append(text)

    def _start(self, name: str, values: dict[str, str]) -> None:
        name = local_name(name)
        if name in _BLOCKS and self._note is None and not self._is_after_label():
            self._flush()
        self._open.append(name)
        content = self.content
        if len(self._open) == 1:
            content.values = {local_name(key): value for key, value in values.items()}
        elif name == "note":
            if self._note is None:
                is_source = values.get("type") == "source"
                self._note = len(self._open), self._text, values.get("n", ""), is_source
                self._text = []
        elif name == "label" and self._note is None:
            self._flush()
        elif name in _SPACES or (name in _BLOCKS and self._note is not None):
            self._text.append(" ")
        if name == "date" and not content.date and "dateline" in self._open and self._is_own():
            content.date = values.get("when") or values.get("from") or values.get("notBefore") or ""
        if name == "ref" and (document := _DOCUMENT.search(values.get("target", ""))):
            volume = values["target"].partition("#")[0]
            content.references.append(self._mention(f"{volume}#{document[1]}"))
        for take in self._takers(name, values):
            self._wanted.append((len(self._open), len(self._text), take))

    def _takers(self, name: str, values: dict[str, str]) -> list[Callable[[str], None]]:
        """Return what takes the text of an element."""
        content, takers = self.content, []
        if name == "persName" and values.get("corresp"):
            takers.append(lambda text: content.names.append(self._mention(text)))
        if self._note is None and self._is_own():
            if name in _NAMED and values.get("type") == "from":
                takers.append(content.senders.append)
            elif name in _NAMED and values.get("type") == "to":
                takers.append(content.addressees.append)
            elif name == "placeName" and "dateline" in self._open and not content.place:
                takers.append(self._set_place)
            elif name == "signed":
                takers.append(content.signers.append)
        return takers

    def _mention(self, words: str) -> _Mention:
        is_note = self._note is not None
        return is_note, len(self.content.notes if is_note else self.content.blocks), words

    def _is_after_label(self) -> bool:
        """Return whether nothing but the label of an item stands before a block, which then goes on after it."""
        if self._label is None or self._open[-1:] not in (["list"], ["item"]):
            return False
        return all(map(str.isspace, self._text[len(self._label) :]))

    def _set_place(self, text: str) -> None:
        self.content.place = self.content.place or text

    def _is_own(self) -> bool:
        """Return whether what is open stands in the document itself, not in what is attached to it."""
        return "attachment" not in self._open and "floatingText" not in self._open

    def _end(self, name: str) -> None:
        name = local_name(name)
        depth = len(self._open)
        while self._wanted and self._wanted[-1][0] == depth:
            _, place, take = self._wanted.pop()
            # A block within it has taken its text already.
            text = _collapsed("".join(self._text[place:])).rstrip(",;")
            if text:
                take(text)
        if self._note is not None:
            if self._note[0] == depth:
                self._end_note()
            elif name in _BLOCKS or name in _SPACES:
                self._text.append(" ")
        elif name in _BLOCKS:
            self._flush()
            while self._sections and self._sections[-1][0] >= depth:
                self._sections.pop()
        elif name in _SPACES:
            self._text.append(" ")
            self._label = [*self._text] if name == "label" else None
        self._open.pop()

    def _end_note(self) -> None:
        assert self._note is not None
        _, before, number, is_source = self._note
        text = _collapsed("".join(self._text))
        if not self.content.source and (is_source or text.startswith("Source:")):
            self.content.source = text
        elif text:
            self.content.notes.append(f"[{number}] {text}" if number else text)
        self._text, self._note = before, None

    def _flush(self) -> None:
        """End a block of text."""
        text = _collapsed("".join(self._text))
        self._text.clear()
        self._label = None
        self._wanted = [(depth, 0, take) for depth, _, take in self._wanted]
        if not text:
            return
        kind = next((name for name in reversed(self._open) if name in _BLOCKS), "p")
        if kind == "head":
            if not self.content.head and self._open.index("head") == 1:
                self.content.head = text
                return
            holders = [depth for depth, name in enumerate(self._open, 1) if name in _HOLDERS]
            self._sections.append((holders[-1] if holders else 1, text))
        section = self._sections[-1][1] if self._sections and kind != "head" else None
        self.content.blocks.append(_Block(kind, text, section))


def _collapsed(text: str) -> str:
    return _SPACE_BEFORE.sub("", " ".join(text.split()))


def parse_document(fields: tuple[str, ...]) -> Cable:
    """Return the cable of a document, given as XML with the id and title of its volume, and the titles above it.

    Raises:
        UnreadableCable: it is not XML, has no text, or is too large.
    """
    xml, volume, title, titles = fields
    try:
        content = _Reader(xml).content
    except (ExpatError, MalformedTeiError) as error:
        raise UnreadableCable(f"not a document of an edition: {error}") from None
    number = _HEAD_NUMBER.match(content.head)
    subject = _GLUED_NAME.sub(" (", content.head[number.end() :] if number else content.head)
    telegram = _telegram(content, subject)
    body, paragraphs, envelope = _laid_out(content, telegram)
    if not paragraphs:
        raise UnreadableCable("a document without text")
    attributes = {
        "Document": (number[1] if number else "") or content.values.get("n", ""),
        "Telegram": telegram,
        "Source": content.source,
        "Chapter": titles,
        "Volume": title,
    }
    sender, addressee = _sides(content, subject)
    classification, precedence = _classified(content.source)
    shown = partial(_shown, content, Classification.parse(classification) or UNREADABLE)
    entry: dict[str, Any] = {
        "id": f"{volume}{content.values.get('id', '')}",
        "date": _date(content),
        "origin": _origin(sender, content.place),
        "classification": classification,
        "subject": subject or None,
        "references": _references(shown(content.references), volume),
        "recipients": [{"name": addressee}] if addressee else [],
        "precedence": precedence,
        "signers": list(dict.fromkeys(name.rstrip(".") for name in content.signers)),
        "attributes": {name: value for name, value in attributes.items() if value},
        "names": list(dict.fromkeys(shown(content.names))),
        "paragraphs": paragraphs,
        "envelope": envelope,
        "body": body,
    }
    entry["given"] = [name for name in entry if name != "body"]
    return from_json(entry)


def _shown(content: _Content, classification: Classification, mentions: list[_Mention]) -> list[str]:
    """Return what is mentioned in texts that the classification of the document covers."""
    texts = {False: [block.text for block in content.blocks], True: content.notes}
    places = {place[:2] for place in mentions}
    hidden = {
        (is_note, number)
        for is_note, number in places
        if not classification.covers(covering(OPEN, "".join(texts[is_note][number : number + 1])))
    }
    return [words for is_note, number, words in mentions if (is_note, number) not in hidden]


def _telegram(content: _Content, subject: str) -> str:
    """Return the number of a telegram: that in its head, or the one that opens it (``67. Your telegram ...``)."""
    numbered = _TELEGRAM.search(subject)
    if numbered:
        return numbered[1]
    first = next((block.text for block in content.blocks if block.kind == "p"), "")
    number = _NUMBER.match(first) if "telegram" in f"{content.source} {subject}".lower() else None
    return number[1] if number and number[1] != "1" else ""


def _laid_out(content: _Content, telegram: str) -> tuple[str, list[dict[str, Any]], str]:
    """Return the body of a document, its paragraphs with their places in it, and what is in none of them."""
    blocks = [*content.blocks, *(_Block("p", note, NOTES) for note in content.notes)]
    pieces = [content.head] if content.head else []
    place = sum(len(piece) + 2 for piece in pieces)
    paragraphs = []
    beside = []
    for block in blocks:
        if block.kind in ("dateline", "signed"):
            beside.append(block.text)
        elif block.kind != "head":
            paragraphs.append(_paragraph(block, place, telegram))
        pieces.append(block.text)
        place += len(block.text) + 2
    # A heading without anything under it is found as a paragraph.
    used = {paragraph["section"] for paragraph in paragraphs}
    beside += [block.text for block in blocks if block.kind == "head" and block.text not in used]
    return "\n\n".join(pieces), paragraphs, "\n".join(beside)


def _paragraph(block: _Block, place: int, telegram: str) -> dict[str, Any]:
    """Return a paragraph at a place in the body, without its number and marking. The number of the telegram, which
    opens its first paragraph, is not one."""
    text = block.text
    number = _NUMBER.match(text) if block.section != NOTES else None
    number = number if number and number[1] != telegram else None
    start = number.end() if number and number.end() < len(text) else 0
    mark = leading_marking(text, start) if text.startswith(("(", "["), start) else None
    if mark and text[mark[1] :].strip():
        marking, rest = mark[0], text[mark[1] :].strip()
    else:
        marking, rest = None, text[start:]
    return {
        "number": int(number[1]) if number and start else None,
        "marking": marking,
        "section": block.section,
        "text": rest,
        "start": place,
        "end": place + len(text),
    }


def _sides(content: _Content, subject: str) -> tuple[str, str]:
    """Return whom a document is from, and to."""
    head = subject[:_LONGEST_SIDES]
    sides = _FROM_TO.search(head) or (_TO.match(head) if content.senders else None)
    if sides:
        return sides[1], sides[2]
    return ", ".join(dict.fromkeys(content.senders)), ", ".join(dict.fromkeys(content.addressees))


def _origin(sender: str, place: str) -> str:
    """Return the origin: the post, if the sender is one and the dateline names its place; else the sender."""
    kind = _KIND.match(sender)
    if kind and place and identifiers.post(f"{kind[1]} {place}") in stations():
        return f"{kind[1]} {place}"
    return sender


def _classified(source: str) -> tuple[str, list[str]]:
    """Return the classification that a document had, and its precedence, as the note on its source says."""
    match = _SOURCE_LEVEL.search(source)
    if match is None:
        return "UNCLASSIFIED", []
    level = _IN_FULL.get(match[1].upper(), match[1].upper())
    handling = match[2]
    controls = dict.fromkeys(control.upper() for control in _CONTROL.findall(handling))
    return "//".join([level, *controls]), [word.upper() for word in _PRECEDENCE.findall(handling)]


def _date(content: _Content) -> str | None:
    """Return the date of the dateline, or that of the division if it says more or there is no other."""
    for text in (content.date, content.values.get("doc-dateTime-min", "")):
        day = _DATE.fullmatch(text)
        if day is None:
            continue
        try:
            date = dt.datetime(int(day[1]), int(day[2]), int(day[3]), int(day[4] or 0), int(day[5] or 0))
        except ValueError:
            continue
        if day[6] and day[6] != "Z" and (date.hour or date.minute):
            hours, minutes = int(day[6][1:3]), int(day[6][4:])
            date -= dt.timedelta(hours=hours, minutes=minutes) * (-1 if day[6][0] == "-" else 1)
        return f"{date:%Y-%m-%dT%H:%M}" if date.year >= 1000 else None
    return None


def _references(targets: list[str], volume: str) -> list[str]:
    """Return the ids of the documents to which a document refers."""
    pairs = (target.split("#", 1) for target in targets)
    return list(dict.fromkeys(identifiers.cable_id(f"{named or volume}{document}") for named, document in pairs))
