"""Query trees over what is in an archive: words and phrases of its texts, values of its fields, and all nodes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from whoosh import query as q

from cablesearch.cluster.documents.wire import BESIDE, MARK, value_in
from cablesearch.protocols.fields import kind_of
from cablesearch.protocols.queries import InDocument, Near, Run, Tested
from cablesearch.schema.index_fields import query_schema

__all__ = ["TreeMaker"]

FAR = "\x02"
BOOSTS = [1.0, 1.0, 1.0, 0.5, 2.0, 0.0]
MOST_TEXTS = 400

Text = list[list[str]]
"""The words at each position of a text, without marks."""


class TreeMaker:
    """Makes query trees.

    Args:
        chance: where chance comes from.
        documents: documents of the archive, as they are sent.
    """

    def __init__(self, chance: Random, documents: Sequence[Mapping[str, Any]]) -> None:
        self.chance = chance
        self.texts: dict[str, list[Text]] = defaultdict(list)
        self.values: dict[str, list[Any]] = defaultdict(list)
        for document in documents:
            for field, value in document[document["kind"]].items():
                if field not in query_schema():
                    continue
                own = query_schema()[field]
                values = value if isinstance(value, list) else [value]
                if kind_of(own) == "keyword":
                    self.values[field] += map(value_in, values)
                elif kind_of(own) == "number":
                    self.values[field] += values
                elif len(self.texts[field]) < MOST_TEXTS:
                    self.texts[field].append(_text(value))
        self.fields = sorted(field for field in self.texts if any(map(any, self.texts[field])))
        self.kinds: dict[str, list[str]] = defaultdict(list)
        for field in sorted(self.values):
            self.kinds[kind_of(query_schema()[field])].append(field)

    def tree(self, depth: int = 3) -> q.Query:
        """Return a query."""
        chance = self.chance
        if depth == 0 or chance.random() < 0.35:
            return self.leaf()

        def parts(most: int) -> list[q.Query]:
            return [self.tree(depth - 1) for _ in range(chance.randint(1, most))]

        make: Callable[[], q.Query] = chance.choice(
            [
                lambda: q.And(parts(3), boost=self.boost()),
                lambda: q.And([self.tree(depth - 1), q.Not(self.leaf())]),
                lambda: q.Or(parts(4), boost=self.boost()),
                lambda: q.DisjunctionMax(parts(3), boost=self.boost()),
                lambda: q.Not(self.tree(depth - 1)),
                lambda: q.AndNot(self.tree(depth - 1), self.tree(depth - 1)),
                lambda: q.AndMaybe(self.tree(depth - 1), self.tree(depth - 1)),
                lambda: q.Require(self.tree(depth - 1), self.tree(depth - 1)),
                lambda: q.ConstantScoreQuery(self.tree(depth - 1), chance.choice([0.0, 1.5])),
            ]
        )
        return make()

    def leaf(self) -> q.Query:
        """Return a query without parts."""
        words = [self.word, self.phrase, self.phrase, self.near, self.pattern]
        return self.chance.choice([*words, *words, self.value, self.value, self.number, self.spelt, self.every])()

    def boost(self) -> float:
        return self.chance.choice(BOOSTS)

    # Leaves

    def word(self) -> q.Query:
        field = self._text_field()
        return q.Term(field, self._words(field, 1, 1)[0], boost=self.boost())

    def phrase(self) -> q.Query:
        field, slop = self._text_field(), self.chance.choice([1, 1, 1, 2, 3])
        return q.Phrase(field, self._words(field, self.chance.randint(1, 4), slop), slop=slop, boost=self.boost())

    def near(self) -> q.Query:
        field, distance = self._text_field(), self.chance.randint(1, 4)
        words = self._words(field, self.chance.choice([1, 2, 2, 2, 3, 4]), distance)
        if self.chance.random() < 0.5:
            self.chance.shuffle(words)
        operands = [[Run((word,))] for word in words]
        for operand in operands:
            if self.chance.random() < 0.2:
                operand.append(
                    Run(tuple(self._words(field, self.chance.randint(1, 2), 1)), self.chance.choice([1, 1, 2]))
                )
            if self.chance.random() < 0.1:
                operand[0] = Run(tuple(self._words(field, 2, 1)), self.chance.choice([1, 1, 2]))
        return Near(field, operands, distance, self.boost(), in_order=self.chance.random() < 0.5)

    def pattern(self) -> q.Query:
        field, chance = self._text_field(), self.chance
        word = self._words(field, 1, 1)[0]
        cut = chance.randrange(len(word))
        fuzzy = word[:cut] + chance.choice(["", "x", word[cut] * 2]) + word[cut + 1 :]
        end = self._words(field, 1, 1)[0]
        make: Callable[[], q.Query] = chance.choice(
            [
                lambda: q.Prefix(field, word[: cut + 1]),
                lambda: q.Wildcard(field, word[:cut] + chance.choice("?*") + word[cut + 1 :], boost=self.boost()),
                lambda: q.Wildcard(field, chance.choice(["*", "?", "*?", "?*", "??"]) + word[cut:]),
                lambda: q.FuzzyTerm(field, fuzzy or "x", self.boost(), chance.randint(1, 2), chance.randint(0, 2)),
                lambda: self._range(field, *chance.choice([(None, word), (word, None), tuple(sorted([word, end]))])),
            ]
        )
        return make()

    def _range(self, field: str, first: str | None, last: str | None) -> q.Query:
        return q.TermRange(field, first, last, self.chance.random() < 0.5, self.chance.random() < 0.5)

    def value(self) -> q.Query:
        chance = self.chance
        field = chance.choice(self.kinds["keyword"])
        value = chance.choice(self.values[field]) or "x"
        cut = chance.randrange(len(value))
        make: Callable[[], q.Query] = chance.choice(
            [
                lambda: q.Term(field, value, boost=self.boost()),
                lambda: q.Prefix(field, value[: cut + 1], boost=self.boost()),
                lambda: q.Wildcard(field, chance.choice("?*") + value[cut:].replace("*", "?")),
                lambda: q.TermRange(field, value, None),
                lambda: Tested(field, "has " + value[cut:], lambda own: value[cut:] in own, self.boost()),
                lambda: Tested(field, "begins " + value, lambda own: len(own) > 1, pattern=value[:1] + "*"),
            ]
        )
        return make()

    def number(self) -> q.Query:
        field = self.chance.choice(self.kinds["number"])
        one, other = sorted(self.chance.choices(self.values[field], k=2))
        first, last = self.chance.choice([(one, other), (None, one), (one, None), (one, one)])
        below, above = self.chance.choices([False, True], k=2)
        return q.NumericRange(field, first, last, below, above, boost=self.boost())

    def spelt(self) -> q.Query:
        field: Any = query_schema()["case"]
        word = self._words("exact", 1, 1)[0]
        word = self.chance.choice([str.upper, str.title, str.lower])(word)
        first = word[:1].upper()
        # A pattern needs a capital letter.
        pattern = word if first == first.lower() else first + "*"
        query: q.Query = field.parse_query("case", self.chance.choice([word, word, pattern]), self.boost())
        if self.chance.random() < 0.3:
            query = InDocument(q.And([query, q.Not(q.Term("case", " "))], boost=self.boost()))
        return query

    def every(self) -> q.Query:
        return q.Every(self.chance.choice([None, *query_schema().names()]), boost=self.boost())

    # Words

    def _text_field(self) -> str:
        common = [field for field in ("text", "exact", "subject", "heading", "mention") if field in self.fields]
        return self.chance.choice(common if self.chance.random() < 0.6 else self.fields)

    def _words(self, field: str, count: int, distance: int) -> list[str]:
        """Return words that follow each other, at most some places apart, or nearly so; there may be fewer."""
        text = self.chance.choice(self.texts[field])
        if self.chance.random() < 0.05:
            text = self.chance.choice(self.texts[field]) + text
        place = self.chance.randrange(len(text))
        words: list[str] = []
        while len(words) < count and place < len(text):
            # At some positions there are only marks.
            if text[place]:
                words.append(self.chance.choice(text[place]))
                place += self.chance.randint(1, distance)
            else:
                place += 1
        return words or ["nothing"]


def _text(value: str) -> Text:
    return [[word for word in place.split(BESIDE) if word[:1] not in (MARK, FAR)] for place in value.split(" ")]
