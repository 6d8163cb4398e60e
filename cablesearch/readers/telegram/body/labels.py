"""Paragraph labels: the printed number and portion marking, ``4. (C/NF)``.

A line may begin with ``12.`` without being a paragraph: as the tail of a sentence, or as a point of a list inside a
paragraph. They are distinguished by the sequence: labels count up, carry markings when the others do, and stand
after a blank line when the others do.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from functools import cached_property
from typing import NamedTuple

from cablesearch.classification.behind_level import is_of_entire_text
from cablesearch.classification.leading import leading_marking
from cablesearch.readers.errors import check_paragraphs
from cablesearch.readers.telegram.body.headings import ends_sentence, heading_before, is_ruler
from cablesearch.readers.telegram.opening.extent import is_reference
from cablesearch.text.lookalikes import DASHES

__all__ = ["Label", "paragraph_labels"]

_NUMBER = re.compile(
    r"\n(?![A-Za-z])[^\S\n]*(?:Â?¶[^\S\n]{0,4})?([0-9]{1,3})(?![0-9])"
    rf"(?:[^\S\n]?\.(?![0-9])|(?=[^\S\n]{{0,3}}[,:;)/{DASHES}]?[^\S\n]{{0,3}}[(\[{{]))"
)
_LINE_ABOVE = re.compile(r"([(\[{][^()\[\]{}\n]{1,60}[)\]}])[^\S\n]*\n[^\S\n]*\Z")
_CLOSING = (")", "]", "}", " ", "\t", "\r")
_LONGEST_MARKING = 80
_BREAKS_OF_BLANK_LINE = 2
_SENTENCE_END = frozenset(".?!:;\"')]”’")
_SUBJECT = re.compile(r"\n[^\S\n]{0,80}SUBJ(?:ECT)?:", re.IGNORECASE)
_WIDEST_GAP = 3
_MOST_LOST_NUMBERS = 40
_LONGEST_END = 40
_LONG_STRETCH = 1500


class Label(NamedTuple):
    """A paragraph's label: its place, where the text after it starts, what it says, and whether it may be a point of a
    list in the last marked paragraph."""

    start: int
    text_start: int
    number: int | None
    marking: str | None
    is_listed: bool = False


class _Candidate(NamedTuple):
    """A line that begins like a label."""

    start: int
    text_start: int
    digits: str
    number: int
    marking: str | None
    after_blank: bool
    plausible: bool

    def fits(self, expected: int) -> bool:
        """Return whether this is number ``expected``, perhaps with a pilcrow that was damaged to the digit 1."""
        return self.number == expected or self.digits == f"1{expected}"


def paragraph_labels(text: str) -> list[Label]:
    """Return the labels of a body's numbered paragraphs, in order.

    ``text`` is a body whose page breaks have been blanked out.

    Raises:
        UnreadableCable: more places may be labels than a cable has paragraphs.
    """
    candidates = _candidates(text)
    labels = _Sequence(text, candidates).choose()
    return _with_inline(text, labels) if labels else _inline_unmarked(text)


def _candidates(text: str) -> list[_Candidate]:
    candidates = []
    first = _NUMBER.match("\n" + text[:40])
    if first:
        candidate = _candidate(text, first.start(1) - 1, first.end() - 1, first[1], True)
        candidates += [candidate] if candidate else []
    for match in _NUMBER.finditer(text):
        line = match.start()
        after_blank = _blank_line_before(text, line)
        candidate = _candidate(text, match.start(1), match.end(), match[1], after_blank, may_cite=not candidates)
        if candidate and candidate.marking is None and text[line - 1 : line] in _CLOSING:
            candidate = _marked_above(text, candidate, candidates[-1].text_start if candidates else 0)
        if candidate:
            candidates.append(candidate)
            check_paragraphs(len(candidates))
    return candidates


def _candidate(
    text: str, start: int, end: int, digits: str, after_blank: bool, *, may_cite: bool = True
) -> _Candidate | None:
    """Return the candidate behind a number, None without one. ``may_cite``: it may be an entry of the references."""
    mark = leading_marking(text, end)
    if mark is None:
        if text[end - 1 : end] != "." or (may_cite and is_reference(text, end)):
            return None
        following = text[end : end + 8].lstrip()[:1]
        plausible = after_blank or not following.islower()
        return _Candidate(_with_pilcrow(text, start), end, digits, int(digits), None, after_blank, plausible)
    return _Candidate(_with_pilcrow(text, start), mark[1], digits, int(digits), mark[0], after_blank, True)


def _marked_above(text: str, label: _Candidate, floor: int) -> _Candidate:
    """Give a label the marking that stands above it on a line of its own, behind a blank line."""
    start = max(floor, label.start - _LONGEST_MARKING)
    line = _LINE_ABOVE.search(text, start, label.start)
    mark = leading_marking(text, line.start(1)) if line else None
    if line is None or mark is None or text[mark[1] : label.start].strip():
        return label
    above = text[start : line.start(1)]
    if above.strip() and above.count("\n", len(above.rstrip())) < _BREAKS_OF_BLANK_LINE:
        return label
    return label._replace(marking=mark[0], start=line.start(1), after_blank=True)


def _with_pilcrow(text: str, start: int) -> int:
    """Move a label's start back over its pilcrow, with nothing but blanks between.

    Of a pilcrow misread as ``Â¶`` the first character is taken along unless it may end a word.
    """
    if text.find("¶", max(0, start - 6), start) < 0:
        return start
    before = text[max(0, start - 6) : start].rstrip()
    if not before.endswith("¶"):
        return start
    at = max(0, start - 6) + len(before) - 1
    return at - 1 if at and text[at - 1] == "Â" and (at == 1 or text[at - 2].isspace()) else at


def _blank_line_before(text: str, line_break: int) -> bool:
    """Return whether the line that ends at ``line_break`` is blank."""
    if line_break and text[line_break - 1] == "\n":
        return True
    floor = max(0, line_break - 200)
    previous = text.rfind("\n", floor, line_break)
    if previous < 0 and floor:
        return False
    return not text[max(previous, 0) : line_break].strip()


class _Sequence:
    """Chooses among candidates those that are labels; work is linear in their number (times a logarithm)."""

    def __init__(self, text: str, candidates: list[_Candidate]) -> None:
        self.text = text
        self.candidates = candidates
        self.chosen: list[Label] = []
        self.expected = 1
        self.resumed = 0
        self.all_after_blank = True
        self.list_next = 0
        self.points = 0
        """How many candidates since the last label count up from 1."""

    def choose(self) -> list[Label]:
        """Return the labels among the candidates."""
        if self._is_regular():
            return [
                Label(candidate.start, candidate.text_start, candidate.number, candidate.marking)
                for candidate in self.candidates
            ]
        for index, candidate in enumerate(self.candidates):
            if candidate.marking or self._fits_unmarked(index, candidate):
                self._take(candidate)
            elif candidate.number == self.points + 1:
                self.points += 1
        return self.chosen

    def _is_regular(self) -> bool:
        """Return whether there is nothing to choose: all in sequence, all with markings or all without and after blank
        lines."""
        if any(candidate.number != number for number, candidate in enumerate(self.candidates, 1)):
            return False
        return all(candidate.marking for candidate in self.candidates) or all(
            candidate.after_blank and not candidate.marking for candidate in self.candidates
        )

    @cached_property
    def marked(self) -> bool:
        """Return whether any candidate has a marking of its own, and not the one of the entire text."""
        return any(candidate.marking and not is_of_entire_text(candidate.marking) for candidate in self.candidates)

    @cached_property
    def where(self) -> dict[int, list[int]]:
        """Return where each number stands among the candidates, in order."""
        places: dict[int, list[int]] = defaultdict(list)
        for index, candidate in enumerate(self.candidates):
            places[candidate.number].append(index)
        return places

    @cached_property
    def next_marked(self) -> list[int]:
        """Return for each candidate the next one that has a marking, or -1."""
        result, following = [], -1
        for index in range(len(self.candidates) - 1, -1, -1):
            result.append(following)
            if self.candidates[index].marking:
                following = index
        return result[::-1]

    def _take(self, candidate: _Candidate) -> None:
        number = self.expected if candidate.fits(self.expected) else candidate.number
        goes_on = self.points and candidate.number == self.points + 1
        floor = self.chosen[-1].text_start if self.chosen else 0
        is_listed = not candidate.marking and bool(goes_on or (self.chosen and self.chosen[-1].is_listed))
        self.chosen.append(Label(candidate.start, candidate.text_start, number, candidate.marking, is_listed))
        if number < self.expected and not self.resumed:
            self.resumed = self.expected
        elif number >= self.resumed:
            self.resumed = 0
        self.all_after_blank = self.all_after_blank and self._stands_apart(candidate, floor)
        self.expected = number + 1
        self.list_next = self.points = 0

    def _fits_unmarked(self, index: int, candidate: _Candidate) -> bool:
        """Return whether a candidate without a marking is a label."""
        if self.resumed and candidate.plausible and candidate.number == self.resumed:
            return True  # a marked candidate may have been a point of a list
        if not candidate.plausible or (self.marked and not candidate.fits(self.expected)):
            return False
        if candidate.fits(self.expected):
            return self._is_expected(index, candidate)
        if candidate.number == self.list_next:
            self.list_next += 1
            return False
        if candidate.number == 1:
            return self._is_restart(index, candidate)
        return self._is_jump(index, candidate)

    def _is_jump(self, index: int, candidate: _Candidate) -> bool:
        """Return whether numbers are missing before a candidate, or it repeats the last one."""
        if not self.chosen:
            return candidate.after_blank and not self.where.get(1) and self._later(index, candidate.number + 1)
        small_gap = 0 <= candidate.number - self.expected + 1 <= _WIDEST_GAP + 1
        return candidate.after_blank and small_gap and not self._later(index, self.expected)

    def _is_expected(self, index: int, candidate: _Candidate) -> bool:
        """Return whether a candidate with the right number is the label, and not a list's point that happens to fit."""
        if self.marked:
            marked = self.next_marked[index]
            if marked >= 0 and self.candidates[marked].fits(self.expected):
                return self._is_of_other_cable(candidate, self.candidates[marked])
            if marked < 0 or self.candidates[marked].number > self.expected:
                return True  # else this paragraph would be read under the marking of the one before
        elif self.list_next == candidate.number and self._later(index, candidate.number):
            self.list_next += 1
            return False
        return self._stands_apart(candidate) or self._may_stand_close(index, candidate)

    def _may_stand_close(self, index: int, candidate: _Candidate) -> bool:
        """Return whether a candidate with the right number is the label without a blank line above it."""
        if self._later(index, candidate.number, after_blank=True):
            return False
        if len(self.chosen) < 2 or not self.all_after_blank:
            return True
        # No list counts up to it, and it begins a sentence, or the next number shows that one is missing.
        above = self.text[max(0, candidate.start - _LONGEST_END) : candidate.start]
        return not self.points and (ends_sentence(above) or self._later(index, candidate.number + 1, after_blank=True))

    def _stands_apart(self, candidate: _Candidate, floor: int | None = None) -> bool:
        """Return whether a blank line or a heading stands right above a candidate."""
        if candidate.after_blank:
            return True
        if floor is None:
            floor = self.chosen[-1].text_start if self.chosen else 0
        if is_ruler(self.text[floor : candidate.start].rstrip().rpartition("\n")[2]):
            return True
        heading = heading_before(self.text, floor, candidate.start)
        return heading is not None and not heading.text[:1].isdigit()

    def _is_of_other_cable(self, candidate: _Candidate, marked: _Candidate) -> bool:
        """Return whether another cable begins between a candidate and one with a marking, both with the same number."""
        subject = _SUBJECT.search(self.text, 0, candidate.start)
        return subject is not None and _SUBJECT.search(self.text, candidate.start, marked.start) is not None

    def _is_restart(self, index: int, candidate: _Candidate) -> bool:
        """Return whether a further number 1 begins a second numbering; else it begins a list within the paragraph."""
        apart = candidate.after_blank and self._later(index, 2)
        if apart and (not self._later(index, self.expected) or self._is_run(index)):
            return True
        self.list_next = 2
        return False

    def _is_run(self, index: int) -> bool:
        """Return whether a number 1 that no colon announces is followed by all numbers up to the one expected."""
        announced = self.text[max(0, self.candidates[index].start - 60) : self.candidates[index].start].rstrip()
        run = self.candidates[index : index + self.expected]
        counted = len(run) == self.expected and all(
            candidate.number == number for number, candidate in enumerate(run, 1)
        )
        return counted and not announced.endswith(":")

    def _later(self, index: int, number: int, *, after_blank: bool = False) -> bool:
        """Return whether a candidate with this number follows (the last of them decides about the blank line)."""
        places = self.where.get(number, [])
        at = bisect_right(places, index)
        return at < len(places) and (not after_blank or self.candidates[places[-1]].after_blank)


def _with_inline(text: str, labels: list[Label]) -> list[Label]:
    """Add labels with markings that stand inside a line, where the sequence of the others has a gap."""
    result: list[Label] = []
    expected, done, searches = 1, 0, _MOST_LOST_NUMBERS
    for label in [*labels, Label(len(text), len(text), None, None)]:
        while searches and (label.number is None or label.number > expected):
            inline = _inline(text, done, label.start, expected)
            if inline is None and label.start - done > _LONG_STRETCH:
                searches -= 1
                inline = _inline_next(text, done, label.start, expected)
            if inline is None or inline.number is None:
                break
            result.append(inline)
            check_paragraphs(len(result))
            expected, done = inline.number + 1, inline.text_start
        if label.number is not None:
            result.append(label)
            expected, done = label.number + 1, label.text_start
    return result


def _inline_next(text: str, start: int, end: int, number: int) -> Label | None:
    """Return the label that follows when ``number`` cannot be found because its pilcrow is damaged or it is lost."""
    damaged = _inline(text, start, end, int(f"1{number}"))
    if damaged:
        return damaged._replace(number=number)
    later = (_inline(text, start, end, number + skipped) for skipped in range(1, _WIDEST_GAP))
    return next((label for label in later if label), None)


def _inline(text: str, start: int, end: int, number: int) -> Label | None:
    """Return the first label of this number, with a marking, inside a line between two places."""
    wanted = f"{number}."
    place = text.find(wanted, start, end)
    while place >= 0:
        if place and (text[place - 1].isspace() or text[place - 1] == "¶"):
            mark = leading_marking(text, place + len(wanted))
            cited = text[max(0, place - 12) : place].lower().rstrip(" s").endswith(("para", "paragraph"))
            if mark and mark[1] <= end and not cited:
                return Label(_with_pilcrow(text, place), mark[1], number, mark[0])
        place = text.find(wanted, place + len(wanted), end)
    return None


def _inline_unmarked(text: str) -> list[Label]:
    """Return the labels of a body that lost its line breaks: in sequence from 1, each after the end of a sentence."""
    marked = _with_inline(text, [])
    if marked:
        return marked
    labels: list[Label] = []
    place = 0
    while True:
        number = len(labels) + 1
        candidate = _sentence_number(text, place, number)
        if candidate < 0:
            return labels if len(labels) > 1 else []
        place = candidate + len(str(number)) + 1
        labels.append(Label(_with_pilcrow(text, candidate), place, number, None))
        check_paragraphs(number)


def _sentence_number(text: str, start: int, number: int) -> int:
    """Return where ``number.`` begins a sentence after another one, or -1."""
    wanted = f"{number}. "
    place = text.find(wanted, start)
    while place >= 0:
        before = text[max(0, place - 8) : place]
        stripped = before.rstrip(" \t\n¶")
        if (
            stripped != before
            and stripped[-1:] in _SENTENCE_END
            and text[place + len(wanted) : place + len(wanted) + 1].isupper()
        ):
            return place
        place = text.find(wanted, place + len(wanted))
    return -1
