"""What a function of the language is: one table entry that all passes and back ends read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal, Protocol

from sqlalchemy import ColumnElement

from engine.expr.messages import ExprFinding, Fix
from engine.expr.schema import Scope
from engine.expr.sql_values import Sql
from engine.expr.syntax import Invoke, Syntax
from engine.expr.tree import Call, Facts, Lambda, Node, Span
from engine.expr.types import NUMBER, Type
from engine.expr.values import Env, ErrorCode, Value
from engine.registry import Registry

Fn = Callable[[Env], Value]
Test = Callable[[Env], bool]
Column = ColumnElement[Any]

Group = Literal["operator", "logic", "math", "text", "date", "list", "record", "person", "chinese", "misc"]

Accepts = Literal["number", "text", "boolean", "date", "datetime", "moment", "duration", "scalar", "any", "list"]
"""What a parameter takes; ``moment`` is a date or a datetime, ``scalar`` anything that has a text form."""


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter. ``words`` lists the literal texts it may be (lower case); ``literal`` wants any literal;
    ``items`` is the type of a list's items."""

    name: str
    accepts: Accepts
    optional: bool = False
    literal: bool = False
    words: tuple[str, ...] = ()
    items: str = ""


class Binder(Protocol):
    """What a function that binds its own arguments may ask of the binder."""

    scope: Scope

    def bind(self, node: Syntax) -> Node: ...
    def bind_condition(self, node: Syntax) -> Node: ...
    def bind_argument(self, node: Syntax, param: Param, function: str) -> Node: ...
    def bind_total_argument(self, node: Syntax, function: str) -> Node: ...
    def bind_list(self, node: Syntax, function: str) -> Node: ...
    def bind_lambda(self, node: Syntax, source: Node, function_name: str, *, condition: bool = False) -> Lambda: ...
    def bind_parallel(self, call: Invoke, function_name: str, total: str) -> Node | None: ...
    def picked(
        self, call: Invoke, summed: Node, tests: Sequence[tuple[Node, Syntax]], name: str, total: str
    ) -> Node: ...
    def criterion(self, node: Syntax, source: Node, name: str) -> Lambda: ...
    def is_function_of_items(self, node: Syntax) -> bool: ...
    def unify(self, nodes: Sequence[Node], function: str) -> tuple[list[Node], Type]: ...
    def unify_items(self, nodes: Sequence[Node], function: str) -> list[Node]: ...
    def coerce(self, node: Node, accepts: Accepts, function: str) -> Node: ...
    def wrong_type(self, node: Node, accepts: str, function: str) -> None: ...
    def equal(self, left: Node, right: Node, span: Span) -> Node: ...
    def member(self, value: Node, source: Node, span: Span) -> Node: ...
    def compare(self, op: str, left: Node, right: Node, span: Span) -> Node: ...
    def number(self, value: int, span: Span) -> Node: ...
    def word(self, text: str, span: Span) -> Node: ...
    def call(self, name: str, args: Sequence[Node], span: Span) -> Node: ...
    def report(self, finding: ExprFinding) -> None: ...
    def too_few(self, node: Invoke, found: Function, wanted: int) -> Node: ...
    def poison(self, node: Syntax) -> Node: ...
    def filtered(self, source: Node, made: Lambda, span: Span) -> Node: ...
    def known_as(self, source: Node, made: Lambda) -> tuple[Node, Lambda | None]: ...
    def field_of(self, bound: Node, field: str, kind: str, span: Span) -> Node: ...
    def member_path(self, node: Syntax, field: str, function: Function, kind: str) -> Node: ...
    def new_slot(self) -> int: ...
    def variable(self, source: Node) -> int: ...
    def known_name(self, key: str, found: str | None) -> str | None: ...
    def quoted_fixes(self, literal: Node, names: Sequence[str]) -> tuple[Fix, ...]: ...


class PythonCompiler(Protocol):
    """What a function that compiles itself to Python may ask of the compiler."""

    def value(self, node: Node) -> Fn: ...
    def test(self, node: Node) -> Test: ...
    def items(self, node: Node) -> Callable[[Env], Sequence[Value]]: ...
    def function(self, node: Node) -> tuple[int, Fn]: ...
    def predicate(self, node: Node) -> Test: ...


class SqlCompiler(Protocol):
    """What a function that compiles itself to SQL may ask of the compiler."""

    def compile(self, node: Node) -> Sql: ...
    def argument(self, node: Node) -> Sql: ...
    def guarded(self, value: Column, args: Sequence[Sql], *, own: bool) -> Sql: ...
    def zone(self) -> Column: ...
    def on_clocks(self, moment: Sql, node: Node) -> Sql: ...


Bind = Callable[[Binder, "Function", Invoke], Node]
ResultType = Type | Callable[[Sequence[Node]], Type]
NumberFacts = Callable[[Sequence[Node]], tuple[int, Decimal]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function or operator.

    ``blank`` says what a blank argument does: ``propagate`` makes the result blank, ``text`` reads blank text as
    empty text (and gives blank for empty text), ``own`` hands blanks to the implementation. ``errors`` are the codes
    it may raise by itself; ``fails`` can tell from the arguments that it cannot. ``adjust`` corrects the facts.

    ``python`` is the implementation on plain values (``uses`` non-empty: the environment comes first); ``form``
    builds the closure instead. ``postgresql`` builds SQL from argument columns; it must give NULL for an error and
    for a blank argument (``guard`` is needed where NULL can also mean empty text). ``sqlite`` builds a native form;
    without it the Python implementation runs inside SQLite. A string says why a dialect cannot. ``sql`` builds value
    and guard for both dialects, or is ``core`` where the SQL back end itself knows the operator. ``query`` builds SQL
    that reads tables, on both dialects; ``rows`` does so for a function that gives a list. ``browser`` says why the
    browser asks the server instead of computing.
    """

    name: str
    group: Group
    docs: Mapping[str, str]
    params: tuple[Param, ...] = ()
    repeat: int = 0
    result: ResultType
    examples: tuple[tuple[str, str], ...] = ()
    aliases: tuple[str, ...] = ()
    blank: Literal["propagate", "text", "own"] = "propagate"
    adjust: Callable[[Facts, Sequence[Node]], Facts] | None = None
    errors: tuple[ErrorCode, ...] = ()
    fails: Callable[[Sequence[Node]], bool] | None = None
    volatile: bool = False
    uses: frozenset[str] = frozenset()
    numbers: NumberFacts | None = None
    raw_numbers: bool = False
    bind: Bind | None = None
    python: Callable[..., Value] | None = None
    form: Callable[[PythonCompiler, Call], Fn] | None = None
    postgresql: Callable[..., Column] | str | None = None
    guard: Callable[..., Column] | None = None
    sqlite: Callable[..., Column] | str | None = None
    sql: Callable[[SqlCompiler, Call], Sql] | Literal["core"] | None = None
    query: Callable[[Any, Call], Sql] | None = None
    rows: Callable[[Any, Call], Any] | None = None
    browser: str = ""
    hidden: bool = False
    fold: bool = True
    extra: Mapping[str, Any] = field(default_factory=dict)

    def signature(self) -> str:
        """Return the form to write, such as ``LEFT(text, [count])``."""
        names = [f"[{p.name}]" if p.optional else p.name for p in self.params]
        if self.repeat:
            names.append("...")
        return f"{self.name}({', '.join(names)})"

    @property
    def least(self) -> int:
        """The least number of arguments."""
        return sum(1 for param in self.params if not param.optional)

    @property
    def most(self) -> int | None:
        """The largest number of arguments, or None for any."""
        return None if self.repeat else len(self.params)

    def param(self, at: int) -> Param:
        """Return the parameter for the argument at an index; the last ``repeat`` ones come again and again."""
        if at < len(self.params):
            return self.params[at]
        first = len(self.params) - self.repeat
        return self.params[first + (at - first) % self.repeat]


FUNCTIONS: Registry[Function] = Registry("function")
_BY_NAME: dict[str, Function] = {}


class Entries(Protocol):
    """Adds functions of one group to the table; what a group shares is given once."""

    def __call__(
        self,
        name: str,
        zh: str,
        en: str,
        examples: tuple[tuple[str, str], ...],
        params: tuple[Param, ...],
        result: ResultType,
        python: Callable[..., Value] | None = None,
        postgresql: Callable[..., Column] | str | None = None,
        **more: Any,
    ) -> None: ...


def entries(group: Group, **shared: Any) -> Entries:
    """Return the function that adds functions of a group. ``whole`` is the bound of whole numbers among them."""
    whole: Decimal | None = shared.pop("whole", None)

    def entry(
        name: str,
        zh: str,
        en: str,
        examples: tuple[tuple[str, str], ...],
        params: tuple[Param, ...],
        result: ResultType,
        python: Callable[..., Value] | None = None,
        postgresql: Callable[..., Column] | str | None = None,
        **more: Any,
    ) -> None:
        if whole is not None and result == NUMBER:
            more.setdefault("numbers", lambda args: (0, whole))
        docs = {"zh-CN": zh, "en": en}
        own = {"params": params, "result": result, "docs": docs, "examples": examples, **shared, **more}
        if python is not None:
            own["python"] = python
        if postgresql is not None:
            own["postgresql"] = postgresql
        define(Function(name=name, group=group, **own))

    return entry


def never_blank(facts: Facts, args: Sequence[Node]) -> Facts:
    """Facts of a function that answers for blanks too."""
    return replace(facts, nullable=False)


def define(function: Function) -> Function:
    """Add a function under its name and its aliases. Raises ``ValueError`` for a taken name."""
    FUNCTIONS.register(function)
    for name in (function.name, *function.aliases):
        if name in _BY_NAME:
            raise ValueError(f"function name {name!r} is taken")
        _BY_NAME[name] = function
    return function


def find_function(name: str) -> Function | None:
    """Return a function people may write, by name or alias in any case."""
    function = _BY_NAME.get(name.upper())
    return None if function is None or function.hidden else function


def function_of(call: Call) -> Function:
    """Return the entry of a bound call."""
    return FUNCTIONS.get(call.name)


def function_names() -> tuple[str, ...]:
    """Return every name people may write, aliases included."""
    return tuple(name for name, function in _BY_NAME.items() if not function.hidden)
