"""The examples in the engine's docstrings are true."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import cablesearch.engine

MODULES = sorted(module.name for module in pkgutil.walk_packages(cablesearch.engine.__path__, "cablesearch.engine."))


@pytest.mark.parametrize("name", MODULES)
def test_examples_give_what_they_show(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize("room", ["kernels", "segment.postings", "segment.merge", "search.phrases", "search.chains"])
def test_dense_array_code_has_examples(room: str) -> None:
    assert doctest.testmod(importlib.import_module(f"cablesearch.engine.{room}")).attempted > 0
