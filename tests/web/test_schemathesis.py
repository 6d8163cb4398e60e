"""Whatever the OpenAPI document allows, and what it does not, a real server answers as the document says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tests.support.archives import write
from tests.support.cables import cable
from tests.support.serving import served

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]


@schemathesis.serializer("application/x-ndjson")
def lines(context: Any, value: Any) -> bytes:
    """Return the body of a batch."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return the document that a server has of itself."""
    folder = tmp_path_factory.mktemp("schemathesis")
    write(
        folder,
        [
            cable(f"09ROME{number}", ("U", "The whale swims (WSW)."), ("S", "Trade."), tags=["PHUM"], references=[
                f"09ROME{number - 1}"], subject="Whales")
            for number in range(1, 12)
        ],
    )  # fmt: skip
    with served(folder / "archive", "--clearance", "FULL") as address:
        yield schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json")


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["allowed", "not allowed"])
def test_a_server_answers_as_its_document_says(document: Any, mode: GenerationMode) -> None:
    operations = [result.ok() for result in document.get_all_operations()]
    assert len(operations) > 20
    for operation in operations:
        if mode == GenerationMode.NEGATIVE and not operation.query:
            # Without arguments nothing can be wrong; the lines of a batch each have an answer.
            continue

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
        )
        def answers_as_the_document_says(case: Any) -> None:
            case.call_and_validate(checks=CHECKS)

        answers_as_the_document_says()
