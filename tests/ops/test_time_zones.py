"""Every time shown goes by the same zone rules as every time promised (docs/sla.md C8)."""

from datetime import UTC, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest


@pytest.mark.parametrize("name", ["Africa/Casablanca", "Europe/Vienna", "America/New_York"])
def test_the_locked_zone_rules_win_over_the_systems(name: str) -> None:
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as rules:
        locked = ZoneInfo.from_file(rules)
    for month in range(1, 13):
        instant = datetime(2027, month, 15, 12, tzinfo=UTC)
        assert instant.astimezone(ZoneInfo(name)).utcoffset() == (
            instant.astimezone(locked).utcoffset()
        )
