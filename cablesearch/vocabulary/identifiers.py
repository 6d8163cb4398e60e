"""Reference ids of cables and the names of their senders.

An id is made of the year's last two digits, the post in capitals without blanks, and the serial without leading
zeros: 10BEIJING30. The ids that collections give were made by machine from the first line of each cable, so words of
that line got into some of them: ``08SCTION02OF02SAOPAULO335``, ``07EFTOBAGHDAD123``.
"""

from __future__ import annotations

import re

from cablesearch.text.caching import cached_if_short
from cablesearch.text.folding import fold
from cablesearch.vocabulary.posts import (
    distinct_origin,
    nearest_post,
    similar_post,
    stations,
    without_kind_of_post,
    without_prefixes,
)

__all__ = ["cable_id", "canonical_id", "known_post", "origin", "post"]

_REGULAR = re.compile(r"([0-9]{2})([A-Z]+)0*([1-9][0-9]{0,6})")
_LONGEST = 120
_COPY_MARK = re.compile(r"(?<=[0-9])_[A-Z]$")
_NOT_OF_AN_ID = re.compile(r"[^A-Z0-9]+")
_YEAR = re.compile(r"(?:19|20)([0-9]{2})(?=[A-Z])|([0-9]{2})\2?(?=[A-Z])|([0-9]{2})")
_PLACE_AND_SERIAL = re.compile(r"([A-Z]+)0*([1-9][0-9]{0,6})(?![0-9])")
_ZERO_FOR_LETTER = re.compile(r"(?<=[A-Z])0(?=[A-Z])|^0(?=[A-Z])")
_ZERO_ENDS_NAME = re.compile(r"(?<=[A-Z])0(?=[0-9])")

_KINDS = (
    ("Embassy", re.compile(r"(?:AM|US)?(?:EMBASSY|EMB)|AMM?E?MBASSY|AMEMB[A-Z]{0,5}Y", re.IGNORECASE)),
    ("Consulate", re.compile(r"(?:AM|US)?CON(?:SULATE|SUL|GEN)?(?: GENERAL)?", re.IGNORECASE)),
    ("Mission", re.compile(r"(?:US)?MISSION|USMIS", re.IGNORECASE)),
    ("US Office", re.compile(r"US ?OFFICE", re.IGNORECASE)),
    ("US Interests Section", re.compile(r"USINTS?", re.IGNORECASE)),
    ("REO", re.compile(r"(?:US)?REO", re.IGNORECASE)),
)
_SENDER_MARK = re.compile(r"\s*(?:FM|FROM)\s+", re.IGNORECASE)
_ROUTE = re.compile(r"\s*R[A-Z0-9]{3,9}\s*/\s*", re.IGNORECASE)
_SENDER_END = re.compile(r"\s+(?:FLASH|(?:NIACT )?IMMEDIATE|PRIORITY|ROUTINE)?\s*(?:[0-9]{4,})?\s*$")
_LONGEST_SENDER = 200
_ACRONYM = re.compile(r"(?:US|CDR|UN)[A-Z]*$|[^AEIOUYaeiouy]*$")


def cable_id(text: str) -> str:
    """Return the canonical form of a cable's id, which may be damaged.

    The post gets the name it has in the ids of the collection (UNVIE: UNVIEVIENNA), typing errors in it are mended
    where it is clear what is meant, and words of the cable's first line are dropped. A post that is not known keeps its
    name, without AMEMBASSY and the like. An id from which no post and serial can be recovered is returned as given, in
    capitals and trimmed."""
    match = _REGULAR.fullmatch(text)
    station = stations().get(match[2]) if match else None
    if match and station:
        return f"{match[1]}{station}{match[3]}"
    return _mended(text) if len(text) <= _LONGEST else text.strip().upper()


def canonical_id(text: str) -> str:
    """Return the canonical form of a valid id: with the name that its post has in ids, and without leading zeros.

    Nothing is mended, as a query for a misspelt id must not find another cable. Any other text is returned as given.
    """
    match = _REGULAR.fullmatch(text)
    return f"{match[1]}{_station(match[2]) or match[2]}{match[3]}" if match else text


def known_post(text: str) -> str:
    """Return the word that stands in ids for a post, given a name or an abbreviation of it; empty if it is unknown.

    Nothing is mended, as a query for a misspelt post must not find another one.
    """
    return _station(_letters(_sender(text))) or ""


def post(fm_or_origin: str) -> str:
    """Return the word that stands in ids for a sender: BUENOSAIRES for ``AMEMBASSY BUENOS AIRES``.

    The sender may be given as on the FM line or as an origin (``Embassy Buenos Aires``). For an unknown place, return
    its name in capitals without blanks; without a place, an empty text."""
    name = _letters(_sender(fm_or_origin))
    return _station(name) or similar_post(without_prefixes(name)) or without_kind_of_post(name)


@cached_if_short(maxsize=1024)
def origin(fm_line: str) -> str:
    """Return the origin as cables.csv spells it, from an FM line: ``Embassy Beijing`` for ``FM AMEMBASSY BEIJING``.

    Put an unknown sender into title case; return an empty text when there is no sender.
    """
    sender = _sender(fm_line)
    first, _, rest = sender.partition(" ")
    station = _station(_letters(sender))
    if station and station in distinct_origin():
        return distinct_origin()[station]
    for kind, word in _KINDS:
        if rest and word.fullmatch(first):
            return f"{kind} {_title(rest)}"
    return _title(sender)


@cached_if_short(maxsize=4096)
def _mended(text: str) -> str:
    given = text.strip().upper()
    plain = _NOT_OF_AN_ID.sub("", _COPY_MARK.sub("", given))
    year = _YEAR.match("0" + plain[1:] if plain[:1] == "O" else plain)
    if year is None:
        return given
    rest = plain[year.end() :]
    place = (
        _place_and_serial(rest, nearly=False)
        or _place_and_serial(_ZERO_FOR_LETTER.sub("O", rest), nearly=False)
        or _place_and_serial(_ZERO_ENDS_NAME.sub("O", rest), nearly=False)
        or _place_and_serial(_ZERO_FOR_LETTER.sub("O", rest), nearly=True)
        or _unknown_place_and_serial(rest)
    )
    return f"{year[1] or year[2] or year[3]}{place[0]}{place[1]}" if place else given


def _place_and_serial(text: str, *, nearly: bool) -> tuple[str, str] | None:
    """Return the first known post with a serial behind it; ``nearly``: also one whose name is damaged."""
    for match in _PLACE_AND_SERIAL.finditer(text):
        name = match[1]
        station = similar_post(name) or nearest_post(without_prefixes(name)) if nearly else _station(name)
        if station:
            return station, match[2]
    return None


def _unknown_place_and_serial(text: str) -> tuple[str, str] | None:
    """Return a place that is not known and the serial behind it, if that is all."""
    match = _PLACE_AND_SERIAL.fullmatch(text)
    return (without_kind_of_post(match[1]), match[2]) if match else None


def _station(name: str) -> str | None:
    known = stations()
    return known.get(name) or known.get(without_prefixes(name))


def _sender(text: str) -> str:
    """Return what names the sender: without FM, routing indicator and precedence."""
    sender = text[:_LONGEST_SENDER].partition("\n")[0]
    mark = _SENDER_MARK.match(sender)
    sender = sender[mark.end() :] if mark else sender
    route = _ROUTE.match(sender)
    sender = sender[route.end() :] if route else sender
    return " ".join(_SENDER_END.sub("", " " + sender + " ").split())


def _letters(name: str) -> str:
    """Return a name as it stands in ids: capitals and digits, without blanks and accents."""
    return _NOT_OF_AN_ID.sub("", (name if name.isascii() else fold(name)).upper())


def _title(name: str) -> str:
    return " ".join(word if _ACRONYM.match(word) else word.capitalize() for word in name.split())
