"""How ddguard's objects carry the name of their owner: monitors in tags, downtimes in the last line of the message.

What is read here was written by anyone with access to Datadog: only what has exactly the written form counts.
"""

import re
from collections.abc import Sequence

from ddguard.model import ID_TAG, PROTECT_TAG, RESERVED_TAG_KEYS, STACK_TAG, Identity, Json

STACK = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*/[A-Za-z0-9][A-Za-z0-9_.-]*")
ID = re.compile(r"[a-z0-9][a-z0-9_.-]{0,179}")
MARKER = re.compile(rf"{STACK_TAG}:(?P<stack>{STACK.pattern}) {ID_TAG}:(?P<id>{ID.pattern})(?P<mark> {PROTECT_TAG})?")


def identity_tags(identity: Identity, *, protect: bool) -> list[str]:
    """The tags that mark a monitor: `ddguard_stack:streampay/prod`, `ddguard_id:burst`."""
    tags = [f"{STACK_TAG}:{identity.stack}", f"{ID_TAG}:{identity.id}"]
    return [*tags, PROTECT_TAG] if protect else tags


def without_identity(tags: Sequence[str]) -> list[str]:
    """The tags that are not ddguard's own."""
    return [tag for tag in tags if key_of(tag) not in RESERVED_TAG_KEYS]


def key_of(tag: str) -> str:
    """`env` of `Env:prod`, and the whole of a tag without a colon."""
    return tag.partition(":")[0].lower()


def identity_in_tags(tags: Json) -> Identity | None:
    """Whose monitor it is; None unless the tags name exactly one stack and one id."""
    stack, spec_id = _only_value(tags, STACK_TAG), _only_value(tags, ID_TAG)
    if stack is None or spec_id is None or not STACK.fullmatch(stack) or not ID.fullmatch(spec_id):
        return None
    return Identity(stack, spec_id)


def _only_value(tags: Json, key: str) -> str | None:
    values = _values(tags, key)
    return next(iter(values)) if len(values) == 1 else None


def _values(tags: Json, key: str) -> frozenset[str]:
    texts = tags if isinstance(tags, (list, tuple)) else ()
    start = f"{key}:"
    return frozenset(tag.removeprefix(start) for tag in texts if isinstance(tag, str) and tag.startswith(start))


def named_in_tags(tags: Json) -> tuple[frozenset[str], frozenset[str]]:
    """All stacks and all ids that a monitor's tags name: more or less than one where its identity can't be told."""
    return _values(tags, STACK_TAG), _values(tags, ID_TAG)


def marked_message(message: str, identity: Identity, *, protect: bool) -> str:
    """A downtime's message with the marker as its last line."""
    return f"{message.strip()}\n{' '.join(identity_tags(identity, protect=protect))}".lstrip("\n")


def split_message(message: Json) -> tuple[str, re.Match[str] | None]:
    """A downtime's message without its marker, and the marker (`MARKER`), if its last line is one."""
    text = message if isinstance(message, str) else ""
    rest, _, last = text.rstrip().rpartition("\n")
    marker = MARKER.fullmatch(last.strip())
    return (rest.rstrip(), marker) if marker else (text, None)


def identity_in_message(message: Json) -> Identity | None:
    """Whose downtime it is, by the last line of its message."""
    _, marker = split_message(message)
    return Identity(marker["stack"], marker["id"]) if marker else None
