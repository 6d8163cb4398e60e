"""Conditions that are asked for by name: ``missing:date``, ``has:date`` and ``is:due``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from whoosh import query as q

from cablesearch.cable import Level
from cablesearch.query.fields import FIELDS, HAS, IS, MISSING, every

__all__ = ["CONDITIONS", "condition"]


def _today() -> int:
    from cablesearch.schema.derived import days_since_1970

    day = days_since_1970(dt.datetime.now(dt.timezone.utc).date())
    assert day is not None
    return day


def _capitals(boost: float) -> q.Query:
    # Most searches do not need it.
    from cablesearch.text.cased import CAPITALS

    return q.Term("case", CAPITALS, boost=boost)


CONDITIONS: dict[str, Callable[[float], q.Query]] = {
    "due": lambda boost: q.NumericRange("declassify", None, _today(), boost=boost),
    "classified": lambda boost: q.NumericRange("class", int(Level.CONFIDENTIAL), None, boost=boost),
    "unclassified": lambda boost: q.NumericRange("class", None, int(Level.CONFIDENTIAL), endexcl=True, boost=boost),
    "controlled": lambda boost: q.Every("control", boost=boost),
    "marked": lambda boost: q.Every("marking", boost=boost),
    "numbered": lambda boost: q.Every("number", boost=boost),
    "capitals": _capitals,
    "reply": lambda boost: q.Every("answers", boost=boost),
    "flash": lambda boost: q.Term("precedence", "FLASH", boost=boost),
    "niact": lambda boost: q.Term("precedence", "NIACT", boost=boost),
    "immediate": lambda boost: q.Term("precedence", "IMMEDIATE", boost=boost),
    "priority": lambda boost: q.Term("precedence", "PRIORITY", boost=boost),
    "routine": lambda boost: q.Term("precedence", "ROUTINE", boost=boost),
}
"""What ``is:`` asks for, by name. ``due`` depends on the day on which it is asked, in UTC."""


def condition(kind: str, name: str, boost: float = 1.0) -> q.Query:
    """Return the query for a condition.

    Args:
        kind: `MISSING`, `HAS` or `IS`.
        name: the name of a field or, for `IS`, of a condition.
        boost: the score of what fulfils it.

    Raises:
        ValueError: there is no such name; the message says which there are.
    """
    name = name.strip().lower()
    if kind == IS:
        if make := CONDITIONS.get(name):
            return make(boost)
    elif field := FIELDS.get(name):
        return q.Not(every(field)) if kind == MISSING else every(field, boost)
    raise ValueError(_advice(kind, name))


def _advice(kind: str, name: str) -> str:
    import difflib  # Only the message about an error needs it.

    from cablesearch.vocabulary.parts import kind_named

    names = list(CONDITIONS) if kind == IS else list(FIELDS)
    if kind == IS and (part := kind_named(name)):
        return f"Did you mean in:{part}?"
    if kind == IS and name in FIELDS:
        return f"Did you mean {HAS}:{name}?"
    near = difflib.get_close_matches(name, names, 1)
    noun = "conditions" if kind == IS else "fields"
    return f"Did you mean {kind}:{near[0]}?" if near else f"The {noun} are {', '.join(names)}."
