"""The TAGS of a cable (Traffic Analysis by Geography and Subject): found in its opening, read and put right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from cablesearch.cable import Classification
from cablesearch.classification.classification import OPEN
from cablesearch.classification.controls import KNOWN_CONTROLS
from cablesearch.classification.covering import covering_tags
from cablesearch.readers.telegram.opening.extent import LONGEST_OPENING, opening_end
from cablesearch.readers.telegram.opening.subject_line import find_subject
from cablesearch.vocabulary.proper_names import ADJECTIVES, country_at, is_country, is_given_name
from cablesearch.vocabulary.tag_names import (
    CODES,
    KINDS,
    TOPICS,
    WORDS,
    canonical_name,
    known_person,
    known_phrase,
    read_word,
    tag_kind,
    tag_meaning,
)

__all__ = ["tag_kind", "tag_meaning", "tags"]

_LONGEST = 3_000  # of a list of TAGS, which a repetition on every page can make long
_MOST_LINES = 40

_CONNECTORS = frozenset({"AND", "OF", "FOR", "ON", "IN", "TO", "THE", "WITH", "&"})
# Before a given name these are no surname: SAN DIEGO, HURRICANE KATRINA.
_NO_SURNAMES = _CONNECTORS | frozenset(
    re.findall(
        "[A-Z]+",
        """AMBASSADOR CAMP CAPE CITY CODEL COLONEL FORT GENERAL GOVERNOR HURRICANE KING LAKE MINISTER MOUNT NODEL POINT
    POPE PORT PRESIDENT PRINCE PRINCESS QUEEN SAINT SAN SANTA SANTO SAO SECRETARY SENATOR SHEIKH STAFFDEL VISIT""",
    )
)
_VOWELS = frozenset("AEIOUY")
_PARTICLES = frozenset({"BEN", "BIN", "DE", "DEL", "DOS", "IBN", "VAN", "VON"})
_CAPTIONS = frozenset({"SIPDIS", "NOFORN", "EXDIS", "NODIS", "STADIS", "N/A", "NONE", "TAGS", "TAG"})

_PUNCTUATED_LABEL = re.compile(
    r"(?<![^\s(])(?:(?:TAGE?S|TAG|TABS?|TAS|TGS|AGS|TAG[ADZ]|TAHS|TATGS|TGAS|TAAGS|TAGGS|TAGSS|T A G S)[ \t]?[:;,.]"
    r"|TAGS?[ \t]?(?:-{1,2}|[–—=])(?=[ \t]{0,9}[A-Z]{2,5}(?:[\s,;/]|\Z)))",
    re.IGNORECASE,
)
_BARE_LABEL = re.compile(r"(?<![^\s(])(?:TAGE?S|TAG|TABS|TGS|AGS)(?=\s)", re.IGNORECASE)
# What ends the list within a line: another label, or the debris of a page break.
_ENDS_LIST = re.compile(
    r"(?P<debris>\bPAGE\b|\b(?:UNCLASSIFIED|CONFIDENTIAL|SECRET|LIMITED OFFICIAL USE)\b|\s{5,})"
    r"|SUBJECT|\bSUBJ\b|\bREF(?:S|TELS?|\(S\))?\s?:|\bREF\b|CLASSIFIED BY|\bE\.?\s?O\.?\s?1\d|\bDECL:|\b\d\.\s?\("
)
_NEVER_TAGS = re.compile(
    r"S?UBJ|REF|E\.?\s?O\.?\s?\d|CLASSIFIED|DECL|DEPT|DEPARTMENT|STATE\b|SIPDIS|NOFORN|SENSITIVE|UNCLAS|CONFIDENTIAL|SECRET"
    r"|FOR\b|FROM\b|PASS\b|PAGE\b|\d|-|=|\((?:U|C|S|SBU)\)|SUMMARY|C O N|S E C|U N C|[A-Z/, ]{2,60}\bFOR\b"
)
_NEXT_LABEL = re.compile(r"\s{0,40}(?:S?UBJECT|SUBJ|E\.?O\.?\s?1|REFS?\b)", re.IGNORECASE)
_WORD_AND_COMMA = re.compile(r"[A-Z0-9/'&.()-]{2,30}\s?,")
_LINK = re.compile(r"\[([^\[\]]{0,80})\]\([^()]{0,200}\)")
_PIECE = re.compile(r"\([^()]{0,200}\)|[,;(]|[^\s,;()\[\]]+")
_INITIAL = re.compile(r"[A-Z]\.?")


def tags(text: str, canonicalize: bool = True) -> list[str]:
    """Return the TAGS of a cable in order of appearance, in upper case; ``[]`` without TAGS.

    With ``canonicalize`` each stands once, captions (SIPDIS) and brackets are dropped, persons are ``LAST, FIRST``,
    typing errors are put right where only one reading is possible and tags that run together are split. Without, they
    are as found. A list with a marking that restricts it gives no TAGS, as TAGS are shown to all readers.
    """
    start = _list_start(text)
    if start is None:
        start = _unlabelled_start(text)
        if start is None:
            return []
    line = text[start : _line_end(text, start)]
    if canonicalize:
        words = line.replace(",", " ").split()
        if words and CODES.issuperset(words) and _is_last_line(text, start + len(line), line):
            return list(dict.fromkeys(words))
    listed = _list_text(text, start)
    # A level that is spelt out may be cut off as debris of a page break.
    if covering_tags(OPEN, listed) != OPEN or covering_tags(OPEN, line) != OPEN:
        return []
    names = list(_read(listed, canonicalize))
    return [name for name in dict.fromkeys(names) if name not in _CAPTIONS] if canonicalize else names


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at, at + _LONGEST)
    return end if end >= 0 else min(len(text), at + _LONGEST)


def _is_last_line(text: str, at: int, line: str) -> bool:
    """Return whether the list surely ends with the line that ends at ``at``."""
    rest = text[at + 1 : at + 12]
    return not line.rstrip().endswith(",") and (rest.startswith("SUBJECT") or not rest.strip(" \n\r"))


def _list_start(text: str) -> int | None:
    """Return where the list begins, after its label; None without a label."""
    at = text.find("TAGS:", 0, LONGEST_OPENING)
    if at >= 0 and text.find("SUBJECT", 0, at) < 0 and text.find("1.", 0, at) < 0:
        return at + 5
    subject = find_subject(text)
    limit = min(subject.start if subject else opening_end(text), LONGEST_OPENING)
    label = _label_before(text, limit)
    if label is None and subject:
        label = _label_before(text, min(opening_end(text), LONGEST_OPENING), subject.end)
    return label


def _label_before(text: str, limit: int, start: int = 0) -> int | None:
    """Return the end of the label between ``start`` and ``limit``: one with a colon first, else a bare one."""
    label = _PUNCTUATED_LABEL.search(text, start, limit)
    if label:
        return label.end()
    if start <= (at := text.find("TAGS:", start, limit)):
        return at + 5
    for bare in _BARE_LABEL.finditer(text, start, limit):
        line = text[text.rfind("\n", max(bare.start() - 80, 0), bare.start()) + 1 : bare.start()]
        following = text[bare.end() : bare.end() + 40].upper().replace(",", " ").split()
        known = bool(following) and bool(CODES.intersection(read_word(following[0])))
        if known or (not line.strip() and bare[0].upper().startswith("TAG")):
            return bare.end()
    return None


def _unlabelled_start(text: str) -> int | None:
    """Return where a list starts that has lost its label: at a line of tags only among the last before the subject."""
    subject = find_subject(text)
    limit = subject.start if subject else min(opening_end(text), len(text))
    at = max(limit - 1_200, 0)
    for line in text[at:limit].split("\n"):
        words = line.upper().replace(",", " ").split()
        if len(words) > 1 and not TOPICS.isdisjoint(words):
            unknown = [word for word in words if word not in CODES]
            # One code that is not on record among several that are does not make the line another one.
            is_nearly = len(words) > 2 and len(unknown) == 1 and len(unknown[0]) == 4 and unknown[0].isalpha()
            if is_nearly or _looks_like_tags(line.strip().upper()):
                return at
        at += len(line) + 1
    return None


def _list_text(text: str, start: int) -> str:
    """Return the whole list in capitals on one line: the label's line and its continuations, without page breaks."""
    first, is_over = _cut(_line(text, start))
    lines = [first]
    at = _line_end(text, start) + 1
    is_after_blank = False
    while at < min(start + _LONGEST, len(text)) and not is_over and len(lines) < _MOST_LINES:
        line = _line(text, at)
        at = _line_end(text, at) + 1
        is_unfinished = not lines[-1] or lines[-1].endswith(",")
        if not line and is_unfinished:
            is_after_blank = True
            continue
        if not line or not (
            _looks_like_tags(line) or (not is_after_blank and _continues(lines[-1], line, text[at : at + 60]))
        ):
            break
        line, is_over = _cut(line)
        lines.append(line)
        is_after_blank = False
    return " ".join(lines)


def _line(text: str, at: int) -> str:
    return text[at : _line_end(text, at)].replace("\\", " ").strip().upper()


def _continues(before: str, line: str, after: str) -> bool:
    """Return whether a line that need not be of known tags goes on with the list.

    ``before`` is the last line of the list and ``after`` the text behind ``line``.
    """
    if _NEVER_TAGS.match(line):
        return False
    if not before or before.endswith(",") or _WORD_AND_COMMA.match(line):
        return True
    wrapped = " ".join([*before.split()[-1:], *line.split()[:1]])
    if wrapped in KINDS or is_country(wrapped):
        return True
    return len(line.split()) <= 3 and not line.endswith(".") and bool(_NEXT_LABEL.match(after))


def _looks_like_tags(line: str) -> bool:
    """Return whether a line in capitals holds known TAGS and nothing else."""
    if not line or len(line) > 200 or _ENDS_LIST.search(line):
        return False
    return all(name in KINDS or ", " in name or is_country(name) for name in _read(line, canonicalize=True))


def _cut(line: str) -> tuple[str, bool]:
    """Return the part of a line that belongs to the list, and whether the list ends there."""
    for end in _ENDS_LIST.finditer(line):
        if not end["debris"]:
            return line[: end.start()].rstrip(), True
        rest = line[end.end() :].replace(",", " ").split()
        if end[0].isspace() and CODES.issuperset(rest):
            continue
        return line[: end.start()].rstrip(), False
    return line, False


def _read(line: str, canonicalize: bool) -> Iterator[str]:
    """Yield the tags of a list in capitals."""
    if "](" in line:
        line = _LINK.sub(r" \1 ", line)
    parts = _parts(line)
    if not canonicalize:
        for part in parts:
            yield from _as_found(part)
        return
    is_naming = False
    for words in _with_names_joined(parts):
        if len(parts) > 1 and _is_term(words):
            yield " ".join(words)
            continue
        for name in _phrase(words, is_naming or _has_initial(words)):
            is_naming = name == "OVIP" or (is_naming and name not in CODES)
            yield name


def _parts(line: str) -> list[list[str]]:
    """Return the words between commas; what stands in brackets is a word of its own part, brackets kept."""
    parts: list[list[str]] = [[]]
    for piece in _PIECE.findall(line):
        if piece in {",", ";", "("}:
            parts.append([])
        elif piece[0] == "(":
            parts += [[piece], []]
        else:
            parts[-1].append(piece)
    return [part for part in parts if part]


def _as_found(words: list[str]) -> Iterator[str]:
    at = 0
    while at < len(words):
        length = known_phrase(words, at)[0] or country_at(words, at) or 1
        yield " ".join(words[at : at + length])
        at += length


def _with_names_joined(parts: list[list[str]]) -> Iterator[list[str]]:
    """Yield the parts, but a person's name on both sides of a comma (``CLINTON, HILLARY``) in one."""
    is_naming = False
    held: list[str] = []
    for words in parts:
        if held and _is_name_divided(held, words, is_naming):
            yield held + words
            is_naming = is_naming or "OVIP" in held
            held = []
            continue
        if held:
            yield held
            is_naming = held[-1] == "OVIP" or (is_naming and held[-1] not in CODES)
        held = words
    if held:
        yield held


def _is_name_divided(words: list[str], following: list[str], is_naming: bool) -> bool:
    last, first = words[-1], following[0]
    if not (_is_name(last) and _is_name(first)):
        return False
    if (len(words) == 1 and is_naming) or (len(words) > 1 and words[-2] == "OVIP"):
        return True
    if known_person(last, first) is not None:
        return True
    is_person = (len(following) == 1 and _is_person(last, first)) or _has_initial([last, *following])
    return is_person and (len(words) == 1 or words[0] in _PARTICLES)


def _has_initial(words: list[str]) -> bool:
    """Return whether words are a name with a middle initial, such as ``ROOD JOHN C.``"""
    return len(words) == 3 and bool(_INITIAL.fullmatch(words[2])) and _is_name(words[0]) and _is_name(words[1])


def _is_name(word: str) -> bool:
    """Return whether a word may be part of a person's name: letters, and not a tag."""
    if len(word) < 3 or word in WORDS or not word.replace("'", "").replace("-", "").isalpha():
        return False
    return (word[0] != "K" or len(word) != 4 or word[1] in _VOWELS) and len(read_word(word)) == 1 and word not in CODES


def _phrase(words: list[str], is_naming: bool) -> Iterator[str]:
    """Yield the tags among words that no comma divides."""
    run: list[str] = []  # words that together make a free term
    at = 0
    while at < len(words):
        length, names = _several_words(words, at, is_naming)
        if length > 1 and run and _is_term_of_country(run, words[at : at + length]):
            run += words[at : at + length]
            at += length
            continue
        if not length:
            if run and words[at] in _CONNECTORS and at + 1 < len(words) and _free_words(words, at + 1, run):
                run.append(words[at])
                at += 1
            if free := _free_words(words, at, run):
                if run and run[-1] not in _CONNECTORS and _begins_term(words, at, run):
                    yield " ".join(run)
                    run = []
                run += [word.rstrip(".:") for word in words[at : at + free]]
                at += free
                continue
            length, names = 1, _group(words[at]) if words[at][0] == "(" else read_word(words[at])
        if run:
            yield " ".join(run)
            run = []
        for name in names:
            is_naming = name == "OVIP" or (is_naming and ", " in name)
            yield name
        at += length
    if run:
        yield canonical_name(" ".join(run))


def _free_words(words: list[str], at: int, run: list[str]) -> int:
    """Return how many words from ``at`` on are part of a free term: the name of a country, or one word; else 0."""
    return country_at(words, at) or int(_is_plain(words[at]) or _is_short_word_of_term(words[at], run))


def _is_short_word_of_term(word: str, run: list[str]) -> bool:
    """Return whether a word as short as a code is an ordinary one, as it follows an adjective: ``DUTCH FISH QUOTA``."""
    if not run or run[-1] not in ADJECTIVES or len(word) not in {3, 4} or not word.isalpha() or word in CODES:
        return False
    return read_word(word) == (word,) and not _VOWELS.isdisjoint(word) and (word[0] != "K" or word[1] in _VOWELS)


def _begins_term(words: list[str], at: int, run: list[str]) -> bool:
    """Return whether a free term begins at ``at``, behind the words of another: two known terms are apart, and so is
    a country or its adjective (``NATIONAL ELECTIONS NORWEGIAN POLITICS``), but not behind an adjective, nor before the
    noun of two countries (``INDIA PAKISTAN RELATIONS``)."""
    length = country_at(words, at)
    if not length:
        return run[-1] in KINDS and words[at] in KINDS and not is_country(run[-1])
    before, name = " ".join(run), " ".join(words[at : at + length])
    if before in ADJECTIVES or before.rpartition(" ")[2] in ADJECTIVES:
        return False
    end = at + length
    return not is_country(before) or name in ADJECTIVES or end == len(words) or not _is_plain(words[end])


def _is_term_of_country(run: list[str], words: list[str]) -> bool:
    """Return whether a known term goes on with a country before it: ``NORWEGIAN FOREIGN POLICY``."""
    return KINDS.get(" ".join(words)) == "term" and is_country(" ".join(run))


def _is_term(words: list[str]) -> bool:
    """Return whether the words between two commas are one free term although some are as short as codes (``ANDES
    PACT``), or a known term (``NATIONAL SECURITY COUNCIL``)."""
    known = known_phrase(words, 0)[0]
    if known and known == len(words) - 1:
        return words[known] not in KINDS and len(words[known]) > 4 and _is_plain(words[known])
    if len(words) != 2 or not _is_plain(words[0]) or words[0] in WORDS or len(words[1]) not in {3, 4}:
        return False
    return words[1].isalpha() and words[1] not in KINDS and read_word(words[1]) == (words[1],) and not _person(words, 0)


def _several_words(words: list[str], at: int, is_naming: bool) -> tuple[int, Iterable[str]]:
    """Return how many words from ``at`` make a known name or a person, and their tags; 0 when they make neither."""
    length, name, glued = known_phrase(words, at)
    if length:
        return length, [name, *glued]
    if at + 1 == len(words) or not words[at][0].isalpha():
        return 0, ()
    person = _person(words, at)
    if person:
        return person
    end = at + 2
    while end < len(words) and _INITIAL.fullmatch(words[end]):
        end += 1
    first = " ".join(words[at + 1 : end])
    known = known_person(words[at], first) or known_person(words[at], words[at + 1])
    known = known or known_person(words[at + 1], words[at])
    if known:
        return end - at, [known]
    if is_naming and _is_name(words[at]) and _is_name(words[at + 1]):
        return end - at, [f"{words[at]}, {first}"]
    return 0, ()


def _person(words: list[str], at: int) -> tuple[int, list[str]] | None:
    """Return how many words from ``at`` on are a surname and a given name, in either order, and the person's tag."""
    end = at + 1
    if words[at] in _PARTICLES:
        while end < len(words) and end < at + 3 and not is_given_name(words[end]):
            end += 1
    if end == len(words):
        return None
    last, first = words[end - 1], words[end]
    if not _is_person(last, first):
        if end > at + 1 or not is_given_name(last):
            return None
        middle = int(_INITIAL.fullmatch(first) is not None and end + 1 < len(words))
        last, first = words[end + middle], " ".join(words[at : end + middle])
        if not _is_surname(last) or len(last) < 5:
            return None
        return 2 + middle, [known_person(last, first) or f"{last}, {first}"]
    start, end = end, end + 1
    while end < len(words) and _INITIAL.fullmatch(words[end]):
        end += 1
    if any(map(is_given_name, words[end : end + 1])) and not any(map(is_given_name, words[end + 1 : end + 2])):
        end += 1  # a second given name, not the surname of the next person
    last, first = " ".join(words[at:start]), " ".join(words[start:end])
    return end - at, [known_person(last, first) or known_person(last, words[start]) or f"{last}, {first}"]


def _is_person(last: str, first: str) -> bool:
    """Return whether two words are a surname and a common given name."""
    return is_given_name(first) and first not in WORDS and _is_surname(last)


def _is_surname(word: str) -> bool:
    return word not in _NO_SURNAMES and not is_country(word) and _is_name(word)


def _group(group: str) -> Iterator[str]:
    """Yield the tags of a group in brackets: one or several persons, or tags, but not a portion marking."""
    for part in _persons_apart(group[1:-1]):
        marking = Classification.parse(part)
        if marking and ("/" in part or KNOWN_CONTROLS.issuperset(marking.controls)):
            continue
        words = part.replace(",", " ").split()
        last, comma, first = (" ".join(half.split()) for half in part.partition(","))
        if comma and last and first and "," not in first and not CODES.issuperset(words):
            yield known_person(last, first) or f"{last}, {first}"
            continue
        for words_of_part in _parts(part):
            yield from _phrase(words_of_part, is_naming=True)


def _persons_apart(text: str) -> list[str]:
    """Split the text of a group into its parts: ``DOE, JANE; ROE, RICHARD`` or ``DOE, JANE AND ROE, RICHARD``."""
    names = text.replace(" AND ", ", ").split(",") if ";" not in text and text.count(",") > 1 else []
    names = [name for name in names if name.strip()]
    if not names or len(names) % 2 or not CODES.isdisjoint(name.strip() for name in names):
        return text.split(";")
    return [",".join(names[at : at + 2]) for at in range(0, len(names), 2)]


def _is_plain(word: str) -> bool:
    """Return whether a word is neither a tag nor likely to be one, and so part of a free term."""
    bare = word.rstrip(".:")
    if bare in WORDS:
        return True
    return len(bare) > 4 and read_word(word) == (bare,) and bare not in CODES and bare.replace("'", "").isalpha()
