"""Which reader a series file wants."""

from ddguard.replay.csvfile import read_csv
from ddguard.replay.jsonfile import read_json
from ddguard.replay.series import Reading


def looks_like_json(text: str) -> bool:
    """Whether the text begins as a JSON object or list does."""
    return text.lstrip("\ufeff \t\r\n")[:1] in {"{", "["}


def read_series(text: str, path: str) -> Reading:
    """The series of a CSV or JSON file, by its ending, and by its content where the ending says neither."""
    if path.lower().endswith(".json") or (not path.lower().endswith(".csv") and looks_like_json(text)):
        return read_json(text, path)
    return read_csv(text, path)
