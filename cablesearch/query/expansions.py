"""Parts of a query that are looked up in other ways to write them too: acronyms and synonyms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from whoosh import query as q

from cablesearch.protocols.queries import InDocument
from cablesearch.query.fields import FIELDS, MISSING, Target
from cablesearch.query.operands import words_query
from cablesearch.query.operators import NEAR, NOT, OPERATORS, operator_of
from cablesearch.query.tokens import NEGATING, tokens
from cablesearch.query.trees import scaled
from cablesearch.schema.index_fields import query_schema
from cablesearch.text.folding import without_unseen

__all__ = ["Alternative", "Group", "Written", "expanded", "runs"]

_BOOSTED = re.compile(r"(?P<body>[^~^]+)(?:\^[0-9.]+)?")
_NO_PHRASE = re.compile(r"[~*?]")


class Alternative(NamedTuple):
    """Another way to write a part of a query.

    Attributes:
        text: the words.
        is_short: whether it is an acronym: a word as it is written, and not in any form.
        is_ordinary: whether the acronym in small letters is a word of every text (*who*). It counts only where a text
            has small letters too, which shows that the acronym is meant.
    """

    text: str
    is_short: bool = False
    is_ordinary: bool = False


class Group(NamedTuple):
    """The part of a query from ``start`` to ``end`` (which begins and ends with tokens), and its alternatives."""

    start: int
    end: int
    alternatives: Sequence[Alternative]


class Written(NamedTuple):
    """A word or phrase of a query that may have alternatives, from ``start`` to ``end``."""

    text: str
    start: int
    end: int
    is_phrase: bool = False
    is_boosted: bool = False


def runs(text: str, *, any_word: bool) -> Iterator[list[Written]]:
    """Yield the words and phrases of a query that may have alternatives, from left to right: words between which there
    is nothing but AND together, everything else alone.

    These are plain words and phrases in any field or in ``text:``, without wildcards, ``~``, NEAR beside them, or NOT
    before them or their brackets. Brackets could be put around those that are yielded together without
    changing the query.

    Args:
        text: a query, valid or not.
        any_word: whether nothing between two operands means OR, which binds less closely than AND.
    """
    near = _near_parts(text)
    for run in _runs(text, any_word):
        kept = [written for written in run if not any(start <= written.start < end for start, end in near)]
        yield from _runs_of(kept)


def _near_parts(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) of the words, phrases and brackets of a query that stand beside NEAR/5 and the like."""
    parts: list[tuple[int, int]] = []
    last = (0, 0)
    is_near = False
    levels: list[tuple[int, bool]] = []
    for token in tokens(without_unseen(text)) if "/" in text or "／" in text else ():
        if token["open"]:
            levels.append((token.start(), is_near))
            is_near = False
            continue
        if operator_of(token) == NEAR:
            parts.append(last)
            is_near = True
            continue
        if token["close"] and levels:
            start, is_near = levels.pop()
            last = start, token.end()
        elif token[0] and not operator_of(token):
            last = token.span()
        else:
            continue
        if is_near:
            parts.append(last)
        is_near = False
    return parts


def _runs(text: str, any_word: bool) -> Iterator[list[Written]]:
    """Yield what `runs` yields, and what is beside NEAR."""
    tight = frozenset([NEAR, *OPERATORS]) - ({"OR"} if any_word else {"OR", "AND"})
    run: list[Written] = []
    levels: list[tuple[bool, bool]] = [(True, False)]
    is_bound = excluding = False
    for token in tokens(without_unseen(text)):
        is_text, is_excluded = levels[-1]
        operator = operator_of(token)
        if operator == "AND" and not any_word:
            continue
        if operator or token["open"] or token["close"]:
            # The last word belongs to a tight operator.
            last = run.pop() if operator in tight and run else None
            yield from _runs_of(run)
            yield from [[last]] if last else ()
            run = []
        if operator:
            is_bound, excluding = operator in tight or operator == NOT, operator in (NOT, "ANDNOT")
            continue
        if token["open"]:
            signed = (token["negated"] or "+") in NEGATING
            levels.append((_is_text(token["group"], is_text), is_excluded or excluding or signed))
        elif token["close"]:
            if len(levels) > 1:
                levels.pop()
        elif token[0]:
            signed = (token["sign"] or "+") in NEGATING
            written = _written(token) if _is_text(token["field"], is_text) else None
            if written is None or is_excluded or excluding or signed:
                yield from _runs_of(run)
                run = []
            elif is_bound or written.is_phrase or written.is_boosted or token["field"]:
                yield from _runs_of(run)
                run = []
                yield [written]
            else:
                run.append(written)
        is_bound = excluding = False
    yield from _runs_of(run)


def _runs_of(run: list[Written]) -> Iterator[list[Written]]:
    if run:
        yield run


def _is_text(name: str | None, outer: bool) -> bool:
    """Return whether a field is ``text``, or whether what is around is, if there is no field."""
    if not name:
        return outer
    return name.lower() != MISSING and FIELDS.get(name.lower()) == "text"


def _written(token: re.Match[str]) -> Written | None:
    """Return the word or phrase of a token; None for everything else, such as patterns."""
    start, end = token.span()
    if token["quote"]:
        if not token["unquote"] or "~" in token["after"] or _NO_PHRASE.search(token["phrase"]):
            return None
        return Written(token["phrase"], start, end, is_phrase=True)
    word = token["word"] or ""
    if word.isalnum():
        return Written(word, start, end)
    match = _BOOSTED.fullmatch(word)
    if match is None or _NO_PHRASE.search(match["body"]) or not any(map(str.isalnum, match["body"])):
        return None
    return Written(match["body"], start, end, is_boosted=match["body"] != match[0])


def expanded(query: q.Query, boost: float, group: Group, targets: tuple[Target, ...]) -> q.Query:
    """Return the query for a part of a query or its alternatives; the best of them counts for the score.

    Args:
        query: the query of the part.
        boost: its boost.
        group: the part.
        targets: where its words are searched.
    """
    ways = [query]
    for alternative in group.alternatives:
        if alternative.is_short:
            ways.append(_acronym(alternative, targets, boost))
        else:
            ways.append(scaled(words_query(alternative.text, targets), boost))
    return q.DisjunctionMax(ways)


def _acronym(alternative: Alternative, targets: tuple[Target, ...], boost: float) -> q.Query:
    """Return the query for an acronym: in the text as ``case:TIP``, elsewhere, where capitals say little, as a word."""
    # Most searches do not need it.
    from cablesearch.text.cased import CAPITALS

    text = alternative.text
    spelt = query_schema()["case"].parse_query("case", text)
    if alternative.is_ordinary:
        return InDocument(q.And([spelt, q.Not(q.Term("case", CAPITALS))], boost=boost))
    words = tuple(
        target._replace(field=target.unstemmed, normalise=None) for target in targets if target.field != "text"
    )
    return q.Or([spelt, words_query(text, words)] if words else [spelt], boost=boost)
