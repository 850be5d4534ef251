"""Bad input gets a problem document that says which field and why; nothing gives a 500."""

import base64

import pytest

from tests.api.conftest import Caller
from tests.factories import AgentFactory, file_ticket

pytestmark = pytest.mark.django_db
DEEP = "[" * 2000 + "]" * 2000


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ('{"subject": "a\\u0000b", "body": "b"}', 400, "parse_error"),
        ('{"subject": "\\ud800", "body": "b"}', 400, "parse_error"),
        (b'{"subject": "\xff", "body": "b"}', 400, "parse_error"),
        (DEEP, 400, "parse_error"),
        ('{"subject": ' + "[" * 33 + "]" * 33 + "}", 400, "parse_error"),
        ('{"subject": "a", "subject": "b", "body": "c"}', 400, "parse_error"),
        ('{"subject": NaN, "body": "c"}', 400, "parse_error"),
        ('{"subject": "a", "body": "b", "nonsense": 1}', 400, "invalid"),
        ('{"subject": "a", "body": "b", "number": 1}', 400, "invalid"),
        ("", 400, "invalid"), ("nonsense", 400, "parse_error"), ("[]", 400, "invalid"),
        ('"text"', 400, "invalid"), ("null", 400, "invalid"),
        ('{"subject": "", "body": "b"}', 400, "invalid"),
        ('{"subject": {"a": 1}, "body": "b"}', 400, "invalid"),
        ('{"subject": "a", "body": "b", "team": 99999999999999999999999}', 400, "invalid"),
        ('{"subject": "a", "body": "b", "team": 987654}', 400, "invalid"),
        ('{"subject": "a", "body": "b", "fields": {"x": 1}}', 400, "invalid"),
        ('{"subject": "a", "body": "' + "x" * 1_100_000 + '"}', 413, "too_large"),
        ('{"subject": "a", "body": "b", "team": ' + "9" * 6000 + "}", 400, "parse_error"),
    ],
)  # fmt: skip
def test_odd_bodies_are_refused_with_a_problem_document(as_agent, body, status, code):
    answer = as_agent("POST", "/tickets/", body)
    assert (answer.status_code, answer.body["code"]) == (status, code), answer.body
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.body["status"] == status
    assert answer.body["request_id"] == answer.headers["X-Request-ID"]


def test_an_unknown_key_is_named_by_its_pointer(as_agent):
    body = {"subject": "a", "body": "b", "requester": {"email": "x@y.example", "shoe": 1}}
    answer = as_agent("POST", "/tickets/", body)
    assert answer.body["errors"][0]["pointer"] == "/requester/shoe"


@pytest.mark.parametrize(
    "query",
    [
        "created_after=9999-12-31T23:59:59-23:00", "created_after=0001-01-01T00:00:00%2B14:00",
        "created_after=yesterday", "created_after=2026-13-45", "cursor=crafted", "cursor=AAAA",
        "cursor=%F0%9F%92%A9", "limit=0", "limit=101", "limit=-1", "limit=x",
        "limit=99999999999999999999", "limit=000501234567",
        "assignee=" + "0" * 19 + "1" + "9" * 900,
        "sort=nonsense", "sort=subject", "ordering=number",
        "nonsense=1", "status=nonsense", "assignee=x", "assignee=99999999999999999999",
        "q=" + "word+" * 3000, "q=%00", "q=%27%29%28", "with_count=maybe", "fields.nope=1",
        "filter=prority:high", "filter=(a", "filter=status:", "filter=%00",
        "filter=" + "-" * 40 + "a", "filter=" + "a+" * 61, "filter=filter:a",
        "status=open&status=new", "team=%C2%B2", "breached=maybe", "due_before=x",
    ],
)  # fmt: skip
def test_odd_parameters_are_refused_and_never_ignored(as_agent, query):
    answer = as_agent("GET", f"/tickets/?{query}")
    assert answer.status_code == 400, answer.content[:300]


@pytest.mark.parametrize(
    "cursor", ["WyItdXBkYXRlZF9hdCIsIG51bGwsIDFd", "WyItdXBkYXRlZF9hdCIsICJ4IiwgMV0", "W10", "MQ"]
)
def test_a_crafted_cursor_is_refused(as_agent, cursor):
    assert as_agent("GET", f"/tickets/?cursor={cursor}").status_code == 400


@pytest.mark.parametrize("path", ["/people/", "/events/"])
def test_a_cursor_beyond_every_row_is_refused(as_agent, path):
    cursor = base64.urlsafe_b64encode(b"after:" + b"0" * 19 + b"1" + b"9" * 40).decode()
    assert as_agent("GET", f"{path}?cursor={cursor}").status_code == 400


@pytest.mark.parametrize(
    "query", ["q='", 'q="', "q=\\", "q=a%26b|c!:*", "q=%F0%9F%92%A9", "q=#12"]
)
def test_odd_words_search_without_failing(as_agent, query):
    assert as_agent("GET", f"/tickets/?{query}").status_code in {200, 400}


def test_another_media_type_is_415_and_an_unknown_wish_406(as_agent):
    client = as_agent._client
    sent = {"headers": as_agent._headers}
    form = client.post("/api/v1/tickets/", {"subject": "a"}, **sent)
    assert form.status_code == 415
    wish = client.get(
        "/api/v1/tickets/", headers={**as_agent._headers, "Accept": "application/xml"}
    )
    assert wish.status_code == 406
    assert wish.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer x", "Basic abc", "Bearer hd_aaaaaaaa_" + "b" * 43, "Bearer \x7f",
     "bearer hd_" + "a" * 9000],
)  # fmt: skip
def test_without_a_valid_token_nothing_is_told(db, authorization):
    caller = Caller()
    headers = {"Authorization": authorization} if authorization else {}
    for path in ("/tickets/", "/tickets/1/", "/me/", "/people/", "/events/"):
        answer = caller("GET", path, **headers)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (
            401, 'Bearer realm="api"',
        )  # fmt: skip


def test_unknown_addresses_and_methods_are_problems_too(as_agent):
    unknown = as_agent("GET", "/nonsense/")
    assert (unknown.status_code, unknown.headers["Content-Type"]) == (
        404, "application/problem+json",
    )  # fmt: skip
    wrong = as_agent("DELETE", "/tickets/")
    assert wrong.status_code == 405
    assert set(unknown.body) == set(wrong.body)
    assert as_agent("GET", "/tickets/99999999999999999999999/").status_code == 404


def test_the_api_answers_in_english_whatever_the_caller_speaks(as_agent):
    ticket = file_ticket()
    path = f"/tickets/{ticket.number}/"
    for call in (
        ("PATCH", path, {"status": "resolved"}), ("PATCH", path, {"team": 99999}),
        ("GET", "/tickets/?limit=x"), ("GET", "/tickets/?priority=x"), ("POST", "/tickets/", {}),
        ("GET", "/schema/"),
    ):  # fmt: skip
        german = as_agent(*call, Accept_Language="de", X_Request_ID="1")
        assert german.content == as_agent(*call, X_Request_ID="1").content
        assert german.headers["Content-Language"] == "en"


def test_a_key_must_be_readable(as_agent):
    for key in ("x" * 256, "ä"):
        answer = as_agent("POST", "/tickets/", {"subject": "a", "body": "b"}, Idempotency_Key=key)
        assert (answer.status_code, answer.body["code"]) == (400, "bad_idempotency_key")


def test_forwarded_addresses_do_not_defeat_the_limits(db, settings):
    settings.READS_PER_MINUTE = 3
    caller = Caller()
    answers = [caller("GET", "/me/", X_Forwarded_For=f"10.0.0.{n}") for n in range(5)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]


@pytest.mark.parametrize(
    "name", ["💩.txt", "../../etc/passwd", "a" * 500 + ".pdf", "", "x\ty.png"]
)
def test_odd_file_names_are_kept_harmless(as_agent, name):
    from django.core.files.uploadedfile import SimpleUploadedFile

    ticket = file_ticket()
    answer = as_agent._client.post(
        f"/api/v1/tickets/{ticket.number}/attachments/",
        {"kind": "note", "file": SimpleUploadedFile(name or "x", b"hello")},
        headers=as_agent._headers,
    )
    assert answer.status_code == 201, answer.content
    (file,) = answer.json()["attachments"]
    assert "/" not in file["name"]
    assert len(file["name"]) <= 200
    bytes_ = as_agent("GET", f"/attachments/{file['id']}/")
    as_agent._client.force_login(AgentFactory())
    by_page = as_agent._client.get(f"/files/{file['id']}/")
    assert by_page.getvalue() == b"hello"
    for header in ("Content-Disposition", "Content-Type", "Content-Security-Policy"):
        assert by_page.headers[header] == bytes_.headers[header]
    assert bytes_.getvalue() == b"hello"
    assert bytes_.headers["Content-Disposition"].startswith("attachment")
    assert bytes_.headers["X-Content-Type-Options"] == "nosniff"
