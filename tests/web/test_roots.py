"""A server below a path whose first letters are those of its own addresses, and the links of its answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from cablesearch.web.app import create_app
from cablesearch.web.settings import Settings
from tests.support.archives import write
from tests.support.cables import cable
from tests.support.html import read_html

HTML = {"Accept": "text/html"}

Opened = Callable[..., TestClient]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("roots")
    write(folder, [cable("09ROME1", "The whale swims."), cable("09ROME2", "The whale sleeps.")])
    return folder / "archive"


@pytest.fixture
def opened(index: Path) -> Iterator[Opened]:
    clients = []

    def made(root: str, clearance: str = "SECRET") -> TestClient:
        app = create_app(Settings(str(index), anonymous=clearance, root_path=root))
        clients.append(TestClient(app).__enter__())
        return clients[-1]

    yield made
    for client in clients:
        client.__exit__()


# The proxy takes the root away, or does not.
@pytest.mark.parametrize("strips", [True, False])
@pytest.mark.parametrize("root", ["/c", "/s", "/a", "/l", "/cables"])
def test_a_root_that_begins_as_an_address_does_changes_no_address(opened: Opened, root: str, strips: bool) -> None:
    client, prefix = opened(root), "" if strips else root
    page = read_html(client.get(f"{prefix}/cable/nope", headers=HTML).text)
    targets = {element.attributes.get("href") for element in page}
    assert f"{root}/login?to=%2Fcable%2Fnope" in targets
    assert all(target.startswith((f"{root}/", "#", "https://github.com/")) for target in targets if target)
    search = client.get(f"{prefix}/search?q=whale", headers=HTML)
    assert read_html(search.text).one("form").attributes["action"] == f"{root}/search"
    missing = client.get(f"{prefix}/api/v1/nothing", headers=HTML)
    assert missing.headers["content-type"] == "application/problem+json"
    assert missing.json()["detail"].startswith("there is nothing at /api/v1/nothing;")
    link = client.get(f"{prefix}/api/v1/search?q=whale&limit=1").headers["link"]
    assert link.startswith(f"<{root}/api/v1/search?")


@pytest.mark.parametrize("strips", [True, False])
def test_a_stroke_too_many_leads_to_the_page_below_the_root(opened: Opened, strips: bool) -> None:
    client, prefix = opened("/cables"), "" if strips else "/cables"
    answer = client.get(f"{prefix}/help/", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "http://testserver/cables/help")
    assert client.get("/cables", follow_redirects=False).headers["location"] == "http://testserver/cables/"


def test_metrics_name_routes_without_the_root(opened: Opened) -> None:
    client = opened("/cables", "FULL")
    client.get("/cables/api/v1/cable/09ROME1")
    client.get("/api/v1/cable/09ROME1")
    count = 'cablesearch_requests_total{method="GET",route="/api/v1/cable/{reference}",status="200"} 2.0'
    assert count in client.get("/api/v1/metrics").text
