"""Misspelt clearances. The lists are those of the program: names in an archive may be hidden from whoever asks."""

from __future__ import annotations

from collections.abc import Iterable

from cablesearch.classification.controls import CONTROL_NAMES, KNOWN_CONTROLS, KNOWN_TO_BE_GRANTED, NO_CONTROLS
from cablesearch.classification.levels import LEVELS

__all__ = ["near_clearance", "unknown_among"]

_SHORTEST = 4
"""The fewest letters of a name that is compared: shorter ones are near to anything."""
_NEAR = 0.7
"""How alike two names are at least, by `difflib`; a letter left out of six makes 0.91."""
_LONGEST = 100
"""The most letters of a name that is compared."""


def near_clearance(text: str, full: str) -> str | None:
    """Return a valid clearance that was probably meant by an invalid one, or None.

    >>> near_clearance("SECERT//NOFORN", "FULL"), near_clearance("conf", "FULL"), near_clearance("secret/orcon", "FULL")
    ('SECRET//NOFORN', 'CONFIDENTIAL', 'SECRET//ORCON')
    """
    level_text, _, controls = text.strip().upper().partition("/")
    name = " ".join(level_text.replace("_", " ").replace("-", " ").split())
    names = [*(known for known in LEVELS if known != "TOPSECRET"), full]
    level = name if name in names else _nearest(name, names)
    if level is None and len(name) >= _SHORTEST:
        level = next((known for known in names if known.startswith(name)), None)
    if level is None:
        return None
    controls = controls.strip("/ ")
    return f"{level}//{controls}" if controls and level != full else level


def unknown_among(controls: Iterable[str]) -> list[tuple[str, str | None]]:
    """Return the controls, in canonical form, that are not known, each with what was probably meant, or None."""
    granted = sorted(controls)
    unknown = [name for name in granted if not _is_known(name)]
    lists = [name for name in granted if name.startswith("REL TO ")]
    countries = [name for name in unknown if len(name) < _SHORTEST]
    result: list[tuple[str, str | None]] = []
    for name in unknown:
        words = name.split()
        if len(lists) == 1 and name in countries:
            # "REL TO USA,GBR" is taken apart at the comma.
            near: str | None = " ".join([*lists, *countries])
        elif len(words) > 1 and all(map(_is_known, words)):
            near = ",".join(words)
        else:
            spelt = _nearest(name, [*CONTROL_NAMES, *KNOWN_TO_BE_GRANTED])
            near = spelt and CONTROL_NAMES.get(spelt, spelt)
        result.append((name, near))
    return result


def _is_known(name: str) -> bool:
    return name in KNOWN_CONTROLS | KNOWN_TO_BE_GRANTED | NO_CONTROLS or name.startswith("REL TO ")


def _nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the name that is most like another, if any is near."""
    # Only messages about misspelt names need it.
    from difflib import get_close_matches

    if len(name) > _LONGEST:
        return None
    return next(iter(get_close_matches(name, [known for known in names if len(known) >= _SHORTEST], 1, _NEAR)), None)
