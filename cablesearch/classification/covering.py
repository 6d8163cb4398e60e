"""What the markings within a text cover.

A part of a text may have a marking of its own, which raises the whole. What a marking says is read by
`cablesearch.classification.classification`. In doubt it is a marking, so that nothing is shown that may be meant to be
hidden.
"""

from __future__ import annotations

import re

from cablesearch.classification.classification import OPEN, Classification
from cablesearch.classification.patterns import BARE, LONG_LEVEL, PAUSE, SHORT_OR_LONG, has_brackets
from cablesearch.text.caching import cached_if_short, compiled_lazily
from cablesearch.text.lookalikes import DASHES, legible

__all__ = ["covering", "covering_lines", "covering_tags", "covering_title"]

_MARK_OF_TAGS = compiled_lazily(rf"(?<!\w)(?:{LONG_LEVEL}(?!\w)|{BARE})")
_TAGS_LINE = compiled_lazily(r"\n(TAGS\b.*)", re.IGNORECASE)
_SIGN_OF_TITLE = compiled_lazily(rf"[()\[\]{{/:{DASHES}]")
"""Every title that has a marking contains at least one of these."""
_LEVEL_IN_TITLE = compiled_lazily(r"(?<!\w)(?i:TOP|CONF|SECRET|UNCLAS|SBU|FOUO|LOU|TS|[UCS](?!\w))")
"""Every title that has a marking without brackets contains at least one of these; the patterns that find the marking
take longer to compile than a search takes."""
_TITLE_OPENS = compiled_lazily(rf"\A[^\w(]*({SHORT_OR_LONG})(?:{PAUSE}|(?<=[A-Z]{{2}})/)")
_BARE_WITHIN = compiled_lazily(rf"(?<![\w/(\[{{])(?<![(\[{{]\s)({BARE})")
_BETWEEN = rf"(?:\s?[/,:;]\s*|\s[{DASHES}]{{1,3}}\s+)"
_TITLE_PART = compiled_lazily(rf"{_BETWEEN}({LONG_LEVEL})(?=\s*[/:;]|\s+[{DASHES}])")
_TITLE_ENDS = compiled_lazily(rf"(?:[\s/,:;{DASHES}][/,:;{DASHES}]\s*({SHORT_OR_LONG})|[/,:;]\s*({LONG_LEVEL}))\W*\Z")


def covering(
    classification: Classification, text: str, *, is_legible: bool = False, has_bare: bool = True
) -> Classification:
    """Return the classification that covers a text with parts that have markings of their own: ``classification``
    joined with the markings in brackets that open the text, a line, an item or a sentence, or end a line or a sentence,
    and with those without brackets that open a line, stand on one of their own, or between the signs that part
    sentences.

    ``is_legible``: the text is what `legible` made, or a part of it. ``has_bare``: what `may_have_bare_markings` says
    of the text of which it is a part, where that is known.
    """
    # Imported here, as below, because the titles of most cables, which are all that a search reads, have no marking.
    from cablesearch.classification.bare import may_have_bare_markings, may_open_bare, with_bare_markings
    from cablesearch.classification.bracketed import BracketedMarkings

    # Most texts have no marking, and this check takes a tenth of the time.
    may_be_bare = (has_bare and may_have_bare_markings(text)) or may_open_bare(text)
    if not (may_be_bare or has_brackets(text)) and (is_legible or text.isascii()):
        return classification
    if not is_legible and (read := legible(text)) is not text:
        text, may_be_bare = read, True
    if has_brackets(text):
        classification = BracketedMarkings(text).join(classification)
    return with_bare_markings(classification, text) if may_be_bare else classification


def covering_lines(classification: Classification, text: str) -> Classification:
    """Return the classification that covers a text of which each line may be a part of its own, such as an envelope."""
    from cablesearch.classification.bracketed import BracketedMarkings

    text = legible(text)
    if has_brackets(text):
        # A marking may go on over the end of a line.
        classification = BracketedMarkings(text).join(classification)
    for line in _TAGS_LINE().findall("\n" + text):
        classification = covering_tags(classification, line)
    return covering(classification, text.replace("\n", "\n\n"), is_legible=True)


def covering_tags(classification: Classification, line: str) -> Classification:
    """Return the classification that covers a list of TAGS, some of which are like levels: TS is Tunisia."""
    from cablesearch.classification.bracketed import TitleMarkings

    text = legible(line)
    classification = TitleMarkings(text).join(classification)
    for match in _MARK_OF_TAGS().finditer(text):
        classification = classification.join(Classification.parse(match[0]) or OPEN)
    return classification


def covering_title(classification: Classification, title: str) -> Classification:
    """Return the classification that covers a heading or subject: ``classification`` joined with each marking in it."""
    marking = _title_marking(title)
    return classification if classification.covers(marking) else classification.join(marking)


@cached_if_short(maxsize=1024)
def _title_marking(title: str) -> Classification:
    """Return what the markings in a heading or a subject say together."""
    text, marking = legible(title), OPEN
    if not _SIGN_OF_TITLE().search(text):
        return marking
    if has_brackets(text):
        from cablesearch.classification.bracketed import TitleMarkings

        marking = TitleMarkings(text).join(marking)
    if not _LEVEL_IN_TITLE().search(text):
        return marking
    for pattern in (_TITLE_OPENS, _BARE_WITHIN, _TITLE_PART, _TITLE_ENDS):
        match = pattern().search(text)
        if match and (bare := Classification.parse(match[match.lastindex or 1])):
            marking = marking.join(bare)
    return marking
