"""Names of time zones."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from ddguard.spec import zones
from ddguard.spec.zones import is_time_zone, meant_time_zone


@pytest.fixture
def no_time_zones(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def nothing(name: str) -> None:
        raise KeyError(name)

    monkeypatch.setattr(zones, "ZoneInfo", nothing)
    monkeypatch.setattr(zones, "available_timezones", set)
    forget()
    yield
    forget()


def forget() -> None:
    zones.is_time_zone.cache_clear()
    zones._known.cache_clear()


@pytest.mark.parametrize("name", ["UTC", "Europe/Paris", "America/Argentina/Buenos_Aires", "EST5EDT", "Etc/GMT+3"])
def test_names_of_time_zones(name: str) -> None:
    assert is_time_zone(name)


@pytest.mark.parametrize(
    "name", ["Foo/Bar", "localtime", "posix/Europe/Paris", "../UTC", "/etc/localtime", "Europe", "\0", "a" * 999]
)
def test_names_of_none(name: str) -> None:
    assert not is_time_zone(name)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("europe/paris", "did you mean Europe/Paris?"),
        ("Paris", "did you mean Europe/Paris?"),
        ("utc", "did you mean UTC?"),
        ("Europa/Berlin", "did you mean Europe/Berlin?"),
        ("Foo/Bar", "a name of the IANA database, such as Europe/Paris or UTC"),
        ("PST", "a name of the IANA database, such as Europe/Paris or UTC"),
    ],
)
def test_what_was_meant(name: str, meant: str) -> None:
    assert meant_time_zone(name) == meant


@pytest.mark.usefixtures("no_time_zones")
def test_without_any_time_zones_a_name_is_none_and_the_hint_says_why() -> None:
    assert not is_time_zone("Europe/Paris")
    assert "tzdata" in meant_time_zone("Europe/Paris")


def test_a_machine_that_keeps_no_time_zones_takes_them_from_the_package() -> None:
    code = "from ddguard.spec.zones import is_time_zone; assert is_time_zone('Europe/Paris')"
    code += "; from ddguard.rhythm import zone_of; assert str(zone_of('Europe/Paris')) == 'Europe/Paris'"
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONTZPATH": ""})
