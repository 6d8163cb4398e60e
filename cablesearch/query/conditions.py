"""Conditions that are asked for by name: ``missing:date``, ``has:date`` and ``is:due``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from whoosh import query as q

from cablesearch.cable import Classification, Level
from cablesearch.classification.controls import CONTROL_NAMES, KNOWN_CONTROLS
from cablesearch.classification.levels import USUAL_NAMES
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
    if restriction := _restriction(name):
        return f"Did you mean {'-' if kind == MISSING else ''}{restriction}?"
    restrictions = {each.lower(): value for each in _RESTRICTIONS if (value := _restriction(each))}
    near = difflib.get_close_matches(name, [*names, *restrictions], 1)
    noun = "conditions" if kind == IS else "fields"
    if not near:
        return f"The {noun} are {', '.join(names)}."
    return f"Did you mean {f'{kind}:{near[0]}' if near[0] in names else restrictions[near[0]]}?"


_RESTRICTIONS = (*USUAL_NAMES, *KNOWN_CONTROLS)
"""Levels and controls, which people look for among the conditions."""


def _restriction(name: str) -> str | None:
    """Return the query for paragraphs of a level or with a control, given its name."""
    name = name.upper()
    if parsed := Classification.parse(name):
        value = " ".join(level for level in USUAL_NAMES if Level[level.replace(" ", "_")] == parsed.level)
        value = "//".join([value, *parsed.controls])
        return f'class:"{value}"' if " " in value else f"class:{value}"
    control = CONTROL_NAMES.get(name.replace(" ", ""))
    return control and (f'control:"{control}"' if " " in control else f"control:{control}")
