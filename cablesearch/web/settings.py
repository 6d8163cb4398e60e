"""Settings: how a server is set up."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

__all__ = ["Settings"]

_VARIABLE = "CABLESEARCH_SERVER"
"""The environment variable by which the processes of a server get its settings."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a server is set up.

    Attributes:
        index: the folder of the archive.
        anonymous: the clearance of readers without a token.
        origins: the origins (``https://example.org``) whose pages may read answers; none: no others.
        hosts: the names under which the server is reached; none: any.
        root_path: the path below which a proxy serves it, such as ``/cables``.
        threads: the number of questions that are answered at a time by a process.
        waiting: the number of questions that may wait for their turn, in a process.
        seconds: the longest time for an answer.
        log_queries: whether the log has the queries.
        secret: what the processes of the server share, and nobody else knows.
    """

    index: str
    anonymous: str = "UNCLASSIFIED"
    origins: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    root_path: str = ""
    threads: int = 4
    waiting: int = 64
    seconds: float = 30.0
    log_queries: bool = False
    secret: str = field(default_factory=lambda: secrets.token_hex(32), repr=False)

    @property
    def path(self) -> Path:
        """The folder of the archive."""
        return Path(self.index)

    def to_environment(self) -> None:
        """Leave the settings for `from_environment`, in this process and those that it starts."""
        os.environ[_VARIABLE] = json.dumps(asdict(self))

    @classmethod
    def from_environment(cls) -> Settings:
        """Return the settings that `to_environment` left."""
        values = json.loads(os.environ[_VARIABLE])
        values |= {name: tuple(values[name]) for name in ("origins", "hosts")}
        return cls(**values)
