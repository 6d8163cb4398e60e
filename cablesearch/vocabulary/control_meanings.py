"""What controls and the abbreviations of levels mean, in words.

Sources: the Foreign Affairs Manual of the Department of State (5 FAH-2, captions), and the register of markings of the
intelligence community (CAPCO).
"""

from __future__ import annotations

__all__ = ["control_meaning"]

_MEANINGS = {
    "ATOMAL": "Atomic information of NATO",
    "CHEROKEE": "For the Secretary of State and a few senior officials",
    "CNWDI": "Critical nuclear weapon design information",
    "DSEN": "Sensitive information of the Drug Enforcement Administration",
    "EXDIS": "Exclusive distribution: for offices that need to know",
    "EYES ONLY": "Only for the named recipients",
    "FISA": "Information under the Foreign Intelligence Surveillance Act",
    "FRD": "Formerly restricted data on nuclear weapons",
    "HCS": "Human intelligence, handled in its own control system",
    "IMCON": "Controlled imagery",
    "LIMDIS": "Limited distribution",
    "NATO": "Information of NATO",
    "NOCONTRACT": "Not releasable to contractors or consultants",
    "NODIS": "No distribution beyond the addressee",
    "NOFORN": "Not releasable to foreign nationals",
    "ORCON": "The originator controls how it is passed on",
    "PROPIN": "Proprietary information is involved",
    "RD": "Restricted data on nuclear weapons",
    "RELIDO": "Releasable by an information disclosure official",
    "ROGER CHANNEL": "Intelligence matters, for the Bureau of Intelligence and Research",
    "RSEN": "Risk sensitive",
    "SI": "Special intelligence: communications",
    "STADIS": "Distribution within the Department of State only",
    "TK": "Talent Keyhole: intelligence from space",
    "WNINTEL": "Intelligence sources or methods are involved",
}
_RELEASABLE = "REL TO "


def control_meaning(name: str) -> str | None:
    """Return what a control means, in words; None when that is not on record."""
    if name.startswith(_RELEASABLE):
        return f"Releasable only to {', '.join(name.removeprefix(_RELEASABLE).split())}"
    return _MEANINGS.get(name)
