"""Settings: how a server is set up."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from cablesearch.cable import FULL

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """How a server is set up.

    Attributes:
        index: the folder of the archive, or its address on a cluster.
        anonymous: the clearance of readers without a token.
        limit: a clearance that no reader exceeds, whatever their token grants.
        origins: the origins (``https://example.org``) whose pages may read answers, ``*`` for all; none: no others.
        hosts: the names under which the server is reached; none: any.
        addresses: whether any IP address is such a name, too.
        root_path: the path below which a proxy serves it, such as ``/cables``.
        threads: the number of questions that are answered at a time by a process.
        waiting: the number of questions that may wait for their turn, in a process.
        seconds: the longest time for an answer.
        patience: the seconds that a client has to send a request, or to take the next part of an answer.
        connections: the most connections that a process holds.
        logged: whether each request is logged.
        log_queries: whether the log has the queries.
        secret: what the processes of the server share, and nobody else knows.
    """

    index: str
    anonymous: str = "UNCLASSIFIED"
    limit: str = FULL
    origins: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    addresses: bool = False
    root_path: str = ""
    threads: int = 4
    waiting: int = 64
    seconds: float = 30.0
    patience: float = 20.0
    connections: int = 512
    logged: bool = True
    log_queries: bool = False
    secret: str = field(default_factory=lambda: secrets.token_hex(32), repr=False)
