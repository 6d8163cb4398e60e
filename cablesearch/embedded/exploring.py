"""What a reader of an archive in a folder tells of names, definitions, words and links."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from cablesearch.embedded.seen import Seen
from cablesearch.embedded.selections import units_of
from cablesearch.engine.segment.strings import to_bytes
from cablesearch.protocols.answers import Defined, Grouped, Sample
from cablesearch.protocols.links import Links
from cablesearch.protocols.reader import Key, Selection

if TYPE_CHECKING:
    from cablesearch.embedded.texts.occurrences import Phrases

__all__ = ["Exploring"]


class Exploring(Seen):
    """The part of a reader that features ask; `cablesearch.protocols.reader.Reader` has the meaning of arguments. Few
    searches need any of it, so the modules that answer are imported inside its methods."""

    # Selections

    def names(self, selection: Selection, field: str, group: Callable[[Sequence[str]], Sequence[int]]) -> list[Grouped]:
        """Return the names in the selected units, with their spellings."""
        from cablesearch.embedded import grouped

        return grouped.names(self.view, units_of(selection), field, group)

    def defined(self, selection: Selection, field: str, key: Callable[[str], Key]) -> dict[Key, Defined]:
        """Return the values of a keyword field that the selected paragraphs have, by key, with dates."""
        from cablesearch.embedded import grouped

        return grouped.defined(self.view, units_of(selection), field, key)

    def sample(self, selection: Selection, most: int) -> Sample:
        """Return the texts of the selected paragraphs, or of an even sample of them."""
        from cablesearch.embedded.texts.samples import sample

        return sample(self.view, units_of(selection), most)

    # Words and values

    def may_begin(self, field: str, start: str) -> bool:
        """Return whether a value of a keyword field, visible or not, begins with some letters."""
        prefix = to_bytes(start)
        return any(len(segment.terms(field).span(prefix)) > 0 for segment in self.view.segments)

    def begun(self, field: str, start: str, key: Callable[[str], Key]) -> dict[Key, Defined]:
        """Return the values that begin with some letters and that visible paragraphs have, by key, without dates."""
        from cablesearch.embedded import grouped

        return grouped.begun(self.view, field, start, key)

    # What begins with a text

    def completions(self, field: str, start: str, most: int, without: Collection[str]) -> list[tuple[str, int]]:
        """Return the words that begin with some letters and that most visible documents have, with their numbers."""
        from cablesearch.engine.search import beginnings

        return beginnings.most_common(self.view, field, start, most, lambda word: word not in without)

    def followers(
        self, field: str, head: tuple[str, ...], start: str, without: Collection[str]
    ) -> tuple[Counter[str], float]:
        """Return the words that begin with some letters behind a phrase, in how many visible paragraphs each does, and
        the share of the paragraphs that were counted."""
        return self._phrases.followers(field, head, start, without)

    @cached_property
    def _phrases(self) -> Phrases:
        from cablesearch.embedded.texts.occurrences import Phrases

        return Phrases(self.view)

    def subjects(
        self, head: tuple[str, ...], last: str, most: int, without: Collection[str]
    ) -> Sequence[tuple[str, str]]:
        """Return the keys and the subjects of the latest visible cables whose subject has some words."""
        from cablesearch.embedded.texts.subjects import latest

        return latest(self.view, head, last, most, without)

    def count_subject(self, words: Sequence[str], key: str) -> int:
        """Return in how many visible paragraphs the subject has some words one after the other."""
        from cablesearch.embedded.texts.subjects import count_subject

        return count_subject(self.view, words, key)

    # Links

    @cached_property
    def links(self) -> Links:
        """The references between the visible cables."""
        from cablesearch.embedded.linking import links

        return links(self.view, self.clearance, "cites", "id")
