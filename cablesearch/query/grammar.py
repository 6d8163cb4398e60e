"""The grammar of a query, and its parser.

::

    query    = negation { [ operator ] negation }
    negation = { "NOT" | "-" | "!" } near
    near     = operand { proximity operand }
    operand  = [ field ":" ] ( word | phrase | range | "(" query ")" [ boost ] )

`OPERATORS` lists the operators, and which of them bind more closely; nothing between two operands is AND, unless the
caller says otherwise. ``||`` and ``|`` are OR, ``&&`` is AND. A proximity is ``NEAR/5`` and the like.

The text is read once, from left to right. Unfinished parts are kept in a stack of brackets, each with a stack of
operators. There is no recursion: a query of any depth and length is read in the same few frames.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from whoosh import query as q

from cablesearch.errors import QueryError
from cablesearch.query.bounds import LEAST_BOOST, MOST_BOOST, MOST_BRACKETS, MOST_DEPTH, MOST_PLACES, Bounds
from cablesearch.query.fields import FIELDS, bare, has_ranges, known, target, value
from cablesearch.query.operands import boost_of, read_operand
from cablesearch.query.operators import BESIDE, BINDING, NOT, OPERATORS, Proximity, proximity
from cablesearch.query.tokens import MINUS, NEGATING, tokens
from cablesearch.query.trees import negation, phrase_count, scaled
from cablesearch.schema.index_fields import ID_FIELDS
from cablesearch.text.caching import compiled_lazily
from cablesearch.text.folding import without_unseen

if TYPE_CHECKING:
    from cablesearch.query.expansions import Group

__all__ = ["parse"]

Join = Callable[[Sequence[q.Query]], q.Query]
"""Makes one query of two or more."""

_REST_OF_AN_ID = compiled_lazily(r"[^\S\n]+[^\W\d_]{2,}(?:[^\S\n]+[^\W\d_]{2,}){0,3}[^\S\n]+[0-9]{1,7}(?![^\s()])")
_REST_OF_A_RANGE = compiled_lazily(r"[^\S\n]+(?:to|-)[^\S\n]+([^\s()\"]+)", re.IGNORECASE)
_NAME_BEFORE = compiled_lazily(r"(?<!\S)[+-]?(\w+)\s+$")
_LONGEST_NAME = 40
_ALMOST = 1 + 1e-9
"""0.01 * 0.01 is a little more or less than 0.0001."""


class _Chain:
    """Operands near each other.

    Attributes:
        operator, start: the operator as it is written, and its place.
        negations: the NOTs before the first operand.
    """

    __slots__ = ("negations", "operands", "operator", "proximity", "start")

    def __init__(self, first: q.Query, negations: int, proximity: Proximity) -> None:
        self.operands = [first]
        self.negations = negations
        self.proximity = proximity
        self.operator, self.start = "", 0


class _Level:
    """The part of a query read so far within one pair of brackets, or outside of all.

    Attributes:
        chains: operators whose right side is unfinished, with their operands so far; each binds more closely than the
            one before.
        last: an operand that is not yet followed by an operator.
        waiting: an operator that is not yet followed by an operand, and its place.
        alone: the last operand without the NOTs before it, and their number.
        near: the operands near each other of which the last operand is made, or which wait for another.
        depth: the depth of the deepest operand.
        largest, least: the largest and the smallest product of boosts inside, zero excluded.
        beside: joins operands that have no operator between them; None: AND does.
    """

    __slots__ = (
        "alone",
        "beside",
        "chains",
        "depth",
        "field",
        "largest",
        "last",
        "least",
        "near",
        "negations",
        "operators",
        "start",
        "waiting",
    )

    def __init__(self, start: int, field: str | None, beside: Join | None) -> None:
        self.start = start
        self.field = field
        self.beside = beside
        self.chains: list[tuple[str, list[q.Query]]] = []
        self.last: q.Query | None = None
        self.waiting: tuple[str, int] | None = None
        self.alone: tuple[q.Query, int] | None = None
        self.near: _Chain | None = None
        self.negations = 0
        self.operators: set[str] = set()
        self.depth = 0
        self.largest, self.least = 0.0, math.inf

    def begin(self) -> None:
        """Make room for an operand: two in a row are joined."""
        if self.last is not None:
            self.join("AND" if self.beside is None else BESIDE)

    def negate(self) -> None:
        """Note a NOT before the next operand."""
        self.negations += 1
        self.operators.add(NOT)

    def take(self, query: q.Query) -> None:
        """Take a whole operand."""
        self.alone, self.near = (query, self.negations), None
        self.last = negation(query, self.negations)
        self.negations = 0
        self.waiting = None

    def take_near(self, query: q.Query, near: _Chain) -> None:
        """Take the query for all operands of a chain, whose last operand was read."""
        self.last = negation(query, near.negations)
        self.waiting = None

    @property
    def waits_for_near(self) -> bool:
        """Whether the next operand belongs to a chain of operands near each other."""
        return self.near is not None and self.last is None and self.waiting is not None

    def join(self, operator: str) -> None:
        """Put an operator behind the last operand."""
        self.operators.add(operator)
        query = self._reduced(BINDING[operator])
        if self.chains and self.chains[-1][0] == operator:
            self.chains[-1][1].append(query)
        else:
            self.chains.append((operator, [query]))
        self.last = self.near = None

    def whole(self) -> q.Query:
        """Return the query for everything read so far."""
        return self._reduced(0)

    def _reduced(self, binding: int) -> q.Query:
        """Return the last operand joined with those before it whose operators bind more closely than ``binding``."""
        assert self.last is not None
        query = self.last
        while self.chains and BINDING[self.chains[-1][0]] > binding:
            operator, operands = self.chains.pop()
            join = self.beside if operator == BESIDE and self.beside else OPERATORS[operator]
            query = join([*operands, query])
        return query

    @property
    def is_excluded(self) -> bool:
        """Whether the next operand is excluded."""
        return self.negations % 2 == 1 or (self.waiting is not None and self.waiting[0] == "ANDNOT")


class _Parser:
    """The state of reading one query."""

    def __init__(
        self, text: str, by_cable: bool, bounds: Bounds, beside: Join | None, groups: Sequence[Group] = ()
    ) -> None:
        self.text = text
        self.by_cable = by_cable
        self.bounds = bounds
        self.levels = [_Level(0, None, beside)]
        self.groups = {group.start: group for group in groups}
        self.group: Group | None = None

    def run(self) -> q.Query:
        """Read the whole text."""
        for token in tokens(self.text):
            if self.groups:
                self._begin_group(token)
            if token["joint"]:
                self._join("AND" if token["joint"] == "&&" else "OR", token)
            elif token["word"] is not None:
                self._word(token)
            elif token["open"]:
                self._open(token)
            elif token["close"]:
                self._close(token)
            elif token[0]:
                self._operand(token)
            if self.group:
                self._end_group(token)
        level = self.levels[-1]
        if len(self.levels) > 1:
            raise self._error(level.start, "this bracket is not closed", "Add ) where it should end.")
        self._check_complete(level)
        if level.last is None:
            advice = 'For example: "labor trafficking" tag:PHUM'
            raise self._error(0, "the query is empty", advice)
        return level.whole()

    def _error(self, start: int, reason: str, advice: str) -> QueryError:
        return QueryError(self.text, start, reason, advice)

    def _word(self, token: re.Match[str]) -> None:
        """Read a word, which may be an operator."""
        word = token["word"]
        if token["sign"] or token["field"]:
            self._operand(token)
        elif word in OPERATORS:
            self._join(word, token)
        elif word == NOT:
            level, start = self.levels[-1], token.start()
            level.begin()
            self._negate(level, start)
            level.waiting = NOT, start
            self._check_depth(level, start)
            self.bounds.add(self.text, start, NOT)
        elif operator := proximity(word):
            self._near(operator, token)
        else:
            if "/" in word or word.upper() == "AROUND":
                # Few queries need it, here and below.
                from cablesearch.query.near import check_foreign

                check_foreign(self.text, token)
            self._operand(token)

    def _join(self, operator: str, token: re.Match[str]) -> None:
        """Read an operator between two operands."""
        level, start = self.levels[-1], token.start()
        self._check_complete(level)
        if level.last is None:
            advice = "Add a word before it, or put it in quotes."
            raise self._error(start, f"{token[0]} has nothing before it", advice)
        level.join(operator)
        level.waiting = token[0], start
        self._check_depth(level, start)
        self.bounds.add(self.text, start, operator)

    def _near(self, operator: Proximity, token: re.Match[str]) -> None:
        """Read an operator such as NEAR/5 between two operands."""
        from cablesearch.query.near import MOST_OPERANDS

        level, start = self.levels[-1], token.start()
        self._check_complete(level)
        if level.last is None or level.alone is None:
            raise self._error(start, f"{token[0]} has nothing before it", "Add a word before it, or put it in quotes.")
        if not 1 <= operator.distance <= MOST_PLACES:
            raise self._error(start, f"a distance is a number from 1 to {MOST_PLACES:,}", "For example: NEAR/5")
        if level.near is None:
            level.near = _Chain(*level.alone, operator)
        elif level.near.proximity != operator:
            advice = "Use one distance: a NEAR/5 b NEAR/5 c, or AND between two pairs: a NEAR/5 b AND b NEAR/3 c"
            raise self._error(start, f"{token[0]} stands beside {level.near.operator}", advice)
        if len(level.near.operands) == MOST_OPERANDS:
            reason = f"more than {MOST_OPERANDS} words or phrases are near each other"
            raise self._error(start, reason, 'Use fewer, or words in quotes: "labor visa trafficking"~~5')
        level.near.operator, level.near.start = token[0], start
        level.last, level.waiting = None, (token[0], start)
        self.bounds.add(self.text, start, NOT)

    def _negate(self, level: _Level, start: int) -> None:
        """Note a NOT before the next operand, which must not be near another."""
        if level.waits_for_near and level.near:
            advice = "Exclude both: -(labor NEAR/5 visa), or the word alone: labor -visa"
            raise self._error(start, f"{level.near.operator} is followed by what is excluded", advice)
        level.negate()

    def _take(self, level: _Level, query: q.Query) -> None:
        """Take a whole operand, which may be near those before it."""
        chain = level.near
        if chain is None or not level.waits_for_near:
            level.take(query)
            return
        from cablesearch.query.near import NotNearError, near

        chain.operands.append(query)
        try:
            tree = near(chain.operands, chain.proximity)
        except NotNearError as error:
            raise self._error(chain.start, str(error), error.advice) from None
        self.bounds.add_phrases(self.text, chain.start, phrase_count(tree))
        level.take_near(tree, chain)

    def _operand(self, token: re.Match[str]) -> None:
        level, start = self.levels[-1], token.start()
        self._check_sign(token)
        if token["field"]:
            self._check_rest(token)
        operand = read_operand(self.text, token, level.field, self.by_cable)
        written = token["phrase"] or token["range"] or (token["word"] or "").partition("^")[0]
        self.bounds.add(self.text, start, written, pattern=operand is not None and operand.is_pattern)
        if operand is None:
            return
        if not (written.isascii() and written.isalnum()):
            self.bounds.add_phrases(self.text, start, phrase_count(operand.query))
        level.begin()
        if (token["sign"] or "+") in NEGATING:
            self._negate(level, start)
        self._take(level, operand.query)
        self._check_boosts(level, operand.boost, operand.boost, start)
        self._check_depth(level, start)

    def _open(self, token: re.Match[str]) -> None:
        level, start = self.levels[-1], token.start()
        level.begin()
        if (token["negated"] or "+") in NEGATING:
            self._negate(level, start)
        name = token["group"]
        field = known(self.text, name, token.start("group"), token[0]) if name else level.field
        self.levels.append(_Level(start, field, None if level.is_excluded else level.beside))
        if len(self.levels) > MOST_BRACKETS + 1:
            reason = f"brackets are nested more than {MOST_BRACKETS} deep"
            raise self._error(start, reason, "Use fewer.")

    def _close(self, token: re.Match[str]) -> None:
        start = token.start()
        if len(self.levels) == 1:
            raise self._error(start, "unmatched closing bracket", "Add ( before it, or remove it.")
        inner = self.levels.pop()
        self._check_complete(inner)
        if inner.last is None:
            raise self._error(inner.start, "there is nothing in these brackets", "Fill or remove them.")
        boost = boost_of(self.text, token[0][1:], start + 1)
        level = self.levels[-1]
        self._take(level, scaled(inner.whole(), boost))
        level.depth = max(level.depth, inner.depth + len(inner.operators) + 1)
        self._check_boosts(level, inner.largest * boost, inner.least * boost, start)
        self._check_depth(level, start)

    def _begin_group(self, token: re.Match[str]) -> None:
        """Begin a group with a token that does: it is read like a query in brackets."""
        group = self.groups.get(token.start())
        if group and token[0]:
            level = self.levels[-1]
            level.begin()
            name = (token["field"] or "").lower()
            self.levels.append(_Level(group.start, FIELDS.get(name) or level.field, level.beside))
            self.group = group

    def _end_group(self, token: re.Match[str]) -> None:
        """End the group if the token is its last, and join it with its alternatives. They count for no limit."""
        group = self.group
        if group is None or token.end() < group.end:
            return
        # Few queries need it.
        from cablesearch.query.expansions import expanded

        self.group = None
        inner, level = self.levels.pop(), self.levels[-1]
        targets = target(inner.field) if inner.field else bare(self.by_cable)
        level.take(expanded(inner.whole(), inner.largest, group, targets))
        level.operators |= inner.operators
        level.depth = max(level.depth, inner.depth)
        self._check_boosts(level, inner.largest, inner.least, group.start)
        self._check_depth(level, group.start)

    def _check_sign(self, token: re.Match[str]) -> None:
        """Check that an exclamation mark belongs to one word, and a colon to the name of a field.

        Raises:
            QueryError: a mark stands alone or beside another sign, or a blank stands before a colon.
        """
        start, end = token.span()
        if token["sign"] == "!":
            alone = token["nothing"] is not None and self.text[end:].strip()
            if alone or (token["word"] or "")[:1] in tuple("!" + MINUS):
                advice = "Write -word to exclude a word, or put the text in quotes."
                raise self._error(start, "! must stand directly before the word that it excludes", advice)
        if (token["word"] or "").startswith(":"):
            name = _NAME_BEFORE().search(self.text, max(0, start - _LONGEST_NAME), start)
            if name and name[1].lower() in FIELDS:
                advice = f"Write {name[1]}:value, or put the words in quotes."
                raise self._error(start, "a blank stands before this colon", advice)

    def _check_rest(self, token: re.Match[str]) -> None:
        """Check that nothing behind a value is left over.

        Raises:
            QueryError: ``|`` follows a value, or an id or a range is cut at a blank.
        """
        end = token.end()
        field = FIELDS.get((token["field"] or "").lower())
        if field and self.text[end : end + 1] in ("|", "｜"):
            advice = f"Write {token['field']}:(A OR B), or put blanks around the sign."
            raise self._error(end, f"{token['field']}: applies to one value", advice)
        if field and token["word"] and (rest := _REST_OF_A_RANGE().match(self.text, end)) and has_ranges(field):
            self._check_range(token, field, rest)
        if field in ID_FIELDS and re.fullmatch("[0-9]{2}|[0-9]{4}", token["word"] or ""):
            rest = _REST_OF_AN_ID().match(self.text, end)
            if rest:
                whole = f'{token["field"]}:"{token["word"]} {" ".join(rest[0].split())}"'
                raise self._error(end, "this id has blanks", f"Put it in quotes: {whole}")

    def _check_range(self, token: re.Match[str], field: str, rest: re.Match[str]) -> None:
        """Check that a value and what follows it are not the two ends of a range.

        Raises:
            QueryError: they are.
        """
        whole = f"{token['word']}..{rest[1]}"
        try:
            value(field, whole)
        except ValueError:
            return
        advice = f"Write {token['field']}:{whole}, or put the words behind it in quotes."
        raise self._error(token.end(), "these are the two ends of a range", advice)

    def _check_complete(self, level: _Level) -> None:
        """Check that no operator waits for an operand.

        Raises:
            QueryError: one does.
        """
        if level.waiting:
            operator, start = level.waiting
            advice = "Add a word after it, or put it in quotes."
            raise self._error(start, f"{operator} is followed by nothing", advice)

    def _check_depth(self, level: _Level, start: int) -> None:
        """Check how deep the query's tree is.

        Raises:
            QueryError: it is deeper than `MOST_DEPTH`.
        """
        if level.depth + len(level.operators) > MOST_DEPTH:
            reason = f"operators and brackets are nested more than {MOST_DEPTH} deep"
            raise self._error(start, reason, "Use fewer brackets, or fewer kinds of operators inside them.")

    def _check_boosts(self, level: _Level, largest: float, least: float, start: int) -> None:
        """Check what the boosts of an operand and those inside it multiply to.

        Raises:
            QueryError: a product is more than `MOST_BOOST` or less than `LEAST_BOOST`.
        """
        level.largest = max(level.largest, largest)
        level.least = min(level.least, least or math.inf)
        if level.largest > MOST_BOOST * _ALMOST or level.least * _ALMOST < LEAST_BOOST:
            reason = f"the boosts multiply to more than {MOST_BOOST:,} or less than {LEAST_BOOST}"
            raise self._error(start, reason, "A boost of brackets multiplies those inside; use smaller ones.")


def parse(
    text: str,
    *,
    by_cable: bool = False,
    bounds: Bounds | None = None,
    beside: Join | None = None,
    groups: Sequence[Group] = (),
) -> q.Query:
    """Read a query.

    Args:
        text: the query as typed; see docs/query-language.md.
        by_cable: whether whole cables are searched, including their envelopes.
        bounds: counts the query together with the options of the search.
        beside: joins operands that have no operator between them, except in brackets that are excluded. It binds less
            closely than AND, and more closely than OR. Default: AND.
        groups: parts of the query that have alternatives (see `cablesearch.query.expansions.runs`).

    Raises:
        QueryError: the query is invalid; the error has the place and advice.
    """
    bounds = bounds or Bounds()
    bounds.add_text(text)
    return _Parser(without_unseen(text), by_cable, bounds, beside, groups).run()
