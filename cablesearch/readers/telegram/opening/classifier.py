"""Who classified a cable and why: ``Classified By: Ambassador Glyn T. Davies for reasons 1.4 (b) and (d)``.

The label stands before the first paragraph or is the first paragraph. Where it was filled in by machine it reads
``Classified By:``, and its line is wrapped at column 71, in mid-word.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice

from cablesearch.readers.telegram.opening.classifier_names import person_names
from cablesearch.readers.telegram.opening.classifier_words import is_listed, kind_of
from cablesearch.readers.telegram.opening.extent import LONGEST_OPENING, first_paragraph
from cablesearch.readers.telegram.page_breaks import is_caption, is_page_break, page_breaks

__all__ = ["classification_reason", "classified_by"]

_MACHINE_LABEL = "Classified By:"
_HARD_WRAP = 71
_LONGEST_UNNUMBERED = 6000
_LONGEST_FIRST_PARAGRAPH = 500
_LONGEST_PHRASE = 700
_MOST_LABELS = 8
_MOST_LINES = 14
_EXACT_LABELS = ("lassified By", "LASSIFIED BY", "lassified by")
_LABEL = re.compile(
    r"[Cc](?<![a-z].)(?<!DE.)(?<!UN.)"
    r"(?i:(?:(?:la?|as)s{1,3}(?:\w{0,3}f\w{0,5}|i\w{0,3}ed)\s{1,3}b(?:\s?y|v|t)|l\.?[ ]by"
    r"|lassif(?:ying|ication)[ ](?:officer|official|authority))"
    r"(?![a-z])[ :;,.-]{0,20}(?:\([csu]\)[ ]{0,3}(?=\S))?[\s:;,.-]{0,40})"
)
_PASSIVE = frozenset(["was", "were", "been", "is", "are", "be", "being", "not"])
_SELF = frozenset(["cable", "message", "telegram", "document", "memcon", "report", "airgram"])
_BEGINS_TEXT = re.compile(
    r"\s{0,40}(?:¶|\d{1,2}\s?\.\s{0,3}[^\s\d]|\([A-Z]{1,3}(?:/[A-Z]{2})?\)\s{1,4}(?!class)|[-=_]{3,}"
    r"|(?:begin|summary|comment|subject|tags|refs?|reasons?)\b|e\.?o\.)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\n\s{0,20}(?:¶|\d{1,2}\s?\.\s{0,3}\()")
_LAST_WORD = re.compile(r"[^\W\d_]{1,30}$")
_FIRST_WORD = re.compile(r"[^\W\d_]{1,30}")
_INITIAL = re.compile(r"[A-Z]\. (?!REASON|FOR\b|E\.O)[A-Z]")
_SHORTEST_WORD = 3
_WHOLE_WORDS = frozenset(["for", "and", "of", "the", "reason", "reasons", "per", "under", "at", "to", "from", "by"])
_SPLIT_WORDS = frozenset(["and", "for", "reason", "reasons"])
_BETWEEN = r"(?:and|or|through|thru|to)(?![a-z])"
_POINT = r"\s{0,3}\.\s{0,3}[3-8](?![0-9])"
_SECTION = rf"1{_POINT}"
# A pattern that begins with a literal character skips other text fast.
_REASON = re.compile(
    rf"1(?<![0-9]1){_POINT}\.?\s{{0,3}}(?:{_BETWEEN}|(?<=\()[a-h]{{2,4}}(?=\))|[a-h](?![a-z0-9])"
    rf"|{_SECTION}(?=\s{{0,3}}[(\[]?[a-h](?![a-z]))|[()\[\],.&/+;-]|\s){{1,40}}",
    re.IGNORECASE,
)
_ENDS_REASON = re.compile(rf"(?:[ ,.;/+&(\[-]|\b{_BETWEEN}){{1,20}}$", re.IGNORECASE)
_ESCAPED = re.compile(r"\\(?=['’`\"])")
_SECTION_POINT = re.compile(r"^1 ?\. ?(?=[0-9])")
_LETTER = re.compile(r"(?<![a-z])[a-h]{1,4}(?![a-z])", re.IGNORECASE)
_LETTERS_ALONE = re.compile(r"\([a-h]\)(?:\s?(?:and|or|[,&/+])?\s?\([a-h]\)){0,6}", re.IGNORECASE)
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_ROMAN = frozenset({"II", "III", "IV"})
_WORD = re.compile(r"[^\W\d_]+")


def classified_by(text: str, normalize: bool = False) -> list[str]:
    """Return the names of the officers who classified a cable, without titles and offices; usually one, often an empty
    list.

    ``text`` is a cable's body or the part of it that has the label. A name is as written, white space collapsed.
    With ``normalize`` words all in one case get a capital and small letters, a digit 0 is the letter O, and
    III is in capitals.
    """
    for start, end in _labels(text):
        phrase = _phrase(_unwrapped(text, start, end))
        names = person_names(phrase)
        if names and not (_BLANK_LINE.search(text, start, end) and phrase.count("\n") > 1):
            return [_normalized(name) for name in names] if normalize else list(names)
    return []


def classification_reason(text: str) -> str | None:
    """Return the reason a cable is classified for, such as ``1.4 (b) and (d)``, as written, white space collapsed.

    The number is a section of the executive order, the letters are its categories. None when no reason is given.
    """
    for start, end in _labels(text):
        after = _unwrapped(text, start, end)
        numbered = _NUMBERED.search(after)
        after = _without_breaks(after[: numbered.start()] if numbered else after)
        reason = _REASON.search(after)
        if reason and _LETTER.search(reason[0]):
            return _ENDS_REASON.sub("", _tidy(reason[0]))
        reason = _LETTERS_ALONE.search(after)
        if reason:
            return _tidy(reason[0])
    return None


def _without_breaks(text: str) -> str:
    """Return a text whose words on both sides of a page break are joined."""
    if "PAGE" in text or " OF " in text:
        for start, end in reversed(page_breaks(text)):
            text = f"{text[:start].rstrip()} {text[end:].lstrip()}"
    return text


def _tidy(reason: str) -> str:
    """Return a reason with white space collapsed, and removed inside the brackets and the section's number."""
    words = " ".join(reason.split()).replace("( ", "(").replace(" )", ")")
    return _SECTION_POINT.sub("1.", words, count=1)


@lru_cache(maxsize=1)
def _labels(text: str) -> tuple[tuple[int, int], ...]:
    """Return where the labels stand in what may have them: start, and end of the blanks and colon behind.

    Remembered for one text, since names and reason of a cable are asked for one after the other.
    """
    limit = _reach_of_labels(text)
    by_machine = text.find(_MACHINE_LABEL, 0, LONGEST_OPENING)
    if by_machine == 0 or (by_machine > 0 and text[by_machine - 1] in "\n "):
        limit = max(limit, by_machine + _LONGEST_PHRASE)
    exact = [place for place in (text.find(label, 0, limit) for label in _EXACT_LABELS) if place >= 0]
    matches = _LABEL.finditer(text, max(0, min(exact) - 1) if exact else 0, limit)
    return tuple(
        match.span()
        for match in islice(matches, _MOST_LABELS)
        if ":" in match[0] or not _is_remark(text[max(0, match.start() - 40) : match.start()])
    )


def _is_remark(before: str) -> bool:
    """Return whether the words before a label make it a remark about something other than the cable."""
    words = before.lower().split()
    return bool(words) and words[-1] in _PASSIVE and _SELF.isdisjoint(words)


def _reach_of_labels(text: str) -> int:
    """Return where the part of a text ends that may have the label: soon after the first paragraph begins."""
    first = first_paragraph(text)
    if first is None:
        return _LONGEST_UNNUMBERED
    limit = first + _LONGEST_FIRST_PARAGRAPH
    second = text.find("\n2.", first, limit)
    return second if second >= 0 else limit


@lru_cache(maxsize=1)
def _unwrapped(text: str, start: int, end: int) -> str:
    """Return what follows a label, words that were broken at the fixed width put together again.

    A backslash before a quotation mark, left by a database, is dropped. Remembered for one label, like `_labels`.
    """
    line = text.rfind("\n", max(0, start - _LONGEST_PHRASE), start) + 1
    after = text[end : end + _LONGEST_PHRASE]
    lines = (_ESCAPED.sub("", after) if "\\" in after else after).split("\n", _MOST_LINES)
    width = len((text[line:end] + lines[0]).rstrip())
    if width < _HARD_WRAP - 1 or not text.startswith(_MACHINE_LABEL, line):
        return "\n".join(lines)
    joined = lines[0].rstrip()
    for index, following in enumerate(lines[1:], 1):
        if width < _HARD_WRAP - 1:
            return "\n".join([joined, *lines[index:]])
        bare = following.rstrip()
        joined += bare if _is_broken_word(joined, bare, width) else "\n" + bare
        width = len(bare)
    return joined


def _is_broken_word(before: str, after: str, width: int) -> bool:
    """Return whether a line of this width was cut inside a word."""
    last, first = _LAST_WORD.search(before, before.rfind(" ") + 1), _FIRST_WORD.match(after)
    if not last or not first:
        return width == _HARD_WRAP and after[:1] not in ("", " ")
    if (last[0] + first[0]).lower() in _SPLIT_WORDS:
        return True
    if width != _HARD_WRAP or first[0].lower() in _WHOLE_WORDS:
        return False
    if first[0][0].islower():
        return True
    if is_listed(last[0] + first[0]) and not after.startswith(".", first.end()):
        return len(first[0]) <= _SHORTEST_WORD or kind_of(first[0]) == "word"
    cut = last[0][-1].isupper() and (len(last[0]) < 4 or kind_of(last[0]) == "word")
    return (cut or last[0] == "Mc") and not _INITIAL.match(after)


def _phrase(after: str) -> str:
    """Return the lines that belong to the label: up to a blank line, a page break or the beginning of the text."""
    lines: list[str] = []
    for line in after.split("\n"):
        bare = line.strip()
        if not bare or is_caption(bare) or is_page_break(line):
            if lines:
                break
        elif _BEGINS_TEXT.match(line):
            break
        else:
            lines.append(line)
    return "\n".join(lines)


def _normalized(name: str) -> str:
    return _WORD.sub(_in_title_case, re.sub(r"(?<![1-9])0(?![1-9])", "O", name))


def _in_title_case(word: re.Match[str]) -> str:
    """Return one word with a capital and small letters; as it is when it has both already."""
    letters = word[0]
    if letters.upper() in _ROMAN:
        return letters.upper()
    if not (letters.isupper() or letters.islower()):
        return letters
    titled = letters[:1].upper() + letters[1:].lower()
    if titled.startswith("Mc") and len(titled) > 3:
        return "Mc" + titled[2:].capitalize()
    return titled
