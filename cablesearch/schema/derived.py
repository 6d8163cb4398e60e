"""Values of fields that follow from a cable: its addressees, precedence, countries and references."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from cablesearch.cable import Cable
from cablesearch.schema.field_types import upper
from cablesearch.text.caching import cached_if_short

__all__ = ["answers", "cites", "countries", "days_since_1970", "precedences", "recipients", "signers"]

_WORD = re.compile(r"[A-Z]+")


# Searching needs no names of posts, here and below, so they are imported where cables are indexed.


def recipients(cable: Cable) -> list[str]:
    """Return the addressees, for action and for information, each once: a known post as `origin` spells it (Embassy
    Tokyo), others in capitals as they are written."""
    return _distinct(_addressee(one.name) for one in (*cable.recipients, *cable.info_recipients))


@cached_if_short(maxsize=8192)
def _addressee(name: str) -> str:
    from cablesearch.vocabulary.identifiers import known_post, origin

    return origin(name) if known_post(name) else upper(name)


def precedences(cable: Cable) -> list[str]:
    """Return the words of the precedences of the message and of its addressees: NIACT and IMMEDIATE for NIACT
    IMMEDIATE."""
    own = (one.precedence or "" for one in (*cable.recipients, *cable.info_recipients))
    return _distinct(word for text in (*cable.precedence, *own) for word in _WORD.findall(text.upper()))


def signers(cable: Cable) -> list[str]:
    """Return those who signed, in capitals."""
    return _distinct(map(upper, cable.signers))


def cites(cable: Cable) -> list[str]:
    """Return the canonical ids of the cables that a cable refers to, each once, without its own."""
    from cablesearch.vocabulary.identifiers import cable_id

    return [name for name in _distinct(map(cable_id, cable.references)) if name != cable.reference_id]


def answers(cable: Cable) -> str | None:
    """Return the canonical id of the first cable that a cable refers to: the one that it most likely answers."""
    return next(iter(cites(cable)), None)


def countries(cable: Cable) -> list[str]:
    """Return the countries of a cable's TAGS and that of its post, each once."""
    from cablesearch.vocabulary.countries import country_of_post, country_of_tag

    return _distinct([*(country_of_tag(tag.name) or "" for tag in cable.tags), country_of_post(cable.origin) or ""])


def days_since_1970(day: dt.date | None) -> int | None:
    """Return a date as days since 1 January 1970, which are negative before."""
    return None if day is None else day.toordinal() - dt.date(1970, 1, 1).toordinal()


def _distinct(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, values)))
