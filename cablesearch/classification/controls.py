"""Controls (caveats) such as NOFORN: their names, and those in the captions of a cable."""

from __future__ import annotations

from collections.abc import Iterator

from cablesearch.classification.levels import LEVEL
from cablesearch.classification.spelling import SLIPS, spellings
from cablesearch.text.caching import compiled_lazily

__all__ = [
    "ABBREVIATIONS",
    "CONTROL",
    "CONTROL_NAMES",
    "KNOWN_CONTROLS",
    "KNOWN_TO_BE_GRANTED",
    "NO_CONTROLS",
    "banner_controls",
    "canonical",
]

ABBREVIATIONS = {"NF": "NOFORN", "N": "NOFORN", "OC": "ORCON", "PR": "PROPIN", "IMC": "IMCON"}
_BRACKETS = "()[]{}. \t\r\n"
_FRAME = " \t\r/*-([{"
_DISTRIBUTION = ("EXDIS", "NODIS", "LIMDIS", "STADIS")
"""Captions that restrict the distribution of a cable; they may also stand in a marking."""
_NO_RELEASE = "NOTFORRELEASETOFOREIGNNATIONALS"
CONTROL_NAMES = {
    **{name: name for name in ("NOFORN", "ORCON", "PROPIN", "IMCON", "NOCONTRACT", *_DISTRIBUTION)},
    **{name: control for name, control in ABBREVIATIONS.items() if len(name) > 1},
    "N/F": "NOFORN",
    "NOFOREIGN": "NOFORN",
    "NOFOREIGNDISSEM": "NOFORN",
    "NOFOREIGNNATIONALS": "NOFORN",
    _NO_RELEASE: "NOFORN",
    "EYESONLY": "EYES ONLY",
}
KNOWN_CONTROLS = frozenset(CONTROL_NAMES.values())
CONTROL = compiled_lazily(rf"(?:{spellings(CONTROL_NAMES)})(?![A-Z0-9])")
_RELEASE_LIST = (
    r"REL(?:(?:EASABLE)? ?TO|(?= (?:USA|UK|GBR|AUS|CAN|NZL|NATO|FVEY|ISAF)(?![A-Z]))) "
    r"([A-Z]{2,4}(?:(?:,|,? AND|[ ](?=[A-Z]{3}(?![A-Z]))) ?[A-Z]{2,4}(?![A-Z]))*)"
)
_NAMES_IN_BANNERS = ("NOFORN", "ORCON", "PROPIN", "IMCON", "NOCONTRACT", "NOFOREIGNNATIONALS", _NO_RELEASE)
_BANNER_CONTROL = compiled_lazily(
    rf"(?<![A-Z])(?=[NOPIR])(?:{_RELEASE_LIST}|({spellings(_NAMES_IN_BANNERS)})(?![A-Z])|(NF|OC)(?![A-Z]|-[0-9]))"
)
_CAPTIONS = (*_DISTRIBUTION, "CHEROKEE", "ROGER CHANNEL")
_CAPTION = compiled_lazily(rf"(?<![A-Z])(?=[CELNRS])({spellings(_CAPTIONS)})(?![A-Z])")
_CAPTION_BY_NAME = {SLIPS.sub("", name): name for name in _CAPTIONS}
_STROKE = compiled_lazily(r"\s?/{1,2}\s?(?!REL)([A-Z][A-Z-]{1,30})")
NO_CONTROLS = frozenset({"FOR", "FOUO", "SBU", "SENSITIVE", "SIPDIS", "OFFICIAL", "LIMITED"})
"""Words behind a level that restrict nothing, or are part of the level."""
KNOWN_TO_BE_GRANTED = frozenset(
    {*_CAPTIONS, "SI", "TK", "HCS", "RD", "FRD", "CNWDI", "RELIDO", "RSEN", "FISA", "WNINTEL", "ATOMAL", "DSEN"}
)
"""Captions, and further controls of the register of markings of the intelligence community (CAPCO), which are read as
they stand behind a level. Any other word there is a control, too, but a person who grants one may have misspelt it."""


def canonical(controls: tuple[str, ...]) -> tuple[str, ...]:
    """Return controls in canonical form, sorted, without repeats; one that names several is split, except REL TO."""
    names: set[str] = set()
    for control in controls:
        for part in control.upper().split("/"):
            name = part.strip(_BRACKETS)
            alone = name.startswith(("REL TO ", "REL "))
            names.update([_control(name)] if alone else [_control(alternative) for alternative in name.split(",")])
    return tuple(sorted(names - {""}))


def _control(text: str) -> str:
    """Return the canonical form of a control: abbreviations spelt out, ``REL LIBYA`` as ``REL TO LIBYA``, no commas."""
    name = " ".join(text.replace(",", " ").split()).strip(_BRACKETS)
    if name.startswith("REL ") and not name.startswith("REL TO"):
        name = "REL TO" + name[3:]
    return ABBREVIATIONS.get(name, name)


def banner_controls(captions: str) -> tuple[str, ...]:
    """Return the controls that stand behind the level of a cable's first line, or in the captions under it."""
    controls = []
    at = 0
    while stroke := _STROKE().match(captions, at):
        at = stroke.end()
        if stroke[1] not in NO_CONTROLS:
            controls.append(CONTROL_NAMES.get(stroke[1], stroke[1]))
    for match in _BANNER_CONTROL().finditer(captions):
        countries, spelt, short = match.groups()
        if countries:
            controls.append("REL TO " + countries)
        else:
            controls.append(CONTROL_NAMES[SLIPS.sub("", spelt or short)])
    return (*controls, *_of_distribution(captions))


def _of_distribution(captions: str) -> Iterator[str]:
    """Yield the captions that restrict distribution: those on the line of the level, and on lines that begin with one.

    Elsewhere they are words of a text: ``REPORTED IN EXDIS CABLES``.
    """
    # Most cables have none of them.
    plain = captions.replace(" ", "").replace("SIPDIS", "")
    if "DIS" not in plain and "CHEROKEE" not in plain and "ROGERCHANNEL" not in plain:
        return
    for number, line in enumerate(captions.split("\n")):
        first = _CAPTION().search(line)
        if first is None:
            continue
        level = LEVEL().match(line.lstrip())
        if number == 0 or not line[: first.start()].strip(_FRAME) or (level and len(level[0]) > len("TS")):
            yield from (_CAPTION_BY_NAME[SLIPS.sub("", name)] for name in _CAPTION().findall(line))
