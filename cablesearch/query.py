"""The query language: from what a person types to a Whoosh query tree, with errors that help.

Whoosh's parser reads the structure. Before it, a checking pass finds what Whoosh would pass over in silence
(unbalanced quotes, unknown fields, impossible dates ...), points at the place, and puts every word and value in
quotes, so that Whoosh's parser takes it for nothing else. After it, prefixes, patterns and misspelt words are sent
to the unstemmed words.
"""

from __future__ import annotations

import difflib
import itertools
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from dataclasses import field as of_default
from functools import cache
from typing import Any, NamedTuple

from whoosh import qparser
from whoosh import query as q
from whoosh.qparser.common import attach

from cablesearch.engine.fields import Text
from cablesearch.errors import QueryError
from cablesearch.field_types import LONGEST_PATTERN, parse_period
from cablesearch.schema import BARE_FIELDS, BARE_FIELDS_OF_CABLE, WEIGHTS, query_schema
from cablesearch.text.analysis import fold, split

__all__ = ["FIELDS", "Bounds", "any_word", "both", "filters", "parse", "plain_words"]

FIELDS = {
    "text": "text",
    "exact": "exact",
    "subject": "subject",
    "heading": "heading",
    "section": "heading",
    "envelope": "envelope",
    "header": "header",
    "recipient": "recipient",
    "to": "recipient",
    "signature": "signature",
    "signed": "signature",
    "classified_by": "classified_by",
    "tag": "tag",
    "tags": "tag",
    "origin": "origin",
    "post": "origin",
    "from": "origin",
    "class": "class",
    "classification": "class",
    "control": "control",
    "marking": "marking",
    "date": "date",
    "id": "id",
    "cable": "id",
    "ref": "ref",
    "refs": "ref",
    "references": "ref",
    "number": "number",
    "paragraph": "number",
    "position": "position",
}
"""The field names that a query may use, and the fields of the schema that they mean."""

_MAX_LENGTH = 20_000
_MAX_WORDS = 1_000
_MAX_BRACKETS = 50
_MAX_DEPTH = 100
"""The depth of a query: a pair of brackets counts 1, and 1 more for each kind of operator that stands right inside.
Reading and executing a query take about five of Python's frames for each; a program may be 300 deep already."""
_MAX_DISTANCE = 2
_MAX_FUZZY = 60
"""Letters of a fuzzy word; the engine compares words of 64."""
_MAX_VALUE = 1_000
_MAX_PATTERNS = 50
_MAX_BOOST = 10_000
"""What boosts may multiply to, and 1 over the least that they may."""
_EXPANDS = re.compile(r"^[^\"]*[*?~]")

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
    | (?P<open>[-+]?(?:(?P<group>[^\W\d]\w*):)?\()
    | (?P<close>\)(?:\^[^\s()]*)?)
    | (?P<sign>[-+])?(?:(?P<field>[^\W\d]\w*):)?(?:
        (?P<quote>["“”])(?P<phrase>[^"“”]*)(?P<unquote>["“”])?(?P<after>(?:[~^][^\s()"“”~^]*)*)
        | (?P<range>[\[{][^\[\]{}"“”]*[\]}]?)
        | (?P<word>[^\s()"“”]+)
        | (?P<nothing>)
    )
    """,
    re.VERBOSE,
)
_INFIX = ("AND", "OR", "ANDNOT", "ANDMAYBE", "REQUIRE")
_TIGHT = ("ANDNOT", "ANDMAYBE", "REQUIRE")
"""The operators that take their neighbours before NOT, AND and OR do."""
_SUFFIX = re.compile(r"^(?P<body>.*?)(?P<fuzzy>~[0-9/]*)?(?P<boost>\^[^^~]*)?$", re.DOTALL)


class _Piece(NamedTuple):
    """A part of the query as Whoosh gets it. ``kind``: open, close, infix, not, or operand."""

    kind: str
    text: str
    start: int


class _Chain:
    """Operands of one operator in a row: the first, and what follows joined, so that a chain is as deep as a pair.

    Whoosh nests the pairs of a chain, and builds each part of a pair twice, and so 2**n times at depth n.
    """

    nodes: list[Any]
    qclass: Any
    merging = True
    following: Any = q.Or

    def query(self, parser: qparser.QueryParser) -> q.Query:
        first, *rest = [part for node in self.nodes if (part := node.query(parser))] or [q.NullQuery]
        if rest:
            first = self.qclass(first, self.following(rest) if len(rest) > 1 else rest[0])
        whole: q.Query = attach(first, self)
        return whole


class _AndNotGroup(_Chain, qparser.syntax.AndNotGroup):
    """``a ANDNOT b ANDNOT c``: a, and neither b nor c."""


class _AndMaybeGroup(_Chain, qparser.syntax.AndMaybeGroup):
    """``a ANDMAYBE b ANDMAYBE c``: a, and b and c count."""


class _RequireGroup(_Chain, qparser.syntax.RequireGroup):
    """``a REQUIRE b REQUIRE c``: a, where b and c are, too."""

    following = q.And


class _AnyField(qparser.syntax.GroupNode):
    """One word in several fields. Not Whoosh's OrGroup, into which a neighbouring OR would merge, boosts and all."""

    qclass = q.Or


class Bounds:
    """Counts what a query and the options beside it contain, and refuses more than may be asked at once."""

    def __init__(self) -> None:
        self._letters = self._words = self._patterns = 0

    def add_text(self, text: str, start: int = 0) -> None:
        """Count the characters of ``text`` from ``start``, as they are once folded: signs may unfold to many letters.

        Raises:
            QueryError: there are more than `_MAX_LENGTH`.
        """
        room = _MAX_LENGTH - self._letters
        part = text[start : start + room + 1]
        self._letters += len(part) if part.isascii() else len(fold(part))
        if self._letters > _MAX_LENGTH:
            ends = itertools.accumulate(max(1, len(fold(char))) for char in part)
            place = next((number for number, end in enumerate(ends) if end > room), len(part))
            raise QueryError(text, start + place, f"the query is longer than {_MAX_LENGTH:,} characters", "Shorten it.")

    def add(self, text: str, start: int, value: str, *, pattern: bool) -> None:
        """Count the words of a value (1 if there are none), and whether it is a pattern or a fuzzy word.

        Raises:
            QueryError: there are more than `_MAX_WORDS` words or `_MAX_PATTERNS` patterns; says that it is at ``start``
                of ``text``.
        """
        self._words += max(1, len(split(value, True)[0]))
        if self._words > _MAX_WORDS:
            raise QueryError(text, start, f"the query has more than {_MAX_WORDS:,} words", "Shorten it.")
        self._patterns += pattern
        if self._patterns > _MAX_PATTERNS:
            what = f"the query has more than {_MAX_PATTERNS} patterns and fuzzy words"
            raise QueryError(text, start, what, "Each looks through all words there are; use fewer.")


def parse(text: str, *, by_cable: bool = False, bounds: Bounds | None = None) -> q.Query:
    """Read a query.

    Args:
        text: what the person typed; see docs/query-language.md.
        by_cable: whether it is asked of cables as wholes, so that words are looked for in the envelope too.
        bounds: counts what is asked at once, if that is more than this query.

    Raises:
        QueryError: it cannot be read; says where and what would be right.
    """
    bounds = bounds or Bounds()
    bounds.add_text(text)
    pieces = list(_check(text, bounds))
    _check_order(text, pieces)
    _check_levels(text, pieces)
    if not any(piece.kind == "operand" for piece in pieces):
        raise QueryError(text, 0, "there is no word in the query", 'Write some, such as: "labor trafficking" tag:PHUM')
    rewritten = " ".join(_texts(pieces)).replace("( ", "(").replace(" )", ")")
    return _to_unstemmed(_parser(by_cable).parse(rewritten))


def _texts(pieces: Sequence[_Piece]) -> Iterator[str]:
    """The parts as Whoosh gets them. A NOT behind an operator that binds more tightly than it gets brackets of its own;
    Whoosh would take the NOT alone for what stands on that side of the operator."""
    depth = 0
    closing: list[int] = []
    before: _Piece | None = None
    for piece in pieces:
        if piece.kind == "not" and before and before.text in _TIGHT:
            yield "("
            closing.append(depth)
        yield piece.text
        depth += (piece.kind == "open") - (piece.kind == "close")
        if piece.kind in {"operand", "close"} and closing[-1:] == [depth]:
            yield ")"
            closing.pop()
        before = piece


@cache
def _parser(by_cable: bool) -> qparser.QueryParser:
    fields = list(BARE_FIELDS_OF_CABLE if by_cable else BARE_FIELDS)
    plugins: list[Any] = [
        qparser.PhrasePlugin(),
        qparser.WildcardPlugin(),
        qparser.EveryPlugin(),
        # Whoosh's own expression reads on to the end of the word from each of its letters.
        qparser.FieldsPlugin(r"(?P<text>[a-z_]{1,20}):"),
        qparser.RangePlugin(),
        qparser.GroupPlugin(),
        _operators(),
        qparser.BoostPlugin(),
        qparser.FuzzyTermPlugin(),
        qparser.MultifieldPlugin(fields, {field: WEIGHTS[field] for field in fields}, _AnyField),
    ]
    return qparser.QueryParser(
        None,
        query_schema(),
        plugins=plugins,
    )


def _operators() -> Any:
    tagger: Any = qparser.OperatorsPlugin.OpTagger
    ours = [("ANDNOT", _AndNotGroup), ("ANDMAYBE", _AndMaybeGroup), ("REQUIRE", _RequireGroup)]
    ops = [(tagger(rf"(?<=\s){name}(?=\s)", group), -5) for name, group in ours]
    return qparser.OperatorsPlugin(ops, AndNot=None, AndMaybe=None, Require=None)


def _check(text: str, bounds: Bounds) -> Iterator[_Piece]:
    """Check the parts of a query one by one, and rewrite each."""
    depth: list[int] = []
    fields: list[str | None] = [None]
    for found in _TOKEN.finditer(text):
        start = found.start()
        if found["space"] or not found[0]:
            continue
        if opening := found["open"]:
            depth.append(start)
            fields.append(
                _known(text, found["group"], found.start("group"), found[0]) if found["group"] else fields[-1]
            )
            if len(depth) > _MAX_BRACKETS:
                raise QueryError(text, start, f"brackets are nested more than {_MAX_BRACKETS} deep", "Use fewer.")
            if opening[0] == "-":
                yield _Piece("not", "NOT", start)
            yield _Piece("open", "(", start)
        elif found["close"]:
            if not depth:
                raise QueryError(text, start, "this bracket closes none", "Open one before it, or remove it.")
            depth.pop()
            fields.pop()
            yield _Piece("close", ")" + _boost(text, found[0][1:], start + 1), start)
        else:
            pieces = list(_check_operand(text, found, fields[-1]))
            pattern = any(piece.kind == "operand" and _EXPANDS.search(piece.text) for piece in pieces)
            value = found["phrase"] or found["range"] or (found["word"] or "").partition("^")[0]
            bounds.add(text, start, value, pattern=pattern)
            yield from pieces
    if depth:
        raise QueryError(text, depth[-1], "this bracket is not closed", "Add ) where it should end.")


def _check_operand(text: str, found: re.Match[str], field: str | None) -> Iterator[_Piece]:
    start, name = found.start(), found["field"]
    word = found["word"]
    if word in _INFIX and not name and not found["sign"]:
        yield _Piece("infix", word, start)
        return
    if word == "NOT" and not name and not found["sign"]:
        yield _Piece("not", "NOT", start)
        return
    if name:
        field = _known(text, name, found.start("field"), found[0])
    if field:
        operand = _fielded(text, found, field)
    elif found["range"] is not None:
        raise QueryError(
            text, found.start("range"), "a range needs a field", "Write date:[2009 to 2010], or quotes for brackets."
        )
    elif found["quote"]:
        operand = _phrase(text, found)
    else:
        operand = _word(text, word or "", found.start("word") if word else start)
    if operand is None:
        return
    if found["sign"] == "-":
        yield _Piece("not", "NOT", start)
    yield _Piece("operand", operand, start)


def _known(text: str, name: str, start: int, whole: str) -> str:
    """The field of the schema that a query's field name means."""
    field = FIELDS.get(name.lower())
    if field is None:
        near = difflib.get_close_matches(name.lower(), FIELDS, 1)
        guess = f" Did you mean {near[0]}: ?" if near else ""
        phrase = whole.strip("+-(").replace('"', "")
        raise QueryError(
            text,
            start,
            f"there is no field {name!r}",
            f"The fields are {', '.join(dict.fromkeys(FIELDS.values()))}.{guess}\n"
            f'To search for the words themselves, use quotes: "{phrase}"',
        )
    return field


def _fielded(text: str, found: re.Match[str], field: str) -> str | None:
    at = found.end("field") + 1 if found["field"] else found.start()
    if found["nothing"] is not None:
        raise QueryError(
            text, at, f"{field}: is followed by nothing", f"Write the value right behind it: {field}:value"
        )
    if found["range"] and found["range"][-1] not in "]}":
        raise QueryError(text, at, "this range is not closed", f"Write {field}:[first to last]")
    if found["range"] and len(found["range"]) > _MAX_VALUE:
        raise QueryError(text, at, f"this range is longer than {_MAX_VALUE:,} characters", "Shorten it.")
    if isinstance(query_schema()[field], Text):
        return _fielded_words(text, found, field, at)
    value = found["phrase"] if found["quote"] else found["range"] or found["word"]
    if found["quote"]:
        _closed(text, found)
        boost = _boost(text, found["after"], found.start("after"))
    elif found["range"]:
        boost = ""
    else:
        value, _, after = value.partition("^")
        boost = _boost(text, "^" + after, at + len(value)) if "^" in found["word"] else ""
    try:
        _value(field, value)
    except ValueError as error:
        raise QueryError(text, at, str(error), f"For example: {_EXAMPLES.get(field, field + ':value')}") from None
    return f'{field}:"{value}"{boost}'


def _value(field: str, value: str) -> q.Query:
    """What a value of a field that is no text asks for.

    Raises:
        ValueError: it cannot be read.
    """
    if len(value) > _MAX_VALUE:
        raise ValueError(f"a value of {field} has at most {_MAX_VALUE:,} characters")
    return query_schema()[field].parse_query(field, value)


_EXAMPLES = {
    "tag": 'tag:PHUM or tag:"CLINTON, HILLARY"',
    "origin": 'origin:beijing or origin:"hong kong"',
    "class": "class:SECRET or class:>=CONFIDENTIAL",
    "control": "control:NOFORN",
    "marking": "marking:C/NF",
    "date": "date:2009, date:2009-11..2010-02 or date:[2009 to 2010]",
    "id": "id:10BEIJING30",
    "ref": "ref:09STATE1234",
    "number": "number:4 or number:2..5",
    "position": "position:1",
}


def _fielded_words(text: str, found: re.Match[str], field: str, at: int) -> str | None:
    if found["range"]:
        bounds = re.fullmatch(r"([\[{])\s*(\S*)\s+to\s+(\S*?)\s*([\]}])", found["range"], re.IGNORECASE)
        ends = [fold(bounds[2]), fold(bounds[3])] if bounds else []
        if not bounds or not any(ends) or not all(end.isalnum() for end in ends if end):
            raise QueryError(text, at, "this range of words cannot be read", f"Write {field}:[first to last]")
        start, end = (f"{end} " if end else "" for end in ends)
        return f"{_unstemmed(field)}:{bounds[1]}{start}to {end.strip()}{bounds[4]}"
    operand = _phrase(text, found) if found["quote"] else _word(text, found["word"], at)
    if operand is None or operand == "*:*":
        if operand is None:
            raise QueryError(text, at, "there is no word here", f"Write {field}:word")
        return f"{field}:*"
    return f"{field}:{operand}"


def _closed(text: str, found: re.Match[str]) -> None:
    if not found["unquote"]:
        raise QueryError(text, found.start("quote"), "this quote is not closed", 'Add " where the phrase ends.')


def _phrase(text: str, found: re.Match[str]) -> str | None:
    _closed(text, found)
    phrase, start = found["phrase"], found.start("phrase")
    if wild := re.search(r"\w\*|\w\?\w", phrase):
        raise QueryError(
            text,
            start + wild.start() + 1,
            "wildcards do not work inside quotes",
            "Write the pattern as a word of its own, without quotes.",
        )
    if not split(phrase, True)[0]:
        raise QueryError(text, start, "there is no word between these quotes", "Write some, or remove the quotes.")
    suffix = _SUFFIX.match(found["after"])
    assert suffix is not None
    slop = suffix["fuzzy"] or ""
    if (suffix["body"] or slop) and (suffix["body"] or not re.fullmatch(r"~[1-9][0-9]{0,4}", slop)):
        raise QueryError(
            text,
            found.start("after"),
            "the distance between the words of a phrase is a number",
            'For example "labor trafficking"~5: each word at most 5 after the one before.',
        )
    words = _quoted(phrase)
    boost = _boost(text, suffix["boost"] or "", found.start("after"))
    return words + (slop if " " in words else "") + boost


def _word(text: str, word: str, start: int) -> str | None:
    """A word as Whoosh gets it; None when it has neither letter nor digit and so means nothing."""
    suffix = _SUFFIX.match(word)
    assert suffix is not None
    body, fuzzy = suffix["body"], suffix["fuzzy"]
    boost = _boost(text, suffix["boost"] or "", start + len(word) - len(suffix["boost"] or ""))
    if body and set(body) <= {"*"}:
        return "*:*" + boost
    if "[" in body or "]" in body:
        body = re.sub(r"[\[\]]", " ", body).strip()
    if "*" in body or re.search(r"\w\?\w|^\?+\w", body):
        pattern = _pattern(body)
        if not any(map(str.isalnum, pattern)):
            raise QueryError(text, start, "a pattern needs a letter or a digit", "For example negotiat* or wom?n")
        if fuzzy:
            raise QueryError(text, start + len(body), "a pattern cannot be fuzzy too", "Leave out the ~ or the * and ?")
        if len(pattern) > LONGEST_PATTERN:
            raise QueryError(text, start, f"a pattern has at most {LONGEST_PATTERN} letters", "Shorten it.")
        return pattern + boost
    words = split(body, True)[0]
    if not words:
        return None
    if fuzzy is None:
        return _quoted(body) + boost
    distance = re.fullmatch(r"~([0-9]?)(?:/([0-9]{1,2}))?", fuzzy)
    if not distance or int(distance[1] or 1) > _MAX_DISTANCE:
        raise QueryError(
            text,
            start + len(body),
            f"a fuzzy word may differ in 1 or {_MAX_DISTANCE} letters",
            "For example karzay~1 or mussaraf~2",
        )
    if len(words) > 1:
        raise QueryError(text, start, "only a single word can be fuzzy", f"For example {words[0]}~1")
    if len(words[0]) > _MAX_FUZZY:
        raise QueryError(
            text, start, f"a fuzzy word has at most {_MAX_FUZZY} letters", "Leave out the ~, or shorten it."
        )
    return f"{words[0]}{fuzzy}{boost}"


def _pattern(body: str) -> str:
    """A pattern as the unstemmed words are spelt: folded, without the signs that words are indexed without."""
    folded = re.sub(r"'s$", "", fold(body))
    return "".join(char for char in folded if char.isalnum() or char in "*?")


def _quoted(text: str) -> str:
    """Words as Whoosh takes them for nothing else: one as it is, several in quotes."""
    words = split(text, True)[0]
    return words[0] if len(words) == 1 else '"' + " ".join(words) + '"'


def _boost(text: str, boost: str, at: int) -> str:
    """``^2`` checked, or nothing."""
    if not boost:
        return ""
    if not re.fullmatch(r"\^(?:[0-9]{1,4}(?:\.[0-9]{1,4})?|\.[0-9]{1,4})", boost):
        raise QueryError(text, at, "a boost is a number", "For example china^2")
    return boost


def _check_order(text: str, pieces: Sequence[_Piece]) -> None:
    """Check that every operator has what it needs on both sides, and every pair of brackets something inside."""
    before = _Piece("start", "", 0)
    for piece in [*pieces, _Piece("end", "", len(text))]:
        waiting = before.kind in {"infix", "not"}
        if piece.kind in {"close", "end", "infix"} and waiting:
            raise QueryError(
                text, before.start, f"{before.text} is followed by nothing", "Write a word behind it, or quote it."
            )
        if piece.kind == "infix" and before.kind in {"start", "open"}:
            raise QueryError(
                text, piece.start, f"{piece.text} has nothing before it", "Write a word before it, or quote it."
            )
        if piece.kind == "close" and before.kind == "open":
            raise QueryError(text, before.start, "there is nothing in these brackets", "Fill or remove them.")
        before = piece


@dataclass
class _Level:
    """What stands within one pair of brackets: the depth of the deepest part, the kinds of operators between the parts,
    and the largest and the least boost of any (0 aside)."""

    depth: int = 0
    operators: set[str] = of_default(default_factory=set)
    largest: float = 0.0
    least: float = math.inf


def _check_levels(text: str, pieces: Sequence[_Piece]) -> None:
    """Check how deep the query's tree is, and what boosts within boosts multiply to.

    Raises:
        QueryError: the tree is deeper than `_MAX_DEPTH`, or a product is more than `_MAX_BOOST` or less than 1 over it.
    """
    if all(piece.kind not in {"open", "close"} and "^" not in piece.text for piece in pieces):
        # Nothing nests, and nothing multiplies.
        return
    levels = [_Level()]
    before = ""
    for piece in pieces:
        if before in {"operand", "close"} and piece.kind not in {"infix", "close"}:
            levels[-1].operators.add("AND")
        before = piece.kind
        if piece.kind == "open":
            levels.append(_Level())
            continue
        if piece.kind in {"infix", "not"}:
            levels[-1].operators.add(piece.text)
        else:
            inner = levels.pop() if piece.kind == "close" else _Level(-1, largest=1.0, least=1.0)
            match = _BOOST.search(piece.text)
            boost = float(match[1]) if match else 1.0
            level = levels[-1]
            level.depth = max(level.depth, inner.depth + len(inner.operators) + 1)
            level.largest = max(level.largest, inner.largest * boost)
            level.least = min(level.least, inner.least * boost or math.inf)
            # 0.01 * 0.01 is a little more or less than 0.0001.
            if level.largest > _MAX_BOOST * _ALMOST or level.least * _ALMOST < 1 / _MAX_BOOST:
                raise QueryError(
                    text,
                    piece.start,
                    f"the boosts multiply to more than {_MAX_BOOST:,} or less than {1 / _MAX_BOOST}",
                    "A boost of brackets multiplies those inside; use smaller ones.",
                )
        if levels[-1].depth + len(levels[-1].operators) > _MAX_DEPTH:
            raise QueryError(
                text,
                piece.start,
                f"operators and brackets are nested more than {_MAX_DEPTH} deep",
                "Use fewer brackets, or fewer kinds of operators inside of them.",
            )


_BOOST = re.compile(r"\^([0-9.]+)$")
_ALMOST = 1 + 1e-9


def _unstemmed(field: str) -> str:
    return getattr(query_schema()[field], "unstemmed", None) or field


def _to_unstemmed(tree: q.Query) -> q.Query:
    def turn(query: q.Query) -> q.Query:
        if isinstance(query, (q.Prefix, q.Wildcard, q.FuzzyTerm)):
            field = query_schema()[query.fieldname]
            if isinstance(field, Text):
                query.fieldname = _unstemmed(query.fieldname)
        return query

    return tree.accept(turn)


# Queries made of options


def filters(
    *,
    tags: Sequence[str] = (),
    origins: Sequence[str] = (),
    classifications: Sequence[str] = (),
    since: str | None = None,
    until: str | None = None,
    bounds: Bounds | None = None,
) -> q.Query | None:
    """What the options of a search ask for: every tag, any of the origins, any of the levels, a period; ``bounds``
    counts what is asked at once, if that is more than these.

    Raises:
        QueryError: a value cannot be read.
    """
    bounds = bounds or Bounds()
    parts: list[q.Query] = [_option("--tag", "tag", tag, bounds) for tag in tags]
    for option, field, values in (("--origin", "origin", origins), ("--classification", "class", classifications)):
        if values:
            parts.append(q.Or([_option(option, field, value, bounds) for value in values]))
    first = _moment("--since", since, bounds)[0] if since is not None else None
    last = _moment("--until", until, bounds)[1] if until is not None else None
    if since and first is not None and last is not None and first > last:
        raise QueryError(f"--since {since}", len("--since "), f"--since {since} is after --until {until}", "Swap them.")
    if first is not None or last is not None:
        parts.append(q.NumericRange("date", first, last))
    return q.And(parts) if parts else None


def _option(option: str, field: str, value: str, bounds: Bounds) -> q.Query:
    text, start = f"{option} {value}", len(option) + 1
    bounds.add_text(text, start)
    bounds.add(text, start, value, pattern=_EXPANDS.search(value) is not None)
    try:
        return _value(field, value)
    except ValueError as error:
        raise QueryError(text, start, str(error), f"For example: {_EXAMPLES[field]}") from None


def _moment(option: str, value: str, bounds: Bounds) -> tuple[int, int]:
    bounds.add_text(f"{option} {value}", len(option) + 1)
    try:
        return parse_period(value)
    except ValueError as error:
        raise QueryError(f"{option} {value}", len(option) + 1, str(error), f"For example: {option} 2009-11") from None


def both(query: q.Query | None, condition: q.Query | None) -> q.Query:
    """A query under a condition that does not count for the score; everything when there is neither."""
    if condition is None:
        return query or q.Every()
    return q.And([query or q.Every(boost=0.0), q.ConstantScoreQuery(condition, 0.0)])


def any_word(query: q.Query) -> q.Query:
    """The query with OR wherever it has AND between what it wants; what it excludes stays excluded."""
    if not isinstance(query, q.And):
        return query
    wanted = [one for one in query.subqueries if not isinstance(one, q.Not)]
    unwanted = [one for one in query.subqueries if isinstance(one, q.Not)]
    return q.And([q.Or(wanted), *unwanted]) if unwanted else q.Or(wanted)


def plain_words(text: str) -> list[tuple[str, int, int]]:
    """The words of a query that stand for themselves, in no field and no pattern: (word, start, end)."""
    found = []
    for token in _TOKEN.finditer(text):
        word = token["word"]
        if not word or token["field"] or word in {*_INFIX, "NOT"} or token["sign"] == "-":
            continue
        if word.isalpha():
            found.append((word, *token.span("word")))
    return found
