"""cablesearch token."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from cablesearch.cli.messages import is_quiet, note, say
from cablesearch.cli.options import (
    archive_options,
    caller_clearance,
    format_option,
    general_options,
    granting_options,
    mention_archive,
)
from cablesearch.text.terminal import json_line, one_line
from cablesearch.text.wording import plural

if TYPE_CHECKING:
    import datetime as dt

    from click.shell_completion import CompletionItem

    from cablesearch.web.tokens import Token, Tokens

__all__ = ["token"]

_LASTING = re.compile(r"([0-9]{1,5})([hd])")
_TIME = "%Y-%m-%d %H:%M UTC"


@click.group()
@general_options
def token() -> None:
    """Let readers of serve see more, each with a token.

    A reader gives the token in the header Authorization, or on the log-in
    page. It is shown once, when it is made; only a hash of it is kept, in the
    archive's folder. Full clearance is needed.

    \b
    Examples:
      cablesearch token add ada --clearance SECRET//NOFORN --expires 90d
      cablesearch token list
      cablesearch token revoke ada
    """


def _expires(context: click.Context, parameter: click.Parameter, text: str | None) -> dt.datetime | None:
    """Return the time that ``90d``, ``12h`` or a date means: a date counts to its end, in UTC."""
    import datetime as dt

    if text is None:
        return None
    try:
        if match := _LASTING.fullmatch(text.strip().lower()):
            lasting = dt.timedelta(**{{"h": "hours", "d": "days"}[match[2]]: int(match[1])})
            return dt.datetime.now(dt.timezone.utc) + lasting
        day = dt.datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=dt.timezone.utc)
        return day + dt.timedelta(days=1)
    except (ValueError, OverflowError):
        raise click.BadParameter(
            f"{text!r} is neither a time such as 90d or 12h nor a date such as 2027-01-31"
        ) from None


def _complete_name(context: click.Context, parameter: click.Parameter, start: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    try:
        tokens = _tokens(context.params["index_path"], caller_clearance(context))
        return [CompletionItem(name) for entry in tokens.all() if (name := entry.name).startswith(start)]
    except Exception:
        return []


@token.command()
@click.argument("name", metavar="NAME")
@click.option(
    "--expires",
    callback=_expires,
    metavar="90d|12h|DATE",
    help="How long the token is valid: a number of days or hours from now, or until the end of a day (UTC). "
    "Default: until it is revoked.",
)
@click.option(
    "--write",
    "can_write",
    is_flag=True,
    help="Let the reader change something, once a server can; today it changes nothing.",
)
@granting_options
@click.pass_context
def add(
    context: click.Context, name: str, expires: dt.datetime | None, can_write: bool, index_path: str, granted: str
) -> None:
    """Make a token and print it.

    Here --clearance is what the reader with the token may see. Your own
    clearance is that of --clearance before the command.

    \b
    Examples:
      cablesearch token add ada --clearance SECRET//NOFORN --expires 90d
      cablesearch --clearance FULL token add bob --clearance SBU
    """
    tokens = _tokens(index_path, caller_clearance(context), writing=True)
    made = tokens.add(name, granted, can_write=can_write, expires=expires)
    until = f"until {expires.strftime(_TIME)}" if expires else "until it is revoked"
    what = "everything" if granted == "FULL" else f"what is {granted}"
    note(f"{one_line(name).strip()} sees {what}, {until}. The token, which cannot be shown again:")
    if can_write:
        note("With --write; but no server changes anything yet.")
    click.echo(made)


@token.command("list")
@format_option("text", "json")
@archive_options
def list_(output: str, index_path: str, clearance: str | None) -> None:
    """List who has a token, without the tokens.

    \b
    Example:
      cablesearch token list --format json
    """
    entries = _tokens(index_path, clearance).all()
    if output == "json":
        click.echo(json_line({"version": 1, "tokens": [_object(entry) for entry in entries]}))
        return
    width = max((len(entry.name) for entry in entries), default=0)
    for entry in entries:
        ends = f"expires {entry.expires.strftime(_TIME)}" if entry.expires else "does not expire"
        if entry.has_expired():
            ends = ends.replace("expires", "expired")
        right = ", may write" if entry.can_write else ""
        click.echo(one_line(f"{entry.name:{width}}  {entry.clearance}, {ends}{right}"))
    if not is_quiet():
        say(plural(len(entries), "token"))


@token.command()
@click.argument("name", metavar="NAME", shell_complete=_complete_name)
@archive_options
def revoke(name: str, index_path: str, clearance: str | None) -> None:
    """Make a reader's token useless, at once.

    \b
    Example:
      cablesearch token revoke ada
    """
    _tokens(index_path, clearance, writing=True).revoke(name)
    note(f"Revoked the token of {one_line(name)}.")


def _tokens(index_path: str, clearance: str | None, *, writing: bool = False) -> Tokens:
    """Return the tokens of an archive, for those who may see all of it.

    Raises:
        CablesearchError: the clearance is not full.
        ArchiveNotFoundError: there is no archive.
    """
    from cablesearch.opening import place_of, require_full_clearance
    from cablesearch.web.tokens import Tokens

    require_full_clearance("token", clearance, index_path)
    place_of("index", index_path).check()
    if click.get_current_context(silent=True):
        mention_archive(index_path, writing=writing)
    return Tokens(index_path)


def _object(entry: Token) -> dict[str, object]:
    return {
        "name": entry.name,
        "clearance": entry.clearance,
        "can_write": entry.can_write,
        "created": entry.created.isoformat(),
        "expires": entry.expires.isoformat() if entry.expires else None,
        "expired": entry.has_expired(),
    }
