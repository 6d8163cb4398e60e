"""What was wrong with the sources of a run: the first messages of each kind are shown, all are counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from cablesearch.cli.failures import REPAIR, with_options
from cablesearch.cli.messages import duration, is_quiet, is_verbose, note, say
from cablesearch.text.wording import plural

if TYPE_CHECKING:
    from cablesearch.indexing.report import IngestReport

__all__ = ["Troubles", "say_summary"]

_FEW = 3
"""How many messages with the same kind of reason are shown."""
_MOST = 30
"""How many messages of a kind are shown in all."""
_MOST_REASONS = 10
_FOR_A_RATE = 100
"""Cables of which the speed is worth saying."""
_PLURALS = {"note": "notes"}


class Troubles:
    """Shows the messages on files and records as they come: each with --verbose, otherwise the first few of their kind.

    Args:
        tell: prints a line.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._quiet, self._verbose = is_quiet(), is_verbose()
        self._alike: Counter[tuple[str, str]] = Counter()
        self._shown: Counter[str] = Counter()
        self._left: Counter[str] = Counter()

    def __call__(self, kind: str, file: str, row: int | None, reason: str) -> None:
        """Show or count a message; see `cablesearch.indexing.report.OnTrouble`."""
        if kind == "damaged":
            self._tell(f"{kind}: {file}: {reason}{REPAIR if 'not merged' in reason else ''}")
        elif kind == "hidden":
            # The run counts them.
            if self._verbose:
                self._tell(f"{kind}: {file}")
        elif not self._quiet:
            if self._verbose or self._is_new(kind, reason):
                self._tell(f"{kind}: {file if row is None else f'{file}, row {row}'}: {with_options(reason)}")
            else:
                self._left[kind] += 1

    def _is_new(self, kind: str, reason: str) -> bool:
        from cablesearch.indexing.report import kind_of_reason

        # The message on an incomplete cable begins with its id.
        alike = (kind, kind_of_reason(reason.rpartition(", but ")[2]))
        self._alike[alike] += 1
        is_new = self._alike[alike] <= _FEW and self._shown[kind] < _MOST
        self._shown[kind] += is_new
        return is_new

    def say_left(self) -> None:
        """Say how many messages were not shown."""
        if self._left:
            counts = ", ".join(f"{count:,} {_PLURALS.get(kind, kind)}" for kind, count in self._left.items())
            say(f"Not shown: {counts}; -v shows all")


def say_summary(report: IngestReport, index: str, seconds: float) -> None:
    """Say what a run did, how long it took, and what it left out."""
    hidden = f"{plural(report.hidden, 'hidden file')} skipped; " + (
        "name it to read it" if report.hidden == 1 else "name them to read them"
    )
    if is_quiet():
        if report.rejected:
            say(f"{report.rejected:,} rejected")
        elif not report.taken:
            say(f"No cables were found in the sources{f': {hidden}' if report.hidden else ''}")
        return
    incomplete = f" ({report.incomplete:,} without a date or body)" if report.incomplete else ""
    rate = f" ({report.taken / seconds:,.0f} cables/s)" if seconds >= 1 and report.taken >= _FOR_A_RATE else ""
    say(
        f"{report.added:,} added, {report.replaced:,} replaced, {report.unchanged:,} unchanged, "
        f"{report.rejected:,} rejected{incomplete} in {duration(seconds)}{rate}"
    )
    forms = [f"{noun} ({count:,})" for noun, count in report.formats.most_common() if count]
    if forms:
        say(f"Read: {', '.join(forms)}")
    reasons = report.skipped.most_common()
    for reason, count in reasons[:_MOST_REASONS]:
        say(f"Skipped {count:,}: {with_options(reason)}")
    if len(reasons) > _MOST_REASONS:
        rest = sum(count for _, count in reasons[_MOST_REASONS:])
        say(f"Skipped {rest:,} for other reasons; --rejects writes them all to a file")
    if report.hidden:
        say(hidden)
    note(f"Archive: {index}")
