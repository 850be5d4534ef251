"""Products with their parts over REST: an admin changes them as on the pages."""

import pytest

from tests.factories import ComponentFactory, ProductFactory, ReleaseFactory

pytestmark = pytest.mark.django_db


def test_an_admin_renames_a_component(as_admin, as_agent, ledger):
    component = ComponentFactory(product=ledger, name="Export")
    path = f"/products/ledger/components/{component.pk}/"
    renamed = as_admin("PATCH", path, {"name": "Exports"})
    assert (renamed.status_code, renamed.body["name"]) == (200, "Exports")
    assert as_agent("GET", path).body == renamed.body
    assert as_agent("PATCH", path, {"name": "Mine"}).status_code == 403


def test_a_release_is_published_with_its_day(as_admin, as_agent, ledger):
    release = ledger.releases.get(version="2.5.0")
    path = f"/products/ledger/releases/{release.pk}/"
    bare = as_admin("PATCH", path, {"status": "published"})
    assert (bare.status_code, bare.body["errors"][0]["pointer"]) == (400, "/published_on")
    day = {"status": "published", "published_on": "2026-03-31"}
    published = as_admin("PATCH", path, day)
    assert published.status_code == 200
    assert {**day, "version": "2.5.0"}.items() <= published.body.items()
    assert as_admin("PATCH", path, {"version": "2.5"}).body == {**published.body, "version": "2.5"}
    assert as_agent("GET", path).body["status"] == "published"
    assert as_agent("PATCH", path, {"version": "9"}).status_code == 403


def test_a_part_is_found_under_its_own_product_alone(as_admin, ledger):
    other = ProductFactory(key="other")
    release, component = ReleaseFactory(product=other), ComponentFactory(product=other)
    for part in (f"releases/{release.pk}/", f"components/{component.pk}/"):
        assert as_admin("GET", f"/products/other/{part}").status_code == 200
        assert as_admin("GET", f"/products/ledger/{part}").status_code == 404
