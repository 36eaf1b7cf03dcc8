"""The state of one instance: tokens, and the scopes (branches) they live in. Plain values, no SQL.

A token is made for each move and gone with the next, so its number names one visit of one node: seats, timers and
history hang on it, and a node entered again starts afresh. ``prior`` are the visits of people's nodes right before
it (several after a join), for the rule about the same person twice in a row.

A scope is one branch of a parallel block, or the whole flow (number 0). A region outside its nested blocks holds one
token, which is what makes a return safe: empty the target's scope, put one token there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Place = Literal["wire", "step"]
ROOT = 0


@dataclass(frozen=True, slots=True)
class Token:
    """``at`` is a wire id (``place`` wire) or a node id. A held one waits for an administrator; ``why`` is a code."""

    number: int
    place: Place
    at: str
    scope: int = ROOT
    prior: tuple[int, ...] = ()
    why: str = ""

    @property
    def held(self) -> bool:
        return bool(self.why)


@dataclass(frozen=True, slots=True)
class Scope:
    """A branch: made by the split ``node`` (in the visit ``block``) for its wire ``wire``."""

    number: int
    parent: int | None
    node: str = ""
    wire: str = ""
    block: int = 0


class Marking:
    """Tokens and scopes of an instance; every change is remembered so that a store can write just that."""

    def __init__(self, tokens: Iterable[Token] = (), scopes: Iterable[Scope] = (), last: int = 0):
        self.tokens = {token.number: token for token in tokens}
        self.scopes = {scope.number: scope for scope in scopes} or {ROOT: Scope(ROOT, None)}
        self.last = last
        self.added: set[int] = set()
        self.removed: set[int] = set()
        self.opened: list[Scope] = []

    def number(self) -> int:
        """Draw the next number (tokens and scopes share the sequence)."""
        self.last += 1
        return self.last

    def put(self, place: Place, at: str, scope: int, prior: tuple[int, ...] = (), why: str = "") -> Token:
        """Make a token."""
        token = Token(self.number(), place, at, scope, prior, why)
        self.tokens[token.number] = token
        self.added.add(token.number)
        return token

    def take(self, token: Token) -> None:
        """Consume a token. Raises ``KeyError`` when it is gone already."""
        del self.tokens[token.number]
        if token.number in self.added:
            self.added.discard(token.number)
        else:
            self.removed.add(token.number)

    def open(self, parent: int, node: str, wire: str, block: int) -> Scope:
        """Make a branch scope."""
        scope = Scope(self.number(), parent, node, wire, block)
        self.scopes[scope.number] = scope
        self.opened.append(scope)
        return scope

    def on_wire(self, wire_id: str) -> Token | None:
        """Return the token on a wire; safe nets have at most one."""
        return next((token for token in self.tokens.values() if token.place == "wire" and token.at == wire_id), None)

    def within(self, scope: int) -> list[Token]:
        """Tokens of a scope and everything nested in it, oldest first."""
        return [token for _, token in sorted(self.tokens.items()) if scope in self.lineage(token.scope)]

    def lineage(self, scope: int) -> Iterator[int]:
        """Yield a scope and what encloses it, outwards."""
        current: int | None = scope
        while current is not None:
            yield current
            current = self.scopes[current].parent

    def merged(self, tokens: Iterable[Token]) -> int:
        """Return the scope of what comes out of a join of ``tokens`` (already taken).

        That is the scope around the block; while other branches of the block still live it is the first token's
        branch, so that a return inside what was joined so far cannot touch the others.
        """
        lines = [list(self.lineage(token.scope)) for token in tokens]
        common = next(scope for scope in lines[0] if all(scope in line for line in lines))
        nested = any(token.scope != common for token in self.within(common))
        inner = lines[0].index(common)
        return lines[0][inner - 1] if nested and inner else common
