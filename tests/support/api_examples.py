"""The examples of the OpenAPI document, answered by an archive of the bundled sample.

``python -m tests.support.api_examples`` writes the answers anew.
"""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
from pathlib import Path
from typing import Any

from fastapi import FastAPI

import cablesearch.web.api.openapi
from cablesearch.archive import create
from cablesearch.web.api.inprocess import exchange
from cablesearch.web.app import create_app
from cablesearch.web.settings import Settings
from tests.support.files import SAMPLES

FILE = Path(cablesearch.web.api.openapi.__file__).with_name("examples.json")
_TOOK = re.compile(r'("took_ms": )[0-9.]+')


def answered(app: FastAPI, example: dict[str, Any]) -> dict[str, Any]:
    """Return an example with the answer that an application gives; the time that it took is left out."""
    asked: dict[str, Any] = {name: example[name] for name in ("operation", "address", "body") if name in example}
    method, body = ("POST", example["body"].encode()) if "body" in example else ("GET", b"")
    reply = asyncio.run(exchange(app, example["address"], method=method, body=body))
    assert reply.status == 200, reply
    media_type = reply.headers["content-type"]
    text = _TOOK.sub(r"\g<1>1.0", reply.body.decode())
    answer = json.loads(text) if media_type == "application/json" else text
    if media_type.startswith(("text/plain", "text/vnd.graphviz")):
        media_type = media_type.partition(";")[0]
    return {**asked, "media_type": media_type, "answer": answer}


def sample(folder: Path) -> FastAPI:
    """Return an application for a new archive of the bundled sample."""
    with create(folder) as archive:
        archive.index([SAMPLES], jobs=1)
    return create_app(Settings(str(folder), anonymous="FULL", logged=False))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        app = sample(Path(place))
        made = [answered(app, example) for example in json.loads(FILE.read_text("utf-8"))]
        FILE.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", "utf-8")
        app.state.service.queue.close()
