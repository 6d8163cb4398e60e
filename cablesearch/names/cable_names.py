"""The names in the paragraphs of a cable.

A later mention by a last name alone is known by an earlier one, or by a later one, with a title or a given name. What a
paragraph's names are may depend only on text that everyone who may read the paragraph may read: the evidence for a
paragraph comes from those paragraphs alone whose classification the paragraph's own covers.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import NamedTuple

from cablesearch.cable import Cable
from cablesearch.names.candidates import FAINT, LIKE_A_PLACE, LIKELY, POSSIBLE, SURE, Candidate, Scan, Span
from cablesearch.names.lists import GIVEN, OTHER, PLACE, SURNAME, lists
from cablesearch.names.runs import with_particle
from cablesearch.names.scanning import scan
from cablesearch.names.single_words import LONGEST_ACRONYM, is_subject
from cablesearch.names.spelling import name_key, word_key
from cablesearch.names.words import KINDS, begins_sentence, following, possessive, previous
from cablesearch.text.folding import fold

__all__ = ["Evidence", "ParagraphNames", "evidence", "names_by_paragraph", "persons", "tagged_person", "tagged_persons"]


class Evidence(NamedTuple):
    """What a set of paragraphs says of last names, in small letters.

    Attributes:
        sure: those that stand behind a title or a given name.
        possible: those that stand where persons do, or at least twice where one may.
        places: those that stand where a place does, and are not sure.
    """

    sure: frozenset[str]
    possible: frozenset[str]
    places: frozenset[str]


def evidence(scans: Iterable[Scan]) -> Evidence:
    """Return what paragraphs say together."""
    kinds = lists().kinds
    by_strength: defaultdict[int, set[str]] = defaultdict(set)
    repeated = set()
    possible = by_strength[POSSIBLE]
    for each in scans:
        for _, _, last, strength in each.persons:
            if strength == POSSIBLE and last in possible:
                repeated.add(last)
            by_strength[strength].add(last)
    sure = {last for last in by_strength[SURE] if not kinds.get(last, 0) & (PLACE | OTHER)}
    places = by_strength[LIKE_A_PLACE] - sure
    return Evidence(frozenset(sure), frozenset(by_strength[LIKELY] | repeated), frozenset(places))


def persons(scan: Scan, seen: Evidence) -> list[Candidate]:
    """Return the candidates of a paragraph that are names of persons, given what the cable says."""
    found = []
    sure, possible, places = seen
    for candidate in scan.persons:
        _, _, last, strength = candidate
        if strength >= LIKELY or last in sure or (strength == POSSIBLE and last in possible and last not in places):
            found.append(candidate)
    if scan.faint:
        found.extend(_faint(scan, seen))
        found.sort()
    return found


def _faint(scan: Scan, seen: Evidence) -> Iterator[Candidate]:
    """Yield the single words that are names here, because the cable has them as names elsewhere."""
    sure, possible = seen.sure, seen.possible if scan.in_capitals else frozenset()
    if not sure and not possible:
        return
    for start, word in scan.faint:
        last = word.lower()
        ending = 0
        if last not in sure and last not in possible:
            ending = possessive(word) if last[-1] in "s'’ʼ" else 0
            last = last[: len(last) - ending]
            if not ending or (last not in sure and last not in possible):
                continue
        if last not in sure and (KINDS[word] or len(last) <= LONGEST_ACRONYM or previous(scan.text, start) == "THE"):
            continue
        end = start + len(last)
        if scan.in_capitals or not begins_sentence(scan.text, start) or ending or is_subject(following(scan.text, end)):
            yield Candidate(with_particle(scan.text, start), end, last, FAINT)


class ParagraphNames(NamedTuple):
    """The names in a paragraph, each once, in the order of the text.

    Attributes:
        persons: those of persons, in full where only the last name is written.
        organizations, places: those of others.
        alone: the last names that are written alone and not among ``persons``.
    """

    persons: list[str]
    organizations: list[str]
    places: list[str]
    alone: list[str]

    @property
    def every(self) -> list[str]:
        """All that a paragraph is found by."""
        return [*self.persons, *self.alone, *self.organizations, *self.places]


def names_by_paragraph(cable: Cable) -> list[ParagraphNames]:
    """Return the names in each paragraph of a cable.

    A last name alone becomes the full name, if the paragraphs that serve as evidence have exactly one with that last
    name. The time depends on the length of the text, and on the number of different classifications of paragraphs.
    """
    paragraphs = cable.paragraphs
    scans = [scan(paragraph.text) for paragraph in paragraphs]
    tagged = tagged_persons(cable)
    found: list[ParagraphNames | None] = [None] * len(paragraphs)
    for classification in dict.fromkeys(paragraph.classification for paragraph in paragraphs):
        seen = [place for place, each in enumerate(paragraphs) if classification.covers(each.classification)]
        known = _known([scans[place] for place in seen], tagged)
        for place, mentions in zip(seen, known.mentions, strict=True):
            if paragraphs[place].classification == classification:
                found[place] = _names(scans[place], mentions, known.full)
    return [names for names in found if names is not None]


def tagged_persons(cable: Cable) -> list[str]:
    """Return the names of the persons among TAGS."""
    return [name for tag in cable.tags if tag.kind == "person" and (name := tagged_person(tag.name))]


def tagged_person(tag: str) -> str:
    """Return the name of a person among TAGS as it is spoken: ``CLINTON, HILLARY`` is Hillary Clinton; empty if the tag
    has no comma."""
    last, _, given = tag.partition(",")
    return f"{given.strip()} {last.strip()}".title() if given.strip() and last.strip() else ""


class _Known(NamedTuple):
    """What is known from paragraphs and TAGS.

    Attributes:
        mentions: the persons in each of the paragraphs.
        full: the full names of last names that have only one, by the key of the last name.
    """

    mentions: list[list[Candidate]]
    full: dict[str, str]


def _known(scans: list[Scan], tagged: list[str]) -> _Known:
    """Return what paragraphs and TAGS say together."""
    seen = evidence(scans)
    if tagged:
        last_names = frozenset(name.split()[-1].lower() for name in tagged)
        seen = seen._replace(sure=seen.sure | last_names, places=seen.places - last_names)
    full: dict[str, dict[str, str]] = {}
    for name in tagged:
        full.setdefault(word_key(fold(name.split()[-1])), {}).setdefault(name_key(name), name)
    last_of_tagged = frozenset(full)
    mentions = []
    for each in scans:
        mentions.append(persons(each, seen))
        text = each.text
        for start, end, last, _ in mentions[-1]:
            name = text[start:end]
            if " " in name:
                of_name = name_key(name)
                for word in _alone(name, last):
                    key = word_key(fold(word))
                    # What TAGS say is a last name is not that of a person whose name begins with it.
                    if word == last or key not in last_of_tagged:
                        full.setdefault(key, {}).setdefault(of_name, name)
    return _Known(mentions, {last: next(iter(names.values())) for last, names in full.items() if len(names) == 1})


def _alone(name: str, last: str) -> set[str]:
    """Return the words by which a person may be called alone: the last name, and a family name that comes first."""
    first = name.split(maxsplit=1)[0]
    return {last} if KINDS[first] & (GIVEN | SURNAME) == GIVEN or len(first) == 1 or "." in first else {last, first}


def _places(each: Scan) -> list[Span]:
    """Return the places that are not part of the name of an organization, as in Central Bank of *Kenya*."""
    if not each.organizations or not each.places:
        return each.places
    organizations = sorted(each.organizations)
    starts = [span.start for span in organizations]
    # For each organization, the last end of those that do not start after it.
    ends = list(accumulate((span.end for span in organizations), max, initial=0))
    return [place for place in each.places if ends[bisect_right(starts, place.start)] < place.end]


def _names(each: Scan, mentions: list[Candidate], full: dict[str, str]) -> ParagraphNames:
    text = each.text
    names = {}
    alone = {}
    for start, end, _, _ in mentions:
        name = text[start:end]
        if " " not in name and (known := full.get(word_key(fold(name)))):
            alone[name] = True
            name = known
        names[name] = True
    organizations = {text[start:end]: True for start, end in each.organizations}
    places = {text[start:end]: True for start, end in _places(each)}
    return ParagraphNames(list(names), list(organizations), list(places), list(alone))
