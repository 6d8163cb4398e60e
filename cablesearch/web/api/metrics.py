"""Figures for Prometheus: requests, times, the queue, the cache. No text of a query or a cable is in them.

They count the requests of all readers, and the cache is of use until the next commit, so they say a little of what some
readers may not know: that something was added. Readers with full clearance may see them.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
    values,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.values import MultiProcessValue
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cablesearch.serving.connections import REFUSED
from cablesearch.web.asking import Service
from cablesearch.web.serving.request_log import route_of

__all__ = ["CONTENT_TYPE_LATEST", "Measured", "Metrics", "shared_by_processes"]

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The environment variable by which the processes of a server know the folder that their figures share."""
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_METHODS = {"GET", "HEAD", "POST"}
_OTHER = "other"


@contextlib.contextmanager
def shared_by_processes(count: int) -> Iterator[None]:
    """While the block runs, let the figures of the processes that it starts be added up, if there are several."""
    if count == 1:
        yield
        return
    before = values.ValueClass
    with tempfile.TemporaryDirectory(prefix="cablesearch-metrics-") as folder:
        os.environ[_FOLDER] = folder
        # Chosen when the library was imported, which may be before.
        values.ValueClass = MultiProcessValue()
        try:
            yield
        finally:
            values.ValueClass = before
            del os.environ[_FOLDER]


class Metrics:
    """The figures of a process of the server; as text they are those of all its processes.

    Args:
        service: what the process has, whose queue and cache are watched.
    """

    def __init__(self, service: Service) -> None:
        # When a figure was first used is of no interest.
        disable_created_metrics()
        self._registry = CollectorRegistry()
        of = self._registry
        self._requests = Counter(
            "cablesearch_requests", "Requests that were answered.", ["method", "route", "status"], registry=of
        )
        self._seconds = Histogram(
            "cablesearch_request_seconds",
            "Time from a request to the end of its answer.",
            ["route"],
            registry=of,
            buckets=_BUCKETS,
        )
        running = Gauge(
            "cablesearch_questions", "Questions that are being answered.", registry=of, multiprocess_mode="livesum"
        )
        waiting = Gauge(
            "cablesearch_questions_waiting",
            "Questions that wait for their turn.",
            registry=of,
            multiprocess_mode="livesum",
        )
        self.streams = Gauge(
            "cablesearch_streams", "Answers that are being streamed.", registry=of, multiprocess_mode="livesum"
        )
        cache = Counter("cablesearch_cache", "Answers that were kept (hit), or not (miss).", ["result"], registry=of)
        hits, misses = cache.labels("hit"), cache.labels("miss")

        def queued(answered: int, left: int) -> None:
            running.set(answered)
            waiting.set(left)

        service.queue.on_change = queued
        service.cache.on_get = lambda is_hit: (hits if is_hit else misses).inc()

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        self._requests.labels(method if method in _METHODS else _OTHER, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """Return the figures as Prometheus reads them."""
        if _FOLDER not in os.environ:
            return generate_latest(self._registry)
        folder = Path(os.environ[_FOLDER])
        for file in folder.glob("gauge_live*.db"):
            if not _is_alive(number := int(file.stem.rpartition("_")[2])):
                mark_process_dead(number, str(folder))
        registry = CollectorRegistry()
        MultiProcessCollector(registry, str(folder))
        return generate_latest(registry)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except OSError:
        return False
    return True


class Measured:
    """Counts requests by method, route and status, and measures how long they take."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, method, status = time.perf_counter(), scope["method"], 500

        async def measured(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, measured)
        finally:
            status = scope.get("state", {}).get(REFUSED) or status
            self._metrics.count(method, route_of(scope), status, time.perf_counter() - began)
