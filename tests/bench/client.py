"""One client with one kept connection, as a browser or a script has it."""

import http.client
import re
import urllib.parse


class Client:
    """One kept connection, with cookies or a token."""

    def __init__(self, port: int, token: str = "") -> None:
        self._connection = http.client.HTTPConnection("localhost", port, timeout=60)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._cookies: dict[str, str] = {}

    def call(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
        """Make one call; gives status and body."""
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {**self._headers, **named, **({"Cookie": cookies} if cookies else {})}
        self._connection.request(method, path, body.encode() or None, sent)
        answer = self._connection.getresponse()
        for header in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = header.partition("=")
            self._cookies[name] = rest.partition(";")[0]
        return answer.status, answer.read().decode()

    def sign_in(self, url: str) -> None:
        """Press the button behind a one-time link."""
        path = urllib.parse.urlsplit(url).path
        _, page = self.call("GET", path)
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found is not None, page
        form = urllib.parse.urlencode({"csrfmiddlewaretoken": found[1]})
        status, _ = self.call(
            "POST", path, form, Content_Type="application/x-www-form-urlencoded", Referer=url
        )
        assert status == 302
