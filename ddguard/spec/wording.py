"""How findings name values and places."""

from difflib import get_close_matches

from ddguard.model import Json, Path

SHOWN_CHARACTERS = 60


def quoted(text: str) -> str:
    """A text in quotes, cut to what a line can hold, with escapes for all that isn't printable."""
    return repr(text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 3] + "...")


def plain(value: Json) -> str:
    """A value as YAML writes it, texts without quotes; a list or a mapping only by its kind."""
    if isinstance(value, bool) or value is None:
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (list, dict)):
        return "a list" if isinstance(value, list) else "a mapping"
    return str(value)


def described(value: Json) -> str:
    """A value as a reader recognises it: `the text 'x'`, `5`, `a list`."""
    return f"the text {quoted(value)}" if isinstance(value, str) else plain(value)


def dotted(path: Path) -> str:
    """`options.thresholds.critical`, `tags[2]`; empty for the whole document."""
    name = ""
    for part in path:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else part
    return name


def counted(number: int, noun: str) -> str:
    """`1 entry`, `2 entries`."""
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun[:-1]}ies" if noun.endswith("ry") else f"{number} {noun}s"


def did_you_mean(word: str, known: "list[str] | dict[str, Json] | tuple[str, ...]") -> str:
    """A hint that names the known word closest to one that isn't; empty where none is close."""
    alike = [one for one in known if one.lower() == word.lower()]
    near = alike[:1] or get_close_matches(word, known, n=1)
    return f"did you mean {near[0]}?" if near else ""


def first_sentence(text: str) -> str:
    """The text up to the first full stop that ends a sentence."""
    end = text.find(". ")
    return text if end < 0 else text[: end + 1]
