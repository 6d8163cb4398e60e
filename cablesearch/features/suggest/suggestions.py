"""Suggestions of all kinds for what a person types."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from cablesearch.features.suggest.subjects import subjects
from cablesearch.features.suggest.suggestion import Asked, Suggestion, SuggestionKind
from cablesearch.features.suggest.typed import Typed
from cablesearch.features.suggest.values import FIELDS, values
from cablesearch.features.suggest.words import phrases, words
from cablesearch.query.fields import field_named
from cablesearch.query.operators import NOT, operator_of
from cablesearch.query.tokens import NEGATING, tokens
from cablesearch.searcher import Searcher

__all__ = ["suggestions"]

_SOURCES: dict[SuggestionKind, Callable[[Asked], Iterator[Suggestion]]] = {
    "word": words,
    "phrase": phrases,
    **{kind: partial(values, kind=kind) for kind in FIELDS},
    "subject": subjects,
}
"""What yields the suggestions of each kind, the best first; the kinds are shown in this order."""

_KINDS_OF_FIELD: dict[str, tuple[SuggestionKind, ...]] = {
    "text": ("word", "phrase"),
    "name": tuple(kind for kind, entry in FIELDS.items() if entry.asked_as == "name"),
    **{entry.field: (kind,) for kind, entry in FIELDS.items() if not entry.asked_as},
    "subject": ("subject",),
}
"""What is suggested after the name of a field of the index."""


def suggestions(
    searcher: Searcher, text: str, limit: int, kinds: Sequence[SuggestionKind] = ()
) -> tuple[Suggestion, ...]:
    """Return up to ``limit`` suggestions for a text so far, by kind.

    The kinds take turns, each with its best suggestion that is left, until there are enough. After the name of a field
    (``tag:ph``) only its values are suggested; nothing is for a text that excludes something, as a suggestion takes the
    place of the whole text. All of it depends only on what is visible.

    Args:
        searcher: the searcher.
        text: the text so far.
        limit: the most suggestions.
        kinds: the kinds; none: all of them.
    """
    rest, kinds = _in_field(text, kinds or tuple(_SOURCES))
    typed = Typed.of(rest)
    if typed is None or not limit or _excludes(text):
        return ()
    asked = Asked(searcher.reader, typed, limit, searcher.reader.kept.setdefault("suggest", {}))
    waiting = {kind: source(asked) for kind, source in _SOURCES.items() if kind in kinds}
    chosen: dict[SuggestionKind, list[Suggestion]] = {kind: [] for kind in waiting}
    left = limit
    while waiting and left:
        for kind, source in list(waiting.items()):
            suggestion = next(source, None) if left else None
            if suggestion is None:
                del waiting[kind]
            else:
                chosen[kind].append(suggestion)
                left -= 1
    return tuple(suggestion for of_kind in chosen.values() for suggestion in of_kind)


def _excludes(text: str) -> bool:
    """Return whether a text read as a query excludes anything: ``china -taiwan``, ``NOT taiwan``."""
    return any(
        (token["sign"] or token["negated"] or "+") in NEGATING or operator_of(token) in (NOT, "ANDNOT")
        for token in tokens(text)
    )


def _in_field(text: str, kinds: Sequence[SuggestionKind]) -> tuple[str, Sequence[SuggestionKind]]:
    """Return the text after the name of a field, and those of the kinds that the field has, of which there may be none;
    both as they are if no field is named."""
    name, colon, rest = text.partition(":")
    field = field_named(name.strip()) if colon else None
    if field is None:
        return text, kinds
    of_field = _KINDS_OF_FIELD.get(field, ())
    return rest, [kind for kind in kinds if kind in of_field]
