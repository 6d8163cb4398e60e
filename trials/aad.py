"""Telegrams of the National Archives against what these say of them, as percentages of the telegrams.

The folder has the telegrams and ``truth.jsonl``, a line a file: ``file``, ``document_number``, ``draft_date``,
``original_classification``, ``original_handling``, ``subject`` and ``tags`` as they stand in its attributes.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from cablesearch.cable import Cable
from cablesearch.readers import UnreadableCable, scan
from cablesearch.readers.records import Record

__all__ = ["experiment"]

_WANTED = {"taken": 98, "text": 98, "clean": 98, "dated": 98, "tags": 95, "subject": 95, "level": 95, "controls": 95}
_MOST_DAYS = 10
"""Days between draft and transmission."""
_ADDED = re.compile(
    r"Declassified/Released|Systematic Review|Message (?:Text|Attributes)|link19[0-9]{2}/|Capture Date|n/a"
    r"|\bPAGE [0-9]{2}\b|\bNNNN?\b|\bACTION [A-Z]+-[0-9]{2}|\b[A-Z]{1,5}-[0-9]{2} +[A-Z]{1,5}-[0-9]{2}\b"
)
_LABELLED = re.compile(r"^(?:E\. ?O\.|TAGS|SUBJ|REF)[^\n]*\n(?:[^\n]+\n)*", re.MULTILINE)
_SECTION = re.compile(
    r"^ *PAGE 01 .{0,4000}?^ *(?:UNCLAS|LIMITED OFFICIAL|L I M I T E D|CONFIDENTIAL|C O N F I|SECRET|S E C R E T)"
    r"[^\n]*[0-9][^\n]*$",
    re.MULTILINE | re.DOTALL,
)
"""The header of another section of the message."""
_FURNITURE = re.compile(
    r"^.*(?:Declassified/Released|PAGE [0-9]{2}).*$"
    r"|^\s*(?:UNCLASSIFIED|LIMITED OFFICIAL USE|CONFIDENTIAL|SECRET|NNN+|[A-Z]+)\s*$",
    re.MULTILINE,
)
_CAPTION = re.compile(r"^ *(EXDIS|NODIS|LIMDIS|STADIS)\b", re.MULTILINE)
_MOST_WORDS_OUTSIDE = 12
_OUTSIDE_BRACKETS = re.compile(r",(?![^()]*\))")


def experiment(folder: Path) -> dict[str, Any]:
    """Return the percentages, and the files in which something is not as the attributes say."""
    truth = [json.loads(line) for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    right: Counter[str] = Counter()
    wrong: dict[str, list[str]] = {name: [] for name in _WANTED}
    for stated in truth:
        text = (folder / stated["file"]).read_text(encoding="utf-8", errors="surrogateescape")
        results = _judged(_cable(folder / stated["file"]), stated, text)
        for name in _WANTED:
            if results.get(name):
                right[name] += 1
            else:
                wrong[name].append(stated["file"])
    shares = {name: round(100 * right[name] / max(1, len(truth)), 1) for name in _WANTED}
    missed = [name for name, share in shares.items() if share < _WANTED[name]]
    return {"telegrams": len(truth), **shares, "wrong": wrong, "failures": missed}


def _cable(path: Path) -> Cable | None:
    records = [item for item in scan([str(path)]) if isinstance(item, Record)]
    try:
        return records[0].parse() if len(records) == 1 else None
    except UnreadableCable:
        return None


def _judged(cable: Cable | None, stated: dict[str, Any], text: str) -> dict[str, bool]:
    """Return what of a cable is right, by name."""
    if cable is None:
        return {}
    drafted = dt.datetime.strptime(stated["draft_date"].title(), "%d %b %Y").replace(tzinfo=dt.timezone.utc)
    level = stated["original_classification"].replace("LIMITED OFFICIAL USE", "SENSITIVE BUT UNCLASSIFIED")
    said = "\n".join(f"{paragraph.section or ''}\n{paragraph.text}" for paragraph in cable.paragraphs)
    handling, controls = _names(_value(stated["original_handling"])), set(cable.classification.controls)
    subject, expected = _letters(cable.subject), _letters(_value(stated["subject"]))
    return {
        "taken": cable.attributes.get("Document Number") == stated["document_number"]
        and cable.header + cable.body == text,
        "text": _words_outside(cable, said, text) <= _MOST_WORDS_OUTSIDE,
        "clean": _ADDED.search(said) is None,
        "dated": cable.date is not None and abs((cable.date - drafted).days) <= _MOST_DAYS,
        "tags": _names(_value(stated["tags"])) <= {tag.name for tag in cable.tags},
        # Those of the attributes are cut, or run on into the text.
        "subject": subject.startswith(expected) or (bool(subject) and expected.startswith(subject)),
        "level": cable.classification.level.title == level,
        "controls": handling <= controls <= {*handling, *_CAPTION.findall(text)},
    }


def _value(value: str | None) -> str:
    return "" if value in (None, "n/a", "N/A") else str(value)


def _letters(text: str | None) -> str:
    return re.sub(r"\W+", "", (text or "").upper())


def _names(value: str) -> set[str]:
    """Return the names of a list; those of persons stand in brackets there."""
    names = (
        ", ".join(part.strip() for part in name.strip("() ").split(",")) for name in _OUTSIDE_BRACKETS.split(value)
    )
    return {name for name in names if name}


def _words_outside(cable: Cable, said: str, text: str) -> int:
    """Return how many words of the message are in no paragraph, as far as the labels show where it begins."""
    message = text.partition("Message Attributes")[0].partition("Message Text")[2]
    labels = list(_LABELLED.finditer(message, 0, 4000))
    rest = _SECTION.sub("", message[labels[-1].end() :]) if labels else cable.body.partition("Message Attributes")[0]
    words, read = (Counter(re.findall("[A-Z]{3,}", part)) for part in (_FURNITURE.sub("", rest), said))
    return (words - read).total()
