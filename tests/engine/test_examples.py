"""The examples in the docstrings of the engine and its algorithms are true."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import cablesearch.algorithms
import cablesearch.engine

MODULES = sorted(
    module.name
    for package in (cablesearch.engine, cablesearch.algorithms)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_give_what_they_show(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize(
    "room",
    [
        "algorithms.kernels",
        "engine.segment.postings",
        "engine.segment.merge",
        "engine.search.phrases",
        "algorithms.chains",
    ],
)
def test_dense_array_code_has_examples(room: str) -> None:
    assert doctest.testmod(importlib.import_module(f"cablesearch.{room}")).attempted > 0
