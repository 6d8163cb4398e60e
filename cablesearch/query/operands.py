"""Read the operands of a query: words, phrases, patterns, ranges, values of fields."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from whoosh import query as q

from cablesearch.errors import QueryError
from cablesearch.protocols.queries import Near, Run
from cablesearch.query.bounds import MOST_DISTANCE, MOST_FUZZY_LETTERS, MOST_VALUE_CHARACTERS
from cablesearch.query.fields import (
    CONDITIONAL,
    IS,
    Target,
    bare,
    every,
    example,
    has_ranges,
    is_text,
    known,
    target,
    value,
)
from cablesearch.query.tokens import NEGATING
from cablesearch.schema.field_types import LONGEST_PATTERN
from cablesearch.text.analysis import fold, is_unspaced, joined, spellings, split
from cablesearch.text.caching import compiled_lazily

__all__ = ["Operand", "boost_of", "read_operand", "words_query"]

Token = re.Match[str]

_SUFFIX = re.compile(r"^(?P<body>~*[^~^]*)(?P<fuzzy>~[^^]*)?(?P<boost>\^.*)?$", re.DOTALL)
_AFTER = compiled_lazily(r"^(?P<fuzzy>~[^^]*)?(?P<boost>\^[^~]*)?(?P<rest>.*)$", re.DOTALL)
_BOOST = compiled_lazily(r"\^([0-9]{1,4}(?:\.[0-9]{1,4})?|\.[0-9]{1,4})")
_SLOP = compiled_lazily(r"~(~?)([1-9][0-9]{0,4})")
_FUZZY = compiled_lazily(r"~([0-9]?)(?:/([0-9]{1,2}))?")
_QUESTION = re.compile(r"\w\?\w|^\?+\w")
_LAST_QUESTION = re.compile(r"(?<=\w)\?+$")
_WILD_IN_QUOTES = compiled_lazily(r"\w\*|\w\?\w")
_ADDRESS = compiled_lazily(r"(?<![\w:/.%@-])[\w:/.%@-]*(?:://|\.\w+/)\S*|(?<!\S)\S*\?[\w.-]+=\S*")
"""A web address, in which a question mark is no pattern. A match starts only where its first part can start, which
keeps the search linear."""
_RANGE = compiled_lazily(r"([\[{])\s*(\S*?)\s*(?<![^\s\[{])to(?![^\s\]}])\s*(\S*?)\s*([\]}])", re.IGNORECASE)
_OPEN_END = compiled_lazily(
    r"(?<=[\[{])(\s*)\*(?=\s+to\b)|(?<=\bto)(\s+)\*(?=\s*[\]}])|(?<=\.\.)\*$|^\*(?=\.\.)", re.IGNORECASE
)
"""A star that stands for an end of a range that is left open."""
_COMPARED = compiled_lazily(r"[<>=].*|[\[{].*|.*\.\..*", re.DOTALL)
_COMPARISON = compiled_lazily(r"[<>]=?|=[<>]")
_WILDCARDS = compiled_lazily(r"[*?]+")
_BRACKET = re.compile(r"[\[\]{}]")
_MOST_WAYS = 16
"""The most ways in which the hyphenated words of a phrase are combined."""
_MOST_SPELT = 500
"""The most words that all these ways have together."""


class Operand(NamedTuple):
    """A part of a query without operators, its boost, and whether it scans all words of the archive."""

    query: q.Query
    boost: float = 1.0
    is_pattern: bool = False


def read_operand(text: str, token: Token, field: str | None, by_cable: bool) -> Operand | None:
    """Read a token that is neither bracket nor operator; None when it has neither letter nor digit.

    Args:
        text: the query.
        token: the token of it.
        field: the field of the brackets around it, if they have any.
        by_cable: whether words without a field are searched in the envelope too.

    Raises:
        QueryError: the token is invalid.
    """
    if token["field"]:
        field = known(text, token["field"], token.start("field"), token[0])
    if field:
        return _fielded(text, token, field)
    if token["range"] is not None:
        advice = "Write date:[2009 to 2010], or put brackets that stand for themselves in quotes."
        raise QueryError(text, token.start("range"), "a range needs a field", advice)
    if token["quote"]:
        return _phrase(text, token, bare(by_cable))
    word = token["word"]
    return _word(text, word, token.start("word"), None, bare(by_cable)) if word else None


def boost_of(text: str, written: str, start: int) -> float:
    """Return the number of a boost such as ``^2``; the default is 1.

    Raises:
        QueryError: it is not a number.
    """
    if not written:
        return 1.0
    match = _BOOST().fullmatch(written)
    if not match:
        raise QueryError(text, start, "a boost is a number", "For example: china^2")
    return float(match[1])


def _fielded(text: str, token: Token, field: str) -> Operand | None:
    start = token.end("field") + 1 if token["field"] else token.end("sign") if token["sign"] else token.start()
    if token["nothing"] is not None:
        sample = f"{field}:value" if field in CONDITIONAL else example(field)
        raise QueryError(text, start, f"{field}: is followed by nothing", f"Add a value right after it: {sample}")
    word = token["word"] or ""
    if word[0:1] in tuple(NEGATING) and word[1:2].isalnum():
        advice = f"Write -{token['field'] or field}:{word[1:]}, or put the value in quotes."
        raise QueryError(text, start, "a minus stands before the name of the field", advice)
    if written := token["range"]:
        if written[-1] not in "]}":
            raise QueryError(text, start, "this range is not closed", f"Write {field}:[first to last]")
        if len(written) > MOST_VALUE_CHARACTERS:
            reason = f"this range is longer than {MOST_VALUE_CHARACTERS:,} characters"
            raise QueryError(text, start, reason, "Shorten it.")
    if field in CONDITIONAL:
        return _condition(text, token, field, start)
    if not is_text(field):
        return _value(text, token, field, start)
    if token["range"]:
        return _range(text, token, field, start)
    if token["quote"]:
        return _phrase(text, token, target(field))
    operand = _word(text, token["word"], start, field, target(field))
    if operand is None:
        raise QueryError(text, start, "there is no word here", f"Write {field}:word")
    return operand


def _value(text: str, token: Token, field: str, start: int) -> Operand:
    """Read a value of a field that is not text."""
    written, boost = _written(text, token, field, start)
    if written == "*":
        return Operand(every(field, boost), boost, is_pattern=True)
    if has_ranges(field):
        written = _OPEN_END().sub("", written)
    elif not token["quote"] and _COMPARED().fullmatch(written):
        raise QueryError(text, start, f"{field} has no ranges", f"For example: {example(field)}")
    if field == "in" and (heading := _heading(written, boost)):
        return Operand(heading, boost)
    try:
        return Operand(value(field, written, boost), boost)
    except ValueError as error:
        raise QueryError(text, start, str(error), f"For example: {example(field)}") from None


def _heading(written: str, boost: float) -> q.Query | None:
    """Return the query for the words of a heading; None for what names a kind of part, a pattern or no word."""
    # Few queries need it.
    from cablesearch.vocabulary.parts import kind_named

    if kind_named(written) or _WILDCARDS().search(written) or not split(written, True)[0]:
        return None
    return _words(written, target("heading"), boost)


def _written(text: str, token: Token, field: str, start: int) -> tuple[str, float]:
    """Return a value as it is written, and its boost.

    Raises:
        QueryError: a quote is not closed, the boost is not a number, or the value should be fuzzy.
    """
    if token["quote"]:
        _check_closed(text, token)
        written, sign, place = token["phrase"], token["after"], token.start("after")
        tilde = place if sign.startswith("~") else -1
    elif token["range"]:
        written, sign, place, tilde = token["range"], token["boost"], token.start("boost"), -1
    else:
        written, caret, number = token["word"].partition("^")
        sign, place = caret + number, start + len(written)
        tilde = start + written.find("~") if "~" in written else -1
    if tilde >= 0:
        advice = "Leave out the ~. In many fields * and ? stand for letters: tag:PHU*, id:10BEI*"
        raise QueryError(text, tilde, f"a value of {field} cannot be fuzzy", advice)
    return written, boost_of(text, sign, place)


def _condition(text: str, token: Token, kind: str, start: int) -> Operand:
    """Read the name of a field that has no value, or has one, or of another condition."""
    what, example_of = ("condition", "due") if kind == IS else ("field", "date")
    if token["range"]:
        raise QueryError(text, start, f"{kind}: needs the name of a {what}", f"For example: {kind}:{example_of}")
    name, boost = _written(text, token, kind, start)
    # Few queries need it.
    from cablesearch.query.conditions import condition

    try:
        return Operand(condition(kind, name, boost), boost)
    except ValueError as error:
        raise QueryError(text, start, f"unknown {what} {name!r}", str(error)) from None


def _range(text: str, token: Token, field: str, start: int) -> Operand:
    """Read a range of words."""
    match = _RANGE().fullmatch(_OPEN_END().sub(r"\1\2", token["range"]))
    ends = [fold(match[2]), fold(match[3])] if match else []
    if not match or not any(ends) or not all(end.isalnum() for end in ends if end):
        raise QueryError(text, start, "this range of words cannot be read", f"Write {field}:[first to last]")
    if all(ends) and ends[0] > ends[1]:
        raise QueryError(
            text, start, "this range of words ends before it begins", f"Write {field}:[{match[3]} to {match[2]}]"
        )
    boost = boost_of(text, token["boost"], token.start("boost"))
    first, last = (end or None for end in ends)
    unstemmed = target(field)[0].unstemmed
    return Operand(q.TermRange(unstemmed, first, last, match[1] == "{", match[4] == "}", boost=boost), boost)


def _check_closed(text: str, token: Token) -> None:
    if not token["unquote"]:
        raise QueryError(text, token.start("quote"), "this quote is not closed", 'Add " where the phrase ends.')


def _phrase(text: str, token: Token, targets: tuple[Target, ...]) -> Operand:
    """Read words in quotes."""
    _check_closed(text, token)
    phrase, start = token["phrase"], token.start("phrase")
    addresses = [match.span() for match in _ADDRESS().finditer(phrase)]
    for wild in _WILD_IN_QUOTES().finditer(phrase):
        if "?" in wild[0] and any(first <= wild.start() < last for first, last in addresses):
            continue
        advice = "Write the pattern as a word of its own, without quotes."
        raise QueryError(text, start + wild.start() + 1, "wildcards do not work inside quotes", advice)
    if not split(phrase, True)[0]:
        raise QueryError(text, start, "there are no words between these quotes", "Add some, or remove the quotes.")
    distance, boost, in_any_order = 1, 1.0, False
    if after := token["after"]:
        suffix = _AFTER().match(after)
        assert suffix is not None
        slop = _SLOP().fullmatch(suffix["fuzzy"] or "")
        if suffix["rest"] or (suffix["fuzzy"] and not slop):
            reason = "the distance between the words of a phrase is a number"
            advice = 'For example: "labor trafficking"~5 (in this order), "labor trafficking"~~5 (in any order)'
            raise QueryError(text, token.start("after"), reason, advice)
        distance = int(slop[2]) if slop else 1
        in_any_order = bool(slop and slop[1])
        boost = boost_of(text, suffix["boost"] or "", token.start("after"))
    if in_any_order:
        return Operand(_any_order(phrase, targets, boost, distance), boost)
    return Operand(_words(phrase, targets, boost, distance), boost)


def _word(text: str, word: str, start: int, field: str | None, targets: tuple[Target, ...]) -> Operand | None:
    """Read a word, a pattern, a fuzzy word or ``*``; None when it has neither letter nor digit."""
    if word.isalnum():
        return Operand(_words(word, targets, 1.0))
    if field and (comparison := _COMPARISON().match(word)):
        first = word[comparison.end() :] or "first"
        raise QueryError(
            text, start, "ranges of words are in brackets", f"Write {field}:[{first} to ] or {field}:[ to {first}]"
        )
    suffix = _SUFFIX.match(word)
    assert suffix is not None
    body, fuzzy, boosted = suffix["body"], suffix["fuzzy"], suffix["boost"] or ""
    boost = boost_of(text, boosted, start + len(word) - len(boosted))
    if body and set(body) <= {"*"} and not fuzzy:
        return Operand(every(field, boost) if field else q.Every(None, boost=boost), boost, is_pattern=True)
    if "*" in body and is_unspaced(body.strip("*")):
        # Each character is a word, and such words go on anyway.
        body = body.strip("*")
    if bracket := _BRACKET.search(body):
        plain = _WILDCARDS().sub(" ", body).strip()
        advice = f'They are used only in ranges, such as date:[2009 to 2010]. Put the text in quotes: "{plain}"'
        raise QueryError(text, start + bracket.start(), "a word cannot have such brackets", advice)
    asks = _LAST_QUESTION.search(body)
    is_pattern = "*" in body or (_QUESTION.search(body) and not _ADDRESS().fullmatch(body))
    if (is_pattern or asks) and fuzzy:
        advice = "Leave out the ~, or the * and ?."
        raise QueryError(text, start + len(body), "a pattern cannot be fuzzy too", advice)
    if is_pattern:
        return Operand(_pattern(text, body, start, targets, boost), boost, is_pattern=True)
    words = split(body, True)[0]
    if fuzzy and words:
        return Operand(
            _fuzzy(text, body, words, fuzzy, start, start + len(body), targets, boost), boost, is_pattern=True
        )
    if asks and joined(body):
        # At the end of a word, the mark may end a question, or stand for a letter.
        ways = [_words(body, targets, boost), _pattern(text, body, start, targets, boost)]
        return Operand(q.DisjunctionMax(ways), boost, is_pattern=True)
    return Operand(_words(body, targets, boost), boost) if words else None


def _pattern(text: str, body: str, start: int, targets: tuple[Target, ...], boost: float) -> q.Query:
    """Read a pattern, spelt like the unstemmed words of the index: folded, without signs, and joined at hyphens."""
    if not any(map(str.isalnum, body)):
        raise QueryError(text, start, "a pattern needs a letter or a digit", "For example: negotiat* or wom?n")
    pattern = joined(body)
    if pattern is None:
        raise _several_words(text, body, start)
    if len(pattern) > LONGEST_PATTERN:
        raise QueryError(text, start, f"a pattern can have at most {LONGEST_PATTERN} letters", "Shorten it.")
    if "?" in pattern or "*" in pattern[:-1]:
        return _in_any(targets, boost, lambda target, weight: q.Wildcard(target.unstemmed, pattern, weight))
    return _in_any(targets, boost, lambda target, weight: q.Prefix(target.unstemmed, pattern[:-1], weight))


def _fuzzy(
    text: str, body: str, words: list[str], fuzzy: str, start: int, end: int, targets: tuple[Target, ...], boost: float
) -> q.Query:
    """Read a fuzzy word, which goes from ``start`` to ``end``."""
    match = _FUZZY().fullmatch(fuzzy)
    if not match or int(match[1] or 1) > MOST_DISTANCE:
        advice = "For example: karzay~1 or mussaraf~2"
        raise QueryError(text, end, f"a fuzzy word may differ in 1 or {MOST_DISTANCE} letters", advice)
    if len(words) > 1:
        raise QueryError(text, start, "only a single word can be fuzzy", f"For example: {joined(body) or words[0]}~1")
    if len(words[0]) > MOST_FUZZY_LETTERS:
        reason = f"a fuzzy word can have at most {MOST_FUZZY_LETTERS} letters"
        raise QueryError(text, start, reason, "Leave out the ~, or shorten it.")
    distance, prefix = int(match[1] or 1), int(match[2] or 0)
    return _in_any(
        targets, boost, lambda target, weight: q.FuzzyTerm(target.unstemmed, words[0], weight, distance, prefix)
    )


def _several_words(text: str, body: str, start: int) -> QueryError:
    """Return the error for a pattern in which a sign ends a word: the index has no such words."""
    words = [word for word in re.split(r"[^\w*?]+", body) if word]
    advice = "Leave out the * and ?. Each character of such a text is a word."
    if len(words) > 1:
        phrase = " ".join(word.strip("*?") for word in words)
        advice = f'Search for the words beside each other, {" ".join(words)}, or for a phrase: "{phrase}"'
    return QueryError(text, start, "a pattern is a single word, and signs end words", advice)


def words_query(written: str, targets: tuple[Target, ...]) -> q.Query:
    """Return the query for words that follow each other."""
    return _words(written, targets, 1.0)


def _words(written: str, targets: tuple[Target, ...], boost: float, distance: int = 1) -> q.Query:
    """Return the query for words that follow each other, each at most ``distance`` after the one before.

    Hyphenated words are looked up in parts and joined; the best of these counts for the score.
    """
    ways = _ways(spellings(written))
    if targets[0].field == "name":
        # Most searches ask for no name.
        from cablesearch.names.spelling import other_forms

        forms = [way for form in other_forms(written) for way in _ways(spellings(form))]
        ways = [*ways, *(way for way in forms if way and way not in ways)]

    def leaf(target: Target, words: Sequence[str], weight: float) -> q.Query:
        if len(words) == 1:
            return q.Term(target.field, target.spelt(words[0]), weight)
        return q.Phrase(target.field, list(map(target.spelt, words)), distance, weight)

    def best(target: Target, weight: float) -> q.Query:
        if len(ways) == 1:
            return leaf(target, ways[0], weight)
        return q.DisjunctionMax([leaf(target, words, weight) for words in ways])

    return _in_any(targets, boost, best)


def _any_order(written: str, targets: tuple[Target, ...], boost: float, distance: int) -> q.Query:
    """Return the query for words near each other, in any order.

    A hyphenated word is found in each of its spellings; its parts keep their order, as in a phrase with this distance.
    """
    words = spellings(written)
    if len(words) == 1:
        return _words(written, targets, boost, distance)

    def near(target: Target, weight: float) -> q.Query:
        operands = [[_run(way, target, distance) for way in ways] for ways in words]
        return Near(target.field, operands, distance, weight)

    return _in_any(targets, boost, near)


def _run(words: Sequence[str], target: Target, distance: int) -> Run:
    return Run(tuple(map(target.spelt, words)), distance if len(words) > 1 else 1)


def _are_many(words: Sequence[Sequence[list[str]]]) -> bool:
    """Return whether there are too many ways to write words that follow each other."""
    count = math.prod(map(len, words))
    return count > _MOST_WAYS or (count > 2 and count * len(words) > _MOST_SPELT)


def _ways(words: Sequence[Sequence[list[str]]]) -> list[list[str]]:
    """Return the ways to write words that follow each other, given those of each word (see `spellings`).

    With too many combinations, each hyphenated word is taken in parts or joined; with still too many, all of them are.
    """
    if all(len(ways) == 1 for ways in words):
        return [[part for (way,) in words for part in way]]
    if _are_many(words):
        words = [ways if len(ways) == 1 else [ways[0], ways[-1]] for ways in words]
    if _are_many(words):
        chosen = [[ways[0] for ways in words], [ways[-1] for ways in words]]
    else:
        chosen = [list(choice) for choice in itertools.product(*words)]
    return [list(itertools.chain.from_iterable(choice)) for choice in chosen]


def _in_any(targets: tuple[Target, ...], boost: float, make: Callable[[Target, float], q.Query]) -> q.Query:
    """Return the query for one target, or for any of several, whose scores are added."""
    if len(targets) == 1:
        return make(targets[0], targets[0].weight * boost)
    return q.Or([make(target, target.weight) for target in targets], boost=boost)
