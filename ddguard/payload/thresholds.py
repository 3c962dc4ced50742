"""The threshold that a query states."""

from ddguard.model import Json
from ddguard.payload.values import number_from
from ddguard.query import QueryError, parse, threshold


def stated_threshold(monitor_type: Json, query: Json) -> int | float | None:
    """The number that a query is compared with; None where it states none or can't be read."""
    if not isinstance(monitor_type, str) or not isinstance(query, str):
        return None
    try:
        number = threshold(parse(monitor_type, query))
    except QueryError:
        return None
    return None if number is None else number_from(number.text)
