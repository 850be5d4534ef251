"""Pages travel compressed; what must keep its ETag does not."""

import gzip

import pytest

from tests.factories import AgentFactory, file_ticket

pytestmark = pytest.mark.django_db


def test_a_page_travels_compressed_to_who_takes_it_so(client):
    file_ticket()
    client.force_login(AgentFactory())
    plain = client.get("/agent/?view=all")
    assert "Content-Encoding" not in plain.headers
    packed = client.get("/agent/?view=all", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert len(packed.content) * 3 < len(plain.content)
    assert b"</html>" in gzip.decompress(packed.content)


def test_what_the_api_says_keeps_its_strong_etag(client):
    answer = client.get("/api/v1/schema/", headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers
