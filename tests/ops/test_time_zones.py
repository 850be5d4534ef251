"""Every time shown goes by the same zone rules as every time promised (docs/sla.md C8)."""

from datetime import UTC, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

import pytest

from accounts.zones import zone_names
from web.workspace.forms import Profile


@pytest.mark.parametrize("name", ["Africa/Casablanca", "Europe/Vienna", "America/New_York"])
def test_the_locked_zone_rules_win_over_the_systems(name: str) -> None:
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as rules:
        locked = ZoneInfo.from_file(rules)
    for month in range(1, 13):
        instant = datetime(2027, month, 15, 12, tzinfo=UTC)
        assert instant.astimezone(ZoneInfo(name)).utcoffset() == (
            instant.astimezone(locked).utcoffset()
        )


def test_zones_are_offered_by_their_names_of_today() -> None:
    offered = zone_names()
    assert offered[0] == "UTC"
    assert {"Africa/Asmara", "Asia/Kolkata", "Europe/Kyiv", "Europe/Vienna"} <= set(offered)
    assert not {"Africa/Asmera", "Asia/Calcutta", "Europe/Kiev", "US/Pacific"} & set(offered)
    assert set(offered) <= available_timezones()


def test_a_zone_under_a_name_of_old_is_kept_when_its_form_is_saved() -> None:
    before = Profile(initial={"time_zone": "Asia/Calcutta"})
    assert '<option value="Asia/Calcutta" selected>' in str(before["time_zone"])
    assert "Asia/Calcutta" not in str(Profile()["time_zone"])
    saved = Profile({"time_zone": "Asia/Calcutta"})
    saved.is_valid()
    assert saved.cleaned_data["time_zone"] == "Asia/Calcutta"
    wrong = Profile({"time_zone": "Mars/Base"})
    assert "time_zone" in wrong.errors
