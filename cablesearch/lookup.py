"""Look cables up by their ids, and find the ids near to one that is unknown.

Everything here looks at visible cables only, so that no answer depends on hidden ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np
from whoosh import query as q

from cablesearch.cable import Cable, Paragraph, ReferenceId
from cablesearch.engine.search import expand, topk
from cablesearch.engine.search.view import View
from cablesearch.errors import UnknownCableError
from cablesearch.schema.field_types import id_forms
from cablesearch.vocabulary.identifiers import cable_id

__all__ = ["find", "named_paragraph", "near_ids", "split_reference", "unknown_cable"]

_PARAGRAPH = re.compile(r"([¶@])[^\S\n]{0,9}([0-9]{1,9})$")
_LONGEST_WRITTEN = 200
"""The most characters of an unknown id in a message."""
_LONGEST_COMPARED = 60
"""The most letters of an id that is compared with others; the engine compares words of up to 64."""
_MOST_NEAR = 3
_MOST_RANGES = 12
"""The most ranges of paragraphs in a message."""


def split_reference(text: str) -> tuple[str, tuple[str, int] | None]:
    """Return the id in a reference, and the sign and number of the paragraph if there is one.

    >>> split_reference("10BEIJING30 \u00b64")
    ('10BEIJING30', ('\u00b6', 4))
    """
    match = _PARAGRAPH.search(text)
    return (text[: match.start()].rstrip(), (match[1], int(match[2]))) if match else (text, None)


def find(view: View, name: str) -> tuple[int, int] | None:
    """Return (segment, block) of the visible cable with an id, as written or canonical; None if it is unknown."""
    exact = view.snapshot.find(name.strip())
    if exact and view.blocks[exact[0]][exact[1]]:
        return exact
    for form in id_forms(name):
        units = topk.search(view, q.Term("id", form), limit=1, by_block=True).units
        if len(units):
            number = int(np.searchsorted(view.block_bases, units[0], "right")) - 1
            return number, int(units[0] - view.block_bases[number])
    return None


def named_paragraph(cable: Cable, sign: str, number: int) -> Paragraph:
    """Return the paragraph of a cable with a printed number (``\u00b6``) or a position (``@``).

    Raises:
        UnknownCableError: the visible part of the cable has none.
    """
    for paragraph in cable.paragraphs:
        if number == (paragraph.number if sign == "\u00b6" else paragraph.position):
            return paragraph
    raise _unknown_paragraph(cable, sign, number)


def _unknown_paragraph(cable: Cable, sign: str, number: int) -> UnknownCableError:
    reference = f"{cable.id}{sign}{number}"
    noun = "paragraph" if sign == "\u00b6" else "position"
    positions = [paragraph.position for paragraph in cable.paragraphs]
    numbers = sorted({paragraph.number for paragraph in cable.paragraphs if paragraph.number is not None})
    known = numbers if sign == "\u00b6" else positions
    reason = f"{_excerpt(cable.id)} has no {noun} {number}; "
    if not positions:
        reason += "it has no paragraphs"
    elif known:
        reason += f"it has {noun}{'s' if len(known) > 1 else ''} {_ranges(known)}"
    else:
        reason += f"its paragraphs have no numbers; name them by position, from @{positions[0]} to @{positions[-1]}"
    return UnknownCableError(reason, reference, "paragraph")


def _ranges(numbers: list[int]) -> str:
    """Return rising numbers as ranges: ``1-3, 5, 9-12``; of very many, the first and how many follow."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][-1] + 1:
            ranges[-1][1:] = [number]
        else:
            ranges.append([number])
    shown = ", ".join("-".join(map(str, ends)) for ends in ranges[:_MOST_RANGES])
    left = len(ranges) - _MOST_RANGES
    return shown + (f" and {left:,} more range{'s' if left > 1 else ''} up to {numbers[-1]}" if left > 0 else "")


def unknown_cable(view: View, name: str) -> UnknownCableError:
    """Return the error for an id that no visible cable has, with the ids near to it."""
    near = near_ids(view, name)
    *others, last = near or [""]
    guess = f"; did you mean {', '.join(others)}{' or ' if others else ''}{last}?" if near else ""
    return UnknownCableError(f"no cable {_excerpt(name)} in this archive{guess}", name, "cable", tuple(near))


def _excerpt(name: str) -> str:
    name = name if name.strip() else repr(name)
    return name if len(name) <= _LONGEST_WRITTEN else name[:_LONGEST_WRITTEN] + "\u2026"


def near_ids(view: View, name: str, limit: int = _MOST_NEAR) -> list[str]:
    """Return the ids of visible cables near to an unknown one, the nearest first.

    Near are ids within two edits (one, if the id is short), those of the same post and year by serial before others.
    Without any, the nearest serials of the same post and year are.

    Args:
        view: the archive as its reader sees it.
        name: the unknown id.
        limit: the most ids to return.
    """
    forms = [form for form in dict.fromkeys([*id_forms(name), cable_id(name)]) if 2 < len(form) <= _LONGEST_COMPARED]
    by_edits: dict[str, tuple[int, int]] = {}
    for form in forms:
        for number, term, distance in _similar(view, form):
            by_edits[term] = min(by_edits.get(term, (distance, number)), (distance, number))
    wanted = next((parsed for form in reversed(forms) if (parsed := ReferenceId.parse(form))), None)
    terms: Iterable[str] = sorted(by_edits, key=lambda term: (by_edits[term][0], _apart(wanted, term), term))
    found = _visible_names(view, terms, limit)
    if not found and wanted:
        neighbours = sorted(_of_post(view, wanted), key=lambda term: (_apart(wanted, term), term))
        found = _visible_names(view, neighbours, limit)
    return found


def _similar(view: View, form: str) -> Iterator[tuple[int, str, int]]:
    """Yield (segment, term, edit distance) of the indexed ids, hidden ones too, that are similar to a form of an id."""
    most = 1 if len(form) < 6 else 2
    for number, segment in enumerate(view.segments):
        strings = segment.terms("id")
        terms = [strings.text(term) for term in expand.fuzzy(segment, "id", form, most, 0)]
        distances = expand.edit_distances(form, terms).tolist() if terms else []
        yield from ((number, term, distance) for term, distance in zip(terms, distances, strict=True))


def _of_post(view: View, wanted: ReferenceId) -> set[str]:
    """Return the indexed ids, hidden ones too, of the same post and year."""
    prefix = str(wanted)[: -len(str(wanted.serial))]
    return {
        segment.terms("id").text(term)
        for segment in view.segments
        for term in segment.matching("id", prefix, lambda term: term[len(prefix) :].isdigit()).tolist()
    }


def _apart(wanted: ReferenceId | None, term: str) -> tuple[bool, int]:
    """Return a key to sort ids by: first those of the post and year that are wanted, by the distance of serials."""
    parsed = ReferenceId.parse(term)
    if wanted is None or parsed is None or (parsed.year, parsed.post) != (wanted.year, wanted.post):
        return True, 0
    return False, abs(parsed.serial - wanted.serial)


def _visible_names(view: View, terms: Iterable[str], limit: int) -> list[str]:
    """Return the ids, as their cables write them, of the first visible cables that are indexed under some ids."""
    names: dict[str, None] = {}
    for term in terms:
        own = []
        for segment, blocks in zip(view.segments, view.blocks, strict=True):
            number = segment.term("id", term)
            if number is not None:
                having = segment.having("id", [number])
                own += [segment.keys.text(block) for block in having[blocks[having]].tolist()]
        names |= dict.fromkeys(sorted(own))
        if len(names) >= limit:
            break
    return list(names)[:limit]
