"""What all readers of query texts share: looking at tokens one by one, and telling what is wrong with one."""

from ddguard.query.mistakes import Place, QueryError, quoted
from ddguard.query.nodes import Span
from ddguard.query.tokens import END, OPEN, Token

DEEPEST = 40
"""How many parentheses, calls and signs may stand inside each other."""


class Reader:
    """Goes through tokens from left to right; `token` is the one to be read next, `end` where the last one ended."""

    __slots__ = ("depth", "end", "index", "token", "tokens")

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.index = 0
        self.token = tokens[0]
        self.end = tokens[0].start
        self.depth = 0

    @property
    def following(self) -> Token:
        """The token after the next one, which must not be the last."""
        return self.tokens[self.index + 1]

    def advance(self) -> Token:
        """Take the next token, which must not be the last."""
        token = self.token
        self.index += 1
        self.token = self.tokens[self.index]
        self.end = token.end
        return token

    def accept(self, symbol: str) -> bool:
        """Take the next token if it is this symbol."""
        if self.token.text != symbol:
            return False
        self.advance()
        return True

    def expect(self, symbol: str, purpose: str, owner: str) -> None:
        """Take this symbol, or tell that it is missing: ``expected `)` to close `abs(` ``."""
        if self.token.text != symbol:
            raise self.error(f"expected {quoted(symbol)} {purpose} {quoted(owner)}", (symbol,))
        self.advance()

    def since(self, start: int) -> Span:
        """From there to the end of the last token taken."""
        return Span(start, self.end)

    def enter(self) -> None:
        """Note that what follows stands inside something; `leave` ends it."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise QueryError(
                f"the query is nested too deeply: ddguard reads {DEEPEST} levels", Place(self.token.start, 1)
            )

    def leave(self) -> None:
        """Note that it is over."""
        self.depth -= 1

    def error(
        self, message: str, expected: tuple[str, ...] = (), suggestion: str = "", token: Token | None = None
    ) -> QueryError:
        """The error at a token, the next one unless another is given; what came is added to the message."""
        came = token or self.token
        place = Place(came.start, max(1, came.end - came.start))
        if came.kind == OPEN:
            return QueryError(f"the text that begins with {quoted(came.text)} is never closed", place, (came.text,))
        return QueryError(f"{message}, got {shown(came)}", place, expected, suggestion)


def shown(token: Token) -> str:
    """A token as messages name it."""
    return token.text if token.kind == END else quoted(token.text)
