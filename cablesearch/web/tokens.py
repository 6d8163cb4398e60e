"""The readers of a server who have a token: a database in the folder of the archive, which holds no token itself.

A token is 256 random bits, so a fast hash of it is enough: nobody can try them all.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import hmac
import os
import secrets
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cablesearch.access import read_clearance
from cablesearch.arguments import need
from cablesearch.cable import clearance_name
from cablesearch.errors import CablesearchError
from cablesearch.text.terminal import one_line

__all__ = ["DATABASE", "Token", "Tokens"]

DATABASE = "tokens.db"
"""The name of the database in the folder of an archive."""
_PREFIX = "cablesearch_"
_LONGEST_NAME = 100
_TABLE = """
CREATE TABLE IF NOT EXISTS tokens (
    id TEXT PRIMARY KEY, hash BLOB NOT NULL, name TEXT NOT NULL UNIQUE, clearance TEXT NOT NULL,
    can_write INTEGER NOT NULL, created TEXT NOT NULL, expires TEXT
) STRICT
"""
_COLUMNS = "name, clearance, can_write, created, expires"


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token.

    Attributes:
        name: the name of the reader who has it.
        clearance: what the reader may see, such as ``SECRET//NOFORN`` or ``FULL``.
        can_write: whether the reader may change something.
        created: when it was made, in UTC.
        expires: from when on it is of no use, in UTC; None: never.
    """

    name: str
    clearance: str
    can_write: bool
    created: dt.datetime
    expires: dt.datetime | None

    def has_expired(self, now: dt.datetime | None = None) -> bool:
        """Return whether the token is of no use any more."""
        return self.expires is not None and self.expires <= (now or _now())


class Tokens:
    """The tokens for one archive.

    Args:
        folder: the folder of the archive.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / DATABASE

    def add(self, name: str, clearance: str, *, can_write: bool = False, expires: dt.datetime | None = None) -> str:
        """Make a token for a reader and return it; it cannot be shown again.

        Raises:
            CablesearchError: the clearance is invalid, the name is empty or taken, or the token would have expired.
        """
        name = one_line(need("name", name, str)).strip()
        if not name or len(name) > _LONGEST_NAME:
            raise CablesearchError(f"a name has 1 to {_LONGEST_NAME} characters")
        level = clearance_name(read_clearance(clearance))
        if expires is not None and expires <= _now():
            raise CablesearchError("a token must expire in the future")
        identity, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
        row = identity, _hash(secret), name, level, can_write, _text(_now()), expires and _text(expires)
        with self._writing() as database:
            try:
                database.execute("INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            except sqlite3.IntegrityError:
                raise CablesearchError(f"{name}: there is a token with this name; revoke it first") from None
        return f"{_PREFIX}{identity}_{secret}"

    def revoke(self, name: str) -> None:
        """Make a reader's token useless.

        Raises:
            CablesearchError: there is no token with this name.
        """
        with self._writing() as database:
            if not database.execute("DELETE FROM tokens WHERE name = ?", (name,)).rowcount:
                raise CablesearchError(f"{name}: there is no token with this name")

    def all(self) -> list[Token]:
        """Return all tokens by name, also those that have expired."""
        with self._reading() as database:
            rows = database.execute(f"SELECT {_COLUMNS} FROM tokens ORDER BY name") if database else ()
            return [_token(row) for row in rows]

    def find(self, token: str) -> Token | None:
        """Return what is known of a token that a reader gives; None if it is wrong, revoked or expired."""
        identity, _, secret = token.removeprefix(_PREFIX).partition("_")
        with self._reading() as database:
            query = f"SELECT hash, {_COLUMNS} FROM tokens WHERE id = ?"
            row = database.execute(query, (identity,)).fetchone() if database else None
        # An unknown token takes as long as a wrong one.
        if not hmac.compare_digest(row[0] if row else bytes(32), _hash(secret)) or row is None:
            return None
        found = _token(row[1:])
        return None if found.has_expired() else found

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        """Give the block the database, or None if there is none."""
        if not self._path.exists():
            yield None
            return
        with self._failing():
            database = sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True)
            with contextlib.closing(database):
                yield database

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Give the block the database, which is made if there is none, readable by its owner alone."""
        with self._failing():
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
            database = sqlite3.connect(self._path)
            with contextlib.closing(database), database:
                database.execute(_TABLE)
                yield database

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise CablesearchError(f"{self._path.absolute()}: {error}") from None


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _now() -> dt.datetime:
    return dt.datetime.now(dt.timezone.utc)


def _text(date: dt.datetime) -> str:
    return date.astimezone(dt.timezone.utc).isoformat(timespec="seconds")


def _token(row: tuple[str, str, int, str, str | None]) -> Token:
    name, clearance, can_write, created, expires = row
    ends = dt.datetime.fromisoformat(expires) if expires else None
    return Token(name, clearance, bool(can_write), dt.datetime.fromisoformat(created), ends)
