"""What goes wrong on a cluster, in our words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from opensearchpy.exceptions import ConnectionError as NoConnection
from opensearchpy.exceptions import ConnectionTimeout, SSLError, TransportError

from cablesearch.cluster.addresses import Address
from cablesearch.errors import CablesearchError, UnreachableError
from cablesearch.text.terminal import one_line

__all__ = [
    "BUSY",
    "FULL_DISK",
    "NotReadyError",
    "PassingError",
    "RefusedError",
    "cause_of",
    "fault_of",
    "is_passing",
    "kinds_of",
    "refusal",
]

_TOO_MANY = 429
BUSY = frozenset({_TOO_MANY, 502, 503, 504})
"""The statuses of answers that may be different a moment later."""

FULL_DISK = "cluster_block_exception"
"""The type of the error where an index may not be written, as if a disk is full."""

_NODE_GONE = frozenset(
    {
        "cluster_manager_not_discovered_exception",
        "connect_transport_exception",
        "no_shard_available_action_exception",
        "node_closed_exception",
        "node_disconnected_exception",
        "node_not_connected_exception",
        "receive_timeout_transport_exception",
        "send_request_transport_exception",
        "shard_not_found_exception",
        "unavailable_shards_exception",
    }
)
"""The types of errors when a node has ended, or is about to; some come with the status of a fault in the program."""

_NO_NODE = "no node found for id"
"""The same, in an error that has no type of its own."""

_LONGEST_REASON = 300

_CLAUSES = ("too_many_clauses", "too_many_nested_clauses")
_MEMORY = ("circuit_breaking_exception", "OutOfMemoryError")

_ADVICE = {
    401: "the cluster does not know this user, or wants one; see docs/cluster.md for how to give credentials",
    403: "the cluster does not permit this user to do that",
    413: "the cluster refuses a request of this size; raise its http.max_content_length",
}


def kinds_of(answer: Any) -> set[str]:
    """Return the types of all errors in an answer of the cluster, such as ``index_not_found_exception``."""
    return {str(cause["type"]) for cause in _causes(answer) if "type" in cause}


def cause_of(answer: Any) -> str:
    """Return the type and the reason of the innermost error in an answer, cut to a length."""
    causes = [cause for cause in _causes(answer) if "type" in cause]
    if not causes:
        return str(answer)[:_LONGEST_REASON]
    return f"{causes[-1]['type']}: {causes[-1].get('reason')}"[:_LONGEST_REASON]


def _causes(answer: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the errors in an answer, each before those that caused it."""
    if isinstance(answer, Mapping):
        if isinstance(answer.get("type"), str):
            yield answer
        for name in ("error", "root_cause", "failed_shards", "failures", "reason", "cause", "caused_by"):
            yield from _causes(answer.get(name))
    elif isinstance(answer, list):
        for part in answer:
            yield from _causes(part)


class PassingError(UnreachableError):
    """The connection was lost; a moment later there may be one."""


class NotReadyError(PassingError):
    """The cluster says that it is not ready, such as when a node has ended and others do not know it yet."""


class RefusedError(CablesearchError):
    """The cluster refuses a request.

    Attributes:
        status: the HTTP status, of the whole or of a part.
        kinds: the types of its errors, such as ``index_not_found_exception``.
    """

    def __init__(self, message: str, status: int = 400, kinds: Iterable[str] = ()) -> None:
        # All arguments go to the base, so that the error can be pickled.
        super().__init__(message, status, frozenset(kinds))
        self.message, self.status, self.kinds = message, status, frozenset(kinds)

    def __str__(self) -> str:
        return one_line(self.message)


def refusal(address: Address, status: int, answer: Any) -> CablesearchError:
    """Return the error for an answer that reports a failure.

    Args:
        address: the archive.
        status: the HTTP status, of the whole or of a part.
        answer: what the cluster says.
    """
    kinds, cause = kinds_of(answer), cause_of(answer)
    if (status in BUSY and status != _TOO_MANY) or kinds & _NODE_GONE or _NO_NODE in cause:
        return NotReadyError(str(address), f"it is not ready ({cause})")
    if FULL_DISK in kinds and "disk usage" in cause:
        reason = f"the disks of the cluster are full, so it takes no more documents; make room, and try again ({cause})"
    elif kinds.intersection(_CLAUSES):
        reason = (
            "the query has too many words for this cluster, each counted in every field where it is looked for; use "
            f"fewer, or raise indices.query.bool.max_clause_count of the cluster ({cause})"
        )
    elif kinds.intersection(_MEMORY):
        reason = f"this takes more memory than the cluster has ({cause})"
    elif status in _ADVICE and FULL_DISK not in kinds:
        reason = _ADVICE[status]
    elif status == _TOO_MANY and FULL_DISK not in kinds:
        reason = f"the cluster is too busy; try again later ({cause})"
    else:
        reason = f"the cluster refuses ({cause})"
    return RefusedError(f"{address}: {reason}", status, kinds)


def fault_of(address: Address, error: TransportError) -> CablesearchError:
    """Return our error for one of the client."""
    if isinstance(error, ConnectionTimeout):
        return UnreachableError(str(address), "no answer in time")
    if isinstance(error, SSLError):
        return UnreachableError(str(address), f"no secure connection ({_innermost(error)})")
    if isinstance(error, NoConnection):
        return PassingError(str(address), _innermost(error))
    status = error.status_code if isinstance(error.status_code, int) else 0
    return refusal(address, status, error.info if error.info is not None else error.error)


def is_passing(error: CablesearchError, *, timeouts: bool = False) -> bool:
    """Whether it makes sense to ask again.

    Args:
        error: the error.
        timeouts: whether that is so where no answer came in time.
    """
    if isinstance(error, RefusedError):
        return error.status == _TOO_MANY and FULL_DISK not in error.kinds
    return isinstance(error, PassingError) or (timeouts and isinstance(error, UnreachableError))


def _innermost(error: TransportError) -> str:
    """Return why there was no connection, without the objects that urllib3 names."""
    reason: Any = error.info
    while inner := getattr(reason, "reason", None) or getattr(reason, "__cause__", None):
        if not isinstance(inner, BaseException):
            break
        reason = inner
    text = str(reason)
    if "object at 0x" in text:
        text = text.rpartition("object at 0x")[2].partition(": ")[2]
    return text[:_LONGEST_REASON] or type(reason).__name__
