"""One client with one kept connection, as a browser or a script has it."""

import http.client
import re
import time
import urllib.parse

KEPT_SECONDS = 3
FORM = "application/x-www-form-urlencoded"


class Client:
    """One kept connection, with cookies or a token.

    `size` and `queries` tell of the last answer: its bytes, and how often it asked the database.
    `address` is where it calls from, one of 127.0.0.0/8.
    """

    def __init__(self, port: int, token: str = "", address: str = "127.0.0.1") -> None:
        self._connection = http.client.HTTPConnection(
            "localhost", port, timeout=60, source_address=(address, 0)
        )
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._cookies: dict[str, str] = {}
        self._last = 0.0
        self.size = self.queries = 0

    def call(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
        """Make one call; gives status and body."""
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {**self._headers, **named, **({"Cookie": cookies} if cookies else {})}
        if time.monotonic() - self._last > KEPT_SECONDS:
            self._connection.close()  # before the server does it under the request
        self._connection.request(method, path, body.encode() or None, sent)
        answer = self._connection.getresponse()
        for header in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = header.partition("=")
            self._cookies[name] = rest.partition(";")[0]
        content = answer.read()
        self._last = time.monotonic()
        self.size, self.queries = len(content), int(answer.headers.get("X-Queries", "0"))
        return answer.status, content.decode()

    def sign_in(self, url: str) -> None:
        """Press the button behind a one-time link."""
        path = urllib.parse.urlsplit(url).path
        _, page = self.call("GET", path)
        status, answer = self.send(path, {"csrfmiddlewaretoken": hidden(page)})
        assert status == 302, answer[:500]

    def send(self, path: str, form: dict[str, str]) -> tuple[int, str]:
        """Send a form of a page; gives status and body."""
        token = {"csrfmiddlewaretoken": self._cookies["desk_csrf"]}
        return self.call(
            "POST", path, urllib.parse.urlencode({**token, **form}), Content_Type=FORM
        )


def hidden(page: str, name: str = "csrfmiddlewaretoken") -> str:
    """Give the value of a hidden field of a page."""
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found is not None, page
    return found[1]
