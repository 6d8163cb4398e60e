"""Whatever a model sends, a tool answers, or says what is wrong: never an internal error, never a long answer."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cablesearch.archive import Archive
from cablesearch.mcp.tools import TOOLS
from tests.support.models import ask_all, server_of

LONGEST = 70_000

likely = st.sampled_from(
    ["", "*", "palermo", "10BEIJING30", "10BEIJING30@4", "cable://10BEIJING30#4", "cable://%", "2009", "tags", "person"]
)
texts = likely | st.text(max_size=30) | st.text(alphabet='()"*?~^:[]{}.-¶@#/… a1', max_size=30)
values: st.SearchStrategy[Any] = (
    texts | st.integers(-5, 10**12) | st.booleans() | st.none() | st.floats() | st.lists(texts, max_size=4)
)
values = values | st.dictionaries(st.text(max_size=3), texts, max_size=2)


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """Return a tool and arguments, of which most have the right type."""
    tool = draw(st.sampled_from(list(TOOLS.values())))
    arguments = {}
    for name, schema in tool.arguments.schema_of()["properties"].items():
        fitting = {
            "string": st.sampled_from(schema.get("enum", [""])) | texts,
            "integer": st.integers(1, 60),
            "array": st.lists(texts, max_size=3),
        }[schema["type"]]
        if name in tool.arguments.schema_of()["required"] or draw(st.booleans()):
            arguments[name] = draw(st.one_of(fitting, fitting, fitting, values))
    if draw(st.integers(0, 9)) == 0:
        arguments[draw(st.text(max_size=5))] = draw(values)
    return tool.name, arguments


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(calls(), min_size=1, max_size=6))
def test_any_arguments_are_answered(beijing: Archive, questions: list[tuple[str, dict[str, Any]]]) -> None:
    for told in ask_all(server_of(beijing.path), *questions):
        assert told.text
        assert "internal error" not in told.text
        assert "Traceback" not in told.text
        assert len(told.text) < LONGEST
