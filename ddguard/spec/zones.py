"""Time zones by their names in the IANA database (https://www.iana.org/time-zones)."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

LONGEST = 60
NO_PLACES = frozenset({"Factory", "localtime", "posix", "posixrules", "right"})
"""What lies beside the zones where a machine keeps them, and means something else on every machine."""


@cache
def is_time_zone(name: str) -> bool:
    """Whether there is a time zone of that name: among the machine's, else in the package tzdata."""
    if name == "UTC":
        return True
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return name.partition("/")[0] not in NO_PLACES


def meant_time_zone(name: str) -> str:
    """A hint that names the zone closest to a name that is none: of another case, of that city, or misspelt."""
    known = _known()
    if not known:
        return "no time zones at all can be found: is PYTHONTZPATH right, is the package tzdata installed?"
    written = name[:LONGEST].lower().replace(" ", "_")
    cities = {zone.rpartition("/")[2].lower(): zone for zone in known.values()}
    near = get_close_matches(written, known, n=1, cutoff=0.8)
    meant = known.get(written) or cities.get(written) or (known[near[0]] if near else "")
    return f"did you mean {meant}?" if meant else "a name of the IANA database, such as Europe/Paris or UTC"


@cache
def _known() -> Mapping[str, str]:
    """The names of all time zones by their lower-case form."""
    zones = sorted(name for name in available_timezones() if name not in NO_PLACES)
    return {name.lower(): name for name in zones}
