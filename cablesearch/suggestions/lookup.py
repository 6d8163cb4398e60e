"""Look cables up by their ids, and find the ids near to one that is unknown.

Everything here looks at visible cables only, so that no answer depends on hidden ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from cablesearch.algorithms.distances import LONGEST_FUZZY
from cablesearch.cable import Cable, Paragraph
from cablesearch.errors import UnknownCableError
from cablesearch.protocols.reader import Reader
from cablesearch.schema.field_types import id_forms
from cablesearch.text.folding import without_unseen
from cablesearch.text.wording import excerpt, one_of, plural
from cablesearch.vocabulary.identifiers import cable_id

__all__ = ["named_paragraph", "near_ids", "split_reference", "unknown_cable"]

_PARAGRAPH = re.compile(r"([¶@])[^\S\n]{0,9}([0-9]{1,9})$")
_SERIES = re.compile(r"(.*[^0-9])0*([0-9]{1,9})", re.DOTALL)
_LONGEST_SHOWN = 200
"""The most code points of an unknown id in a message."""
_SHORTEST_COMPARED = 3
"""The fewest letters of an id to which others can be near."""
_SHORTEST_FAR = 6
"""The fewest letters of an id that may differ in two from a near one."""
_MOST_NEAR = 3
_MOST_RANGES = 12
"""The most ranges of paragraphs in a message."""


def split_reference(text: str) -> tuple[str, tuple[str, int] | None]:
    """Return the id in a reference, and the sign and number of the paragraph if there is one.

    >>> split_reference("10BEIJING30 \u00b64")
    ('10BEIJING30', ('\u00b6', 4))
    """
    text = without_unseen(text)
    match = _PARAGRAPH.search(text)
    return (text[: match.start()].rstrip(), (match[1], int(match[2]))) if match else (text, None)


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
    reason = f"{_shown(cable.id)} has no {noun} {number}; "
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
    return shown + (f" and {plural(left, 'more range')} up to {numbers[-1]}" if left > 0 else "")


def unknown_cable(reader: Reader, name: str) -> UnknownCableError:
    """Return the error for an id that no visible cable has, with the ids near to it."""
    near = near_ids(reader, name)
    guess = f"; did you mean {one_of(near)}?" if near else ""
    return UnknownCableError(f"no cable {_shown(name)} in this archive{guess}", name, "cable", tuple(near))


def _shown(name: str) -> str:
    """Return an id as messages show it."""
    return excerpt(name if name.strip() else repr(name), _LONGEST_SHOWN)


def near_ids(reader: Reader, name: str, field: str = "id") -> list[str]:
    """Return up to three ids near to an unknown one, the nearest first.

    Near are ids within two edits (one, if the id is short), those of the same post and year by serial before others.
    Those of another year or volume are near only if no more than one digit and nothing else differs. Without any, the
    nearest serials of the same post and year are.

    Args:
        reader: the archive as its reader sees it.
        name: the unknown id.
        field: ``id``: the ids of visible cables, as these write them; ``ref``: the ids to which such cables refer.
    """
    forms = dict.fromkeys([*id_forms(name), cable_id(name)])
    by_edits: dict[str, int] = {}
    for form in forms:
        if _SHORTEST_COMPARED <= len(form) <= LONGEST_FUZZY:
            most = 1 if len(form) < _SHORTEST_FAR else 2
            for term, distance in reader.similar_values(field, form, most).items():
                by_edits[term] = min(by_edits.get(term, distance), distance)
    wanted = next((series for form in reversed(forms) if (series := _series(form))), None)
    near = [term for term, edits in by_edits.items() if _may_be_meant(wanted, term, edits)]
    nearest = sorted(near, key=lambda term: (by_edits[term], _apart(wanted, term), term))
    names = _visible_names(reader, field, nearest)
    if not names and wanted:
        neighbours = sorted(reader.numbered_values(field, wanted[0]), key=lambda term: (_apart(wanted, term), term))
        names = _visible_names(reader, field, neighbours)
    return names


def _series(name: str) -> tuple[str, int] | None:
    """Return the beginning of an id with its post and year, and the serial; None if it has no such parts.

    >>> _series("10BEIJING30"), _series("1979OSLO00905"), _series("30")
    (('10BEIJING', 30), ('1979OSLO', 905), None)
    """
    match = _SERIES.fullmatch(name)
    return (match[1], int(match[2])) if match else None


def _may_be_meant(wanted: tuple[str, int] | None, term: str, edits: int) -> bool:
    """Return whether an id that is similar to the wanted one is near to it: of the same post and year or volume, or
    with the same serial and a slip in what stands before it, which in a number is a single digit."""
    series = _series(term)
    if wanted is None or series is None or series[0] == wanted[0]:
        return True
    digits = ["".join(filter(str.isdigit, beginning)) for beginning in (series[0], wanted[0])]
    return series[1] == wanted[1] and (edits == 1 or digits[0] == digits[1])


def _apart(wanted: tuple[str, int] | None, term: str) -> tuple[bool, int]:
    """Return a key to sort ids by: first those of the post and year that are wanted, by the distance of serials."""
    series = _series(term)
    if wanted is None or series is None or series[0] != wanted[0]:
        return True, 0
    return False, abs(series[1] - wanted[1])


def _visible_names(reader: Reader, field: str, terms: Iterable[str]) -> list[str]:
    """Return the first ids that visible cables have, or refer to."""
    names: dict[str, None] = {}
    for term in terms:
        if field == "id":
            names |= dict.fromkeys(reader.keys_named(term))
        elif reader.has_value(field, term):
            names[term] = None
        if len(names) >= _MOST_NEAR:
            break
    return list(names)[:_MOST_NEAR]
