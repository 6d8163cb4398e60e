"""The readers of a server who have a token: a database, which holds no token itself.

It is in the folder of the archive; for an archive on a cluster, it is in the user's data folder, under the address.

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
from typing import Any
from urllib.parse import quote

from cablesearch.access import read_clearance
from cablesearch.arguments import is_address, need
from cablesearch.cable import clearance_name
from cablesearch.errors import ArchiveNotFoundError, CablesearchError, UnreadableFileError
from cablesearch.opening import place_of
from cablesearch.text.terminal import one_line

__all__ = ["DATABASE", "Token", "Tokens"]

DATABASE = "tokens.db"
"""The name of the database in the folder of an archive."""
_TOKENS = "tokens"
"""The folder in the user's data folder with the databases for archives on clusters."""
_PREFIX = "cablesearch_"
_LONGEST_NAME = 100
_LONGEST_TOKEN = 200
_HASHED = hashlib.sha256().digest_size
_TABLE = """
CREATE TABLE IF NOT EXISTS tokens (
    id TEXT PRIMARY KEY, hash BLOB NOT NULL, name TEXT NOT NULL UNIQUE, clearance TEXT NOT NULL,
    can_write INTEGER NOT NULL, created TEXT NOT NULL, expires TEXT
)
"""
_READING, _WRITING = 1.0, 5.0
"""Seconds to wait for the database while another process holds its lock, which takes milliseconds for a token."""
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
    """The tokens for one archive. Every call reads the database, so what another process changes counts at once.

    Args:
        archive: the folder of the archive, or its address.
    """

    def __init__(self, archive: str | os.PathLike[str]) -> None:
        self._is_beside = not is_address(archive)
        self._path = Path(archive).absolute() / DATABASE if self._is_beside else _of_address(str(archive))

    def add(self, name: str, clearance: str, *, can_write: bool = False, expires: dt.datetime | None = None) -> str:
        """Make a token for a reader and return it; it cannot be shown again.

        Raises:
            CablesearchError: the clearance is invalid, the name is empty or taken, or the token would have expired.
            UnreadableFileError: the tokens cannot be read or written.
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
            UnreadableFileError: the tokens cannot be read or written.
        """
        if self._is_there():
            with self._writing() as database:
                if database.execute("DELETE FROM tokens WHERE name = ?", (name,)).rowcount:
                    return
        raise CablesearchError(f"{name}: there is no token with this name")

    def all(self) -> list[Token]:
        """Return all tokens by name, also those that have expired.

        Raises:
            UnreadableFileError: the tokens cannot be read.
        """
        with self._reading() as database:
            rows = database.execute(f"SELECT {_COLUMNS} FROM tokens ORDER BY name") if database else ()
            return [self._token(row) for row in rows]

    def find(self, token: str) -> Token | None:
        """Return what is known of a token that a reader gives; None if it is wrong, revoked or expired.

        Raises:
            ArchiveNotFoundError: the archive is not there, so nobody knows.
            UnreadableFileError: the tokens cannot be read, so nobody knows.
        """
        if len(token) > _LONGEST_TOKEN:
            return None
        identity, _, secret = token.removeprefix(_PREFIX).partition("_")
        with self._reading() as database:
            query = f"SELECT hash, {_COLUMNS} FROM tokens WHERE id = ?"
            row = database.execute(query, (identity,)).fetchone() if database else None
        hashed = row[0] if row else bytes(_HASHED)
        if not isinstance(hashed, bytes):
            raise self._unreadable("a row is damaged")
        # An unknown token takes as long as a wrong one.
        if not hmac.compare_digest(hashed, _hash(secret)) or row is None:
            return None
        found = self._token(row[1:])
        return None if found.has_expired() else found

    def _token(self, row: tuple[Any, ...]) -> Token:
        name, clearance, can_write, created, expires = row
        try:
            ends = dt.datetime.fromisoformat(expires) if expires is not None else None
            level = clearance_name(read_clearance(clearance or ""))
            token = Token(one_line(name), level, can_write == 1, dt.datetime.fromisoformat(created), ends)
            token.has_expired()
        except (CablesearchError, TypeError, ValueError, AttributeError):
            raise self._unreadable("a row is damaged") from None
        return token

    def _is_there(self) -> bool:
        with self._failing():
            try:
                # An empty file is a database that another process is about to make.
                return self._path.stat().st_size > 0
            except FileNotFoundError:
                if self._is_beside and not self._path.parent.is_dir():
                    # Who has a token must not be told that it is wrong.
                    raise ArchiveNotFoundError(self._path.parent) from None
                return False

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        """Give the block the database, or None if there is none."""
        if not self._is_there():
            yield None
            return
        with self._failing():
            database = sqlite3.connect(f"{self._path.as_uri()}?mode=ro", _READING, uri=True)
            with contextlib.closing(database):
                yield database

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Give the block the database, which is made if there is none, readable by its owner alone."""
        if self._is_beside and not self._path.parent.is_dir():
            raise ArchiveNotFoundError(self._path.parent)
        with self._failing():
            if not self._is_beside:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
            os.close(os.open(self._path, flags, 0o600))
            database = sqlite3.connect(self._path, _WRITING)
            with contextlib.closing(database), database:
                database.execute(_TABLE)
                yield database

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._unreadable(str(error)) from None
        except OSError as error:
            raise self._unreadable(error.strerror or type(error).__name__) from None

    def _unreadable(self, reason: str) -> UnreadableFileError:
        return UnreadableFileError(self._path, f"the tokens cannot be read or written ({reason})", "tokens")


def _of_address(address: str) -> Path:
    """Return the database for an archive on a cluster. Its name is the address in full, with escapes."""
    # Archives in folders do not need it.
    from platformdirs import user_data_dir

    name = quote(place_of("archive", address).name, safe="") + ".db"
    return Path(user_data_dir("cablesearch", appauthor=False), _TOKENS, name)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="replace")).digest()


def _now() -> dt.datetime:
    return dt.datetime.now(dt.timezone.utc)


def _text(date: dt.datetime) -> str:
    return date.astimezone(dt.timezone.utc).isoformat(timespec="seconds")
