"""The OpenAPI document: complete, true, and with examples that were really run."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator

from cablesearch.web.api.commands import COMMANDS
from cablesearch.web.api.inprocess import exchange
from cablesearch.web.api.openapi.document import examples
from tests.support.api_examples import answered, sample


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    made = sample(tmp_path_factory.mktemp("sample") / "archive")
    yield made
    made.state.service.queue.close()


@pytest.fixture(scope="module")
def document(app: FastAPI) -> dict[str, Any]:
    reply = asyncio.run(exchange(app, "/api/v1/openapi.json"))
    made: dict[str, Any] = json.loads(reply.body)
    return made


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        operation["operationId"]: operation
        for operations in document["paths"].values()
        for operation in operations.values()
    }


@pytest.mark.parametrize("example", examples(), ids=[example["address"][8:] for example in examples()])
def test_each_example_is_what_the_sample_answers(app: FastAPI, example: dict[str, Any]) -> None:
    # When this fails for a reason: python -m tests.support.api_examples
    assert answered(app, example) == example


def test_each_operation_has_an_example_and_a_description_in_whole_sentences(document: dict[str, Any]) -> None:
    described = operations(document)
    without = described.keys() - {example["operation"] for example in examples()}
    # Its figures are other ones each time.
    assert without == {"metrics"}
    assert described.keys() >= COMMANDS.keys()
    for name, operation in described.items():
        assert operation["description"].endswith("."), name
        assert operation["summary"][0].isupper(), name
        assert "422" not in operation["responses"], name
        assert {"200", "400", "401", "429", "503"} <= operation["responses"].keys(), name
        for parameter in operation.get("parameters", ()):
            assert parameter["description"].endswith("."), (name, parameter["name"])


def test_each_answer_fits_its_schema_and_examples_show_what_parameters_mean(document: dict[str, Any]) -> None:
    described = operations(document)
    for example in examples():
        content = described[example["operation"]]["responses"]["200"]["content"]
        schema = content[example["media_type"]]["schema"]
        Draft202012Validator(schema | {"components": document["components"]}).validate(example["answer"])
        assert schema.get("type") == "string" or schema["required"]
    search = {parameter["name"]: parameter for parameter in described["search"]["parameters"]}
    assert search["q"]["example"] == '"labor trafficking" tag:PHUM'
    assert (search["limit"]["example"], search["facet"]["example"]) == (1, ["year"])


def test_readers_with_a_token_send_it_as_the_document_says(document: dict[str, Any]) -> None:
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert document["security"] == [{}, {"token": []}]
    assert "HTTPValidationError" not in json.dumps(document)


def test_the_examples_say_nothing_of_the_machine(tmp_path: Path) -> None:
    text = json.dumps(examples())
    assert "/tmp" not in text
    assert "/home" not in text
    assert str(tmp_path.anchor + "root") not in text
