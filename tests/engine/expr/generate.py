"""Random well-typed expressions over the small world, as source texts, and random records for it.

Most calls come from the table of functions: a new function is generated from its signature. What a signature does not
say (row by row functions, operators, texts that mean something) is written out here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import strategies as st

import engine.expr.compile  # noqa: F401  fills the table of functions
from engine.expr.functions.base import FUNCTIONS, Function, Param
from engine.expr.types import Type
from tests.engine.expr.world import ACCOUNTS, deal, item

KINDS = ("number", "text", "boolean", "date", "datetime", "duration")
FIELDS: Mapping[str, Sequence[str]] = {
    "number": ("amount", "rate", "score", "account.credit"),
    "text": ("name", "code", "account.title", "account.region", '(stage & "")'),
    "boolean": ("hot", 'stage = "won"', "amount > 100000", "ISBLANK(due)"),
    "date": ("due", "start"),
    "datetime": ("at", "at", "NOW()"),
    "duration": ("(at - NOW())", "HOURS(score)"),
}
LITERALS: Mapping[str, Sequence[str]] = {
    "number": ("0", "1", "-1", "2", "0.5", "100000", "0.001", "1e17", "99999999999999.99", "-0.01", "1 / 3", "NULL"),
    "text": ('"b"', '"北京"', '""', '"a%_"', "'é😀'", '"Big Deal"', '"-12%"', "NULL", '"HT-0042"', '"\\\\1"', '"İß"'),
    "boolean": ("TRUE", "FALSE", "NULL"),
    "date": ("DATE(2024, 2, 29)", "DATE(2023, 12, 31)", "TODAY()", "DATE(1, 1, 1)", "DATE(9999, 12, 31)", "NULL"),
    "datetime": ("NOW()", "(at + HOURS(1))"),
    "duration": ("HOURS(1.5)", "MINUTES(-30)", "HOURS(1e6)"),
}
LISTS: Mapping[str, Sequence[str]] = {
    "number": ("items.price", "items.qty", "[1, 2, NULL]", "[amount, score]", "account.contacts.weight", "[]"),
    "text": ("items.product", '["b", "", "Z"]', "[name, code]", 'SPLIT(name, "b")'),
    "date": ("items.day", "[due, start]", "[DATE(2024, 5, 1)]"),
}
SPECIAL: Mapping[str, Sequence[str]] = {
    "REGEXMATCH.pattern": ('"[a-z]+"', '"^\\\\d{2,3}-"', '"北."', '"b$"', '"(a|é)?"'),
    "REGEXEXTRACT.pattern": ('"[a-z]+"', '"\\\\d+"', '"北(.)"', '"x"'),
    "REGEXREPLACE.pattern": ('"[aeiou]"', '"\\\\s+"', '"(b)(i)"'),
    "TEXT.format": ('"0.00"', '"#,##0.0"', '"0%"', '"yyyy-mm-dd"', '"m/d"', '"hh:mm:ss"'),
    "IDCARDVALID.id": ('"11010519491231002X"', '"110105491231002"', "code"),
    "IDCARDBIRTHDAY.id": ('"11010519491231002X"', '"440524188001010014"', "name"),
    "IDCARDSEX.id": ('"11010519491231002X"', "code"),
    "IDCARDAGE.id": ('"11010519491231002X"', "code"),
    "IDCARDREGION.id": ('"11010519491231002X"', "code"),
    "PHONEVALID.text": ('"13800138000"', '"+86 138-0013-8000"', '"010-62345678"', "code"),
    "USCCVALID.text": ('"91350100M000100Y43"', "code"),
    "DATEVALUE.text": ('"2024-02-29"', '"2023/2/29"', '"20240131"', "code", '(due & "")'),
    "VALUE.text": ('"1,234.50"', '"12%"', '"1e3"', "code", '(amount & "")', "name"),
    "HASROLE.role": ('"sales"', '"x"'),
    "FACT.number": ("score", "5", "27", "-1", "2.5"),
    "CHAR.number": ("65", "21271", "128512", "0", "score", "55296"),
    "REPT.count": ("0", "2", "-1", "score", "1e4"),
    "LPAD.length": ("0", "5", "score", "-1"),
    "RPAD.length": ("0", "5", "score", "-1"),
    "DATE.year": ("2024", "1", "9999", "score * 100", "0"),
    "DATETIME.year": ("2024", "1", "9999", "score * 100"),
    "^.exponent": ("2", "3", "0.5", "-1", "score", "0"),
}
SMALL = ("0", "1", "2", "3", "-1", "score", "2.9", "NULL", "14", "-2")
COUNTS = frozenset({"digits", "count", "start", "position", "months", "days", "kind", "basis", "rank", "occurrence",
                    "month", "day", "hour", "minute", "second", "amount", "step"})  # fmt: skip
ROWS = ("items", "FILTER(items, x -> x.qty > 0)", "FILTER(items, x -> x.price / x.qty > 1)")
ROW_NUMBERS = ("x.price", "x.qty", "x.price * x.qty", "x.price / x.qty", "x.customer.credit", "x.price + amount")
ROW_TESTS = (
    "x.price > 1",
    'x.product = "x"',
    "x.qty <> NULL",
    "NOT(x.price < 3)",
    "x.price / x.qty > 2",
    'x.customer.region = "north"',
    "x.day > start",
    "ISBLANK(x.product) OR x.qty > amount",
)
MEMBERS = ('"vip" IN tags', '"old" NOT IN tags', 'stage IN ["won", "lost"]', '"x" IN items.product')
STAGES = ('"won"', '"lost"', '"新建"', "NULL")
ELSEWHERE = frozenset({"person", "record"})
"""Groups that ask other records and the organization: tested where those are."""
NOT_HERE = frozenset({"RAND", "UUID", "SEQ", "CURRENTUSER", "GETUSERNAME", "CURRENTDEPTS", "LET"})
TOTALS = ("SUM", "AVERAGE", "MIN", "MAX", "COUNT", "MEDIAN", "PRODUCT", "SUMSQ", "STDEV", "VARP")


def _result(function: Function) -> str:
    """The kind of value a function gives, "any" for one that gives what it is given."""
    return function.result.kind if isinstance(function.result, Type) else "any"


def callable_functions() -> list[Function]:
    """The functions a signature is enough for."""
    return [
        function
        for function in FUNCTIONS
        if not function.hidden
        and not function.extra.get("operator")
        and (function.group not in ELSEWHERE or function.name == "HASROLE")
        and function.name not in NOT_HERE
        and getattr(function, "query", None) is None
    ]


BY_KIND: Mapping[str, Sequence[Function]] = {
    kind: [function for function in callable_functions() if _result(function) in (kind, "any")] for kind in KINDS
}


class Maker:
    """Makes source texts from a source of chance."""

    def __init__(self, random: Random):
        self.random = random

    def expression(self, depth: int) -> str:
        """An expression of any kind."""
        return self.value(self.pick(("number", "boolean", "boolean", "text", "date", "datetime", "number")), depth)

    def value(self, kind: str, depth: int) -> str:
        """An expression of a kind of value."""
        if depth <= 0:
            pool = FIELDS if self.random.random() < 0.6 else LITERALS
            return self.pick(pool[kind])
        if self.random.random() < 0.45:
            return self.call(self.pick(BY_KIND[kind]), kind, depth - 1)
        return self.pick(self.forms[kind])(depth - 1)

    def pick(self, pool: Sequence[Any]) -> Any:
        return pool[self.random.randrange(len(pool))]

    # -- from signatures ------------------------------------------------------------------------------------------

    def call(self, function: Function, kind: str, depth: int) -> str:
        """A call of a function; arguments that take anything have one kind."""
        params = list(function.params)
        while params and params[-1].optional and self.random.random() < 0.5:
            params.pop()
        if function.repeat and len(params) == len(function.params):
            params += params[-function.repeat :] * self.random.randrange(3)
        if params and params[0].accepts == "list":
            return self.over_list(function, params, kind, depth)
        free = kind if _result(function) == "any" else self.pick(KINDS[:5])
        args = [self.argument(function, param, free, depth) for param in params]
        return f"{function.name}({', '.join(args)})"

    def argument(self, function: Function, param: Param, free: str, depth: int) -> str:
        special = SPECIAL.get(f"{function.name}.{param.name}")
        if special is not None and (param.literal or self.random.random() < 0.8):
            return str(self.pick(special))
        if param.words:
            return f'"{self.pick(param.words)}"'
        if param.name in COUNTS and self.random.random() < 0.8:
            return str(self.pick(SMALL))
        if param.name == "condition":
            return self.value("boolean", depth)
        kinds = {"moment": ("date", "datetime"), "scalar": KINDS, "any": (free,)}
        if param.accepts == "list":
            return str(self.pick(LISTS[param.items or "number"]))
        return self.value(self.pick(kinds.get(param.accepts, (param.accepts,))), depth)

    def over_list(self, function: Function, params: Sequence[Param], kind: str, depth: int) -> str:
        """A call over a list: of values, or of rows with functions of a row."""
        rows = len(params) > 1 and params[1].name in ("condition", "key", "function")
        item_kind = kind if kind in LISTS else "number"
        first = self.pick(ROWS) if rows else self.pick(LISTS[item_kind])
        args = [first]
        for param in params[1:]:
            if param.name == "condition":
                args.append(f"x -> {self.pick(ROW_TESTS)}")
            elif rows and param.name in ("key", "function", "value"):
                args.append(f"x -> {self.pick(ROW_NUMBERS)}")
            elif param.name == "criterion":
                args.append(self.pick(('">1"', '"<>0"', '"x"', '">=2.5"')))
            elif param.name == "range":
                args.append(self.pick(("items.qty", "items.price")))
            else:
                args.append(self.argument(function, param, item_kind, depth))
        return f"{function.name}({', '.join(args)})"

    # -- written out ----------------------------------------------------------------------------------------------

    @property
    def forms(self) -> Mapping[str, Sequence[Callable[[int], str]]]:
        return {
            "number": (self.arithmetic, self.arithmetic, self.arithmetic, self.total, self.let, self.switch, self.days),
            "text": (self.joined, self.joined, self.first_text, self.branch("text"), self.branch("text")),
            "boolean": (self.comparison, self.comparison, self.logic, self.logic, self.member, self.some, self.option),
            "date": (self.later_day, self.branch("date"), self.day_of_moment),
            "datetime": (self.later_moment, self.branch("datetime")),
            "duration": (self.between, self.branch("duration")),
        }

    def arithmetic(self, depth: int) -> str:
        op = self.pick("+-*/^")
        right = self.pick(SPECIAL["^.exponent"]) if op == "^" else self.value("number", depth)
        return f"({self.value('number', depth)} {op} {right})"

    def let(self, depth: int) -> str:
        name = f"v{depth}"
        body = self.pick((f"{name} + {self.value('number', depth)} * {name}", f"IF(hot, {name}, 1)", "amount"))
        return f"LET({name}, {self.value('number', depth)}, {body})"

    def switch(self, depth: int) -> str:
        return f"SWITCH(stage, {self.pick(STAGES)}, {self.value('number', depth)}, {self.value('number', depth)})"

    def days(self, depth: int) -> str:
        if self.random.random() < 0.5:
            return f"({self.value('date', depth)} - {self.value('date', depth)})"
        return f"TOTALHOURS({self.value('datetime', depth)} - {self.value('datetime', depth)})"

    def total(self, depth: int) -> str:
        """A number from the rows."""
        name, row, rows = self.pick(TOTALS), self.pick(ROW_NUMBERS), self.pick(ROWS)
        forms = (
            f"{name}({rows}, x -> {row})",
            f"{name}({self.pick(LISTS['number'])})",
            f"COUNT({rows})",
            f"SUMIF(items, x -> {self.pick(ROW_TESTS)}, x -> {row})",
            f"{self.pick(('FIRST', 'LAST'))}({rows}).price",
            f"COUNT({self.pick(('items.customer.contacts', 'tags'))})",
        )
        return str(self.pick(forms))

    def joined(self, depth: int) -> str:
        other = self.value(self.pick(KINDS), depth)
        return f"({self.value('text', depth)} & {other})"

    def first_text(self, depth: int) -> str:
        return str(self.pick(("FIRST(items).product", "MAX(items.product)", 'IF(hot, stage, "lost") & ""')))

    def branch(self, kind: str) -> Callable[[int], str]:
        def made(depth: int) -> str:
            one, two = self.value(kind, depth), self.value(kind, depth)
            test = self.value("boolean", depth)
            return str(self.pick((f"IF({test}, {one}, {two})", f"COALESCE({one}, {two})", f"IFERROR({one}, {two})")))

        return made

    def comparison(self, depth: int) -> str:
        kind = self.pick(("number", "number", "text", "date", "datetime", "duration"))
        op = self.pick(("=", "<>", "<", "<=", ">", ">="))
        return f"({self.value(kind, depth)} {op} {self.value(kind, depth)})"

    def logic(self, depth: int) -> str:
        one = self.value("boolean", depth)
        if self.random.random() < 0.3:
            return f"NOT({one})"
        return f"({one} {self.pick(('AND', 'OR'))} {self.value('boolean', depth)})"

    def member(self, depth: int) -> str:
        kind = self.pick(("number", "text", "date"))
        options = ", ".join(self.value(kind, 0) for _ in range(3))
        return f"({self.value(kind, depth)} {self.pick(('IN', 'NOT IN'))} [{options}])"

    def some(self, depth: int) -> str:
        return f"{self.pick(('EXISTS', 'ALL'))}(items, x -> {self.pick(ROW_TESTS)})"

    def option(self, depth: int) -> str:
        return str(self.pick((*MEMBERS, f"(stage {self.pick(('=', '<>'))} {self.pick(STAGES)})")))

    def later_day(self, depth: int) -> str:
        amount = self.pick(("1", "-1", "score", "13.9", "-400", "1e6", "rate"))
        return f"({self.value('date', depth)} {self.pick('+-')} {amount})"

    def day_of_moment(self, depth: int) -> str:
        return f"DATE({self.value('datetime', depth)})"

    def later_moment(self, depth: int) -> str:
        return f"({self.value('datetime', depth)} {self.pick('+-')} {self.value('duration', depth)})"

    def between(self, depth: int) -> str:
        return f"({self.value('datetime', depth)} - {self.value('datetime', depth)})"


def expression(depth: int = 3) -> st.SearchStrategy[str]:
    """An expression of any kind."""
    return st.builds(lambda random: Maker(random).expression(depth), st.randoms(use_true_random=False))


# -- records ------------------------------------------------------------------------------------------------------

_BLANKS = 0.2
_TEXTS = ("", "a", "Big Deal", "北京分公司", "é😀👨‍👩‍👧", "ǅungla ß", "x" * 300, " \t two  words ", "0012", "-3.5e2",
          "100%", "11010519491231002X", "2024-02-29", "'\"\\%_;--", "Zz\u00a0y\u3000w", "𝒳𝒴")  # fmt: skip
_DAYS = (date(2024, 2, 29), date(2023, 2, 28), date(2024, 12, 31), date(2024, 3, 31), date(1900, 3, 1), date(1, 1, 1),
         date(9999, 12, 31), date(2024, 3, 10), date(2024, 11, 3))  # fmt: skip
_MOMENTS = tuple(
    datetime(*parts, tzinfo=UTC)
    for parts in ((2024, 3, 10, 6, 59, 59), (2024, 3, 10, 7, 0), (2024, 11, 3, 5, 30), (2024, 11, 3, 6, 30),
                  (2024, 2, 29, 23, 59, 59, 999999), (1970, 1, 1), (1999, 12, 31, 16, 0), (2024, 12, 31, 18, 0))
)  # fmt: skip


def random_deals(random: Random, count: int) -> list[dict[str, Any]]:
    """Deals with a fifth of their fields blank, the rest often at an edge."""

    def maybe(make: Callable[[], Any]) -> Any:
        return None if random.random() < _BLANKS else make()

    def decimal(scale: int, *edges: int) -> Decimal:
        whole = random.choice((*edges, random.randrange(-1000, 1000), random.randrange(-(10**9), 10**9)))
        return Decimal(whole).scaleb(-scale)

    def rows(number: int) -> list[Any]:
        return [
            item(
                f"r{number}_{at}",
                maybe(lambda: random.choice(("x", "y", "Z", "北"))),
                maybe(lambda: str(decimal(2, 0, 5, -5, 10**12))),
                maybe(lambda: random.randrange(-3, 9)),
                maybe(lambda: random.choice(_DAYS)),
                random.randrange(-1, 2),
            )
            for at in range(random.randrange(4))
        ]

    return [
        deal(
            f"r{number}",
            fld_name=maybe(lambda: random.choice(_TEXTS)) or None,
            fld_code=maybe(lambda: random.choice(_TEXTS)) or None,
            fld_amount=maybe(lambda: decimal(2, 0, 5, 10**17, -(10**17), 10_000_050)),
            fld_rate=maybe(lambda: decimal(4, 0, 5000, -1, 10**16)),
            fld_score=maybe(lambda: decimal(0, 0, 1, 28, 29, 30, 31, 10**15)),
            fld_stage=maybe(lambda: random.choice(("opt_won", "opt_lost", "opt_new"))),
            fld_hot=random.random() < 0.5,
            fld_due=maybe(lambda: random.choice(_DAYS)),
            fld_start=maybe(lambda: random.choice(_DAYS)),
            fld_at=maybe(lambda: random.choice(_MOMENTS)),
            fld_tags=maybe(lambda: random.sample(("opt_vip", "opt_old"), random.randrange(1, 3))) or (),
            fld_account=maybe(lambda: random.choice(ACCOUNTS)),
            fld_items=rows(number),
        )
        for number in range(count)
    ]
