"""What the queue of a real desk weighs on its way to a browser."""

import re
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page

from tests.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.browser, pytest.mark.xdist_group("stack")]
MOST_BYTES = 120_000
MOST_REQUESTS = 3


class Line:
    """What came over the line since it was last emptied, by address; what a cache gave is not."""

    def __init__(self, session: CDPSession) -> None:
        self.bytes: dict[str, float] = {}
        self._addresses: dict[str, str] = {}
        self._kept: set[str] = set()
        session.on("Network.requestWillBeSent", self._sent)
        session.on(
            "Network.requestServedFromCache", lambda told: self._kept.add(told["requestId"])
        )
        session.on("Network.responseReceived", self._received)
        session.on("Network.loadingFinished", self._finished)
        session.send("Network.enable")

    def _sent(self, told: dict[str, Any]) -> None:
        self._addresses[told["requestId"]] = told["request"]["url"]

    def _received(self, told: dict[str, Any]) -> None:
        if told["response"].get("fromDiskCache"):
            self._kept.add(told["requestId"])

    def _finished(self, told: dict[str, Any]) -> None:
        if told["requestId"] not in self._kept:
            address = self._addresses.get(told["requestId"], "begun before")
            self.bytes[address] = told["encodedDataLength"]


def test_the_queue_is_light_and_its_parts_are_kept(stack: Stack, page: Page) -> None:
    stack.start()
    stack.manage("load_sample", "--tickets", "60")
    found = re.search(r"agent +(http\S+)", stack.output)
    assert found, stack.output
    page.goto(found[1])
    page.get_by_role("button", name=re.compile("Sign in as")).click()
    page.wait_for_load_state()
    queue = f"http://localhost:{stack.port}/agent/?view=all"
    session = page.context.new_cdp_session(page)
    line = Line(session)
    session.send("Network.clearBrowserCache")

    page.goto(queue, wait_until="networkidle")
    assert page.locator("tr[data-number]").count() == 50
    weight = sorted(line.bytes.items(), key=lambda part: -part[1])
    assert 0 < sum(line.bytes.values()) <= MOST_BYTES, weight

    line.bytes.clear()
    page.goto(queue, wait_until="networkidle")
    assert queue in line.bytes
    assert len(line.bytes) <= MOST_REQUESTS, line.bytes
