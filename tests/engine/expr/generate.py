"""Random well-typed expressions over the small world, as source texts."""

from __future__ import annotations

from hypothesis import strategies as st

NUMBERS = ("amount", "rate", "score", "account.credit")
TEXTS = ("name", "code", "account.title", "account.region", "owner")
DATES = ("due", "start")
LITERALS = ("0", "1", "-1", "2", "0.5", "100000", "0.001", "1e17", "99999999999999.99", "-0.01", "1 / 3", "NULL")
TEXT_LITERALS = ('"b"', '"北京"', '""', '"a%_"', "'é😀'", '"Big Deal"', '"-12%"', "NULL", '"HT-0042"', '"\\\\1"')
DATE_LITERALS = ("DATE(2024, 2, 29)", "DATE(2023, 12, 31)", "TODAY()", "DATE(1, 1, 1)", "DATE(9999, 12, 31)", "NULL")
STAGES = ('"won"', '"lost"', '"新建"', "NULL")
ROWS = ("items", "FILTER(items, x -> x.qty > 0)", "FILTER(items, x -> x.price / x.qty > 1)")
ROW_NUMBERS = ("x.price", "x.qty", "x.price * x.qty", "x.price / x.qty", "x.customer.credit", "x.price + amount")
MEMBERS = ('"vip" IN tags', '"old" NOT IN tags', 'stage IN ["won", "lost"]', '"x" IN items.product')
BOOLEANS = ("hot", "TRUE", "FALSE", 'stage = "won"', "amount > 100000", "ISBLANK(due)", "NULL")
ONE_NUMBER = (
    "ABS", "SIGN", "INT", "SQRT", "-", "ROUND", "CEILING", "FLOOR", "EXP", "LN", "LOG10", "EVEN", "ODD", "FACT",
)  # fmt: skip
TWO_NUMBERS = ("MOD", "CEILING", "FLOOR", "MROUND", "QUOTIENT", "LOG")
TWO_TEXTS = ("TEXTBEFORE", "TEXTAFTER")
DATE_PARTS = ("YEAR", "MONTH", "DAY", "QUARTER", "WEEKDAY", "WEEKNUM", "ISOWEEKNUM")
UNITS = ("year", "quarter", "month", "week", "day")
TIME_UNITS = (*UNITS, "hour", "minute", "second")


@st.composite
def number(draw: st.DrawFn, depth: int) -> str:
    if depth <= 0:
        return draw(st.sampled_from((*NUMBERS, *NUMBERS, *LITERALS)))
    n = number(depth - 1)
    pick = draw(st.integers(0, 23))
    if pick < 5:
        op = draw(st.sampled_from("+-*/^"))
        left, right = draw(n), draw(n)
        return f"({left} {op} {right})"
    if pick == 5:
        name = draw(st.sampled_from(("ROUND", "ROUNDUP", "ROUNDDOWN", "TRUNC")))
        return f"{name}({draw(n)}, {draw(st.sampled_from(('0', '2', '-2', 'score', '1.9', '14')))})"
    if pick == 6:
        name = draw(st.sampled_from(ONE_NUMBER))
        return f"{name}({draw(n)})"
    if pick == 7:
        name = draw(st.sampled_from(TWO_NUMBERS))
        return f"{name}({draw(n)}, {draw(n)})"
    if pick == 8:
        name = draw(st.sampled_from(("MIN", "MAX", "SUM", "AVERAGE", "COUNT")))
        return f"{name}({draw(n)}, {draw(n)}, {draw(n)})"
    if pick == 9:
        return f"LEN({draw(text(depth - 1))})"
    if pick == 10:
        return f"FIND({draw(text(depth - 1))}, {draw(text(depth - 1))})"
    if pick == 11:
        return f"VALUE({draw(text(depth - 1))})"
    if pick == 12:
        name = draw(st.sampled_from(DATE_PARTS))
        return f"{name}({draw(st.one_of(date(depth - 1), moment(depth - 1)))})"
    if pick == 13:
        name = draw(st.sampled_from(("HOUR", "MINUTE", "SECOND")))
        return f"{name}({draw(moment(depth - 1))})"
    if pick == 14:
        return f"({draw(date(depth - 1))} - {draw(date(depth - 1))})"
    if pick == 15:
        unit = draw(st.sampled_from(("Y", "M", "D", "YM", "MD", "YD")))
        return f'DATEDIF({draw(date(depth - 1))}, {draw(date(depth - 1))}, "{unit}")'
    if pick == 16:
        return f"IF({draw(boolean(depth - 1))}, {draw(n)}, {draw(n)})"
    if pick == 17:
        return f"COALESCE({draw(n)}, {draw(n)})"
    if pick == 18:
        return f"IFERROR({draw(n)}, {draw(n)})"
    if pick == 19:
        return f"SWITCH(stage, {draw(st.sampled_from(STAGES))}, {draw(n)}, {draw(n)})"
    if pick == 20:
        return f"TOTALHOURS({draw(moment(depth - 1))} - {draw(moment(depth - 1))})"
    if pick == 21:
        return f"LET(v{depth}, {draw(n)}, v{depth} + {draw(n)} * v{depth})"
    return draw(total())


@st.composite
def total(draw: st.DrawFn) -> str:
    """A number from the rows."""
    name = draw(st.sampled_from(("SUM", "AVERAGE", "MIN", "MAX", "COUNT")))
    row = draw(st.sampled_from(ROW_NUMBERS))
    rows = draw(st.sampled_from(ROWS))
    pick = draw(st.integers(0, 5))
    if pick == 0:
        return f"COUNT({rows})"
    if pick == 1:
        return f"SUMIF(items, x -> {draw(row_test())}, x -> {row})"
    if pick == 2:
        return f"COUNTIF(items, x -> {draw(row_test())})"
    if pick == 3:
        return draw(st.sampled_from(("SUM(account.contacts.weight)", "COUNT(items.customer.contacts)", "COUNT(tags)")))
    if pick == 4:
        return f"{draw(st.sampled_from(('FIRST', 'LAST')))}({rows}).price"
    return f"{name}({rows}, x -> {row})"


@st.composite
def row_test(draw: st.DrawFn) -> str:
    return draw(
        st.sampled_from(
            (
                "x.price > 1",
                'x.product = "x"',
                "x.qty <> NULL",
                "NOT(x.price < 3)",
                "x.price / x.qty > 2",
                'x.customer.region = "north"',
                "x.day > start",
                "ISBLANK(x.product) OR x.qty > amount",
            )
        )
    )


@st.composite
def text(draw: st.DrawFn, depth: int) -> str:
    if depth <= 0:
        return draw(st.sampled_from((*TEXTS[:4], *TEXT_LITERALS, '(stage & "")')))
    t = text(depth - 1)
    pick = draw(st.integers(0, 15))
    small = st.sampled_from(("0", "1", "3", "score", "-1", "2.9", "1e9", "NULL"))
    if pick == 0:
        return f"{draw(st.sampled_from(('UPPER', 'LOWER', 'TRIM', 'TRIMENDS')))}({draw(t)})"
    if pick == 1:
        return f"{draw(st.sampled_from(('LEFT', 'RIGHT')))}({draw(t)}, {draw(small)})"
    if pick == 2:
        return f"MID({draw(t)}, {draw(small)}, {draw(small)})"
    if pick == 3:
        return f"SUBSTITUTE({draw(t)}, {draw(t)}, {draw(t)})"
    if pick == 4:
        return f"SUBSTITUTE({draw(t)}, {draw(t)}, {draw(t)}, {draw(small)})"
    if pick in (5, 6):
        other = st.one_of(t, number(depth - 1), boolean(depth - 1), date(depth - 1), moment(depth - 1))
        return f"({draw(t)} & {draw(other)})"
    if pick == 7:
        return f"IF({draw(boolean(depth - 1))}, {draw(t)}, {draw(t)})"
    if pick == 8:
        return f"COALESCE({draw(t)}, {draw(t)})"
    if pick == 9:
        return f"IFERROR({draw(t)}, {draw(t)})"
    if pick == 10:
        return draw(st.sampled_from(("FIRST(items).product", "MAX(items.product)", 'IF(hot, stage, "lost") & ""')))
    if pick == 11:
        return f"REPLACE({draw(t)}, {draw(small)}, {draw(small)}, {draw(t)})"
    if pick == 12:
        name, length = draw(st.sampled_from(("LPAD", "RPAD"))), draw(st.sampled_from(("0", "5", "score", "-1")))
        return f"{name}({draw(t)}, {length}, {draw(t)})"
    if pick == 13:
        return f"{draw(st.sampled_from(TWO_TEXTS))}({draw(t)}, {draw(t)})"
    if pick == 14:
        return f"REPT({draw(t)}, {draw(st.sampled_from(('0', '2', '-1', 'score', '1e4')))})"
    return f"CONCAT({draw(t)}, {draw(t)}, {draw(t)})"


@st.composite
def boolean(draw: st.DrawFn, depth: int) -> str:
    if depth <= 0:
        return draw(st.sampled_from(BOOLEANS))
    b = boolean(depth - 1)
    pick = draw(st.integers(0, 17))
    if pick < 3:
        op = draw(st.sampled_from(("AND", "OR")))
        return f"({draw(b)} {op} {draw(b)})"
    if pick == 3:
        return f"NOT({draw(b)})"
    if pick < 8:
        kind = draw(st.sampled_from((number, number, text, date, moment)))
        op = draw(st.sampled_from(("=", "<>", "<", "<=", ">", ">=")))
        return f"({draw(kind(depth - 1))} {op} {draw(kind(depth - 1))})"
    if pick == 8:
        op = draw(st.sampled_from(("=", "<>")))
        return f"(stage {op} {draw(st.sampled_from(STAGES))})"
    if pick == 9:
        return f"ISBLANK({draw(st.one_of(number(depth - 1), text(depth - 1), date(depth - 1)))})"
    if pick == 10:
        return f"ISERROR({draw(st.one_of(number(depth - 1), text(depth - 1)))})"
    if pick == 11:
        name = draw(st.sampled_from(("CONTAINS", "STARTSWITH", "ENDSWITH")))
        return f"{name}({draw(text(depth - 1))}, {draw(text(depth - 1))})"
    if pick == 12:
        neg = draw(st.sampled_from(("IN", "NOT IN")))
        kind = draw(st.sampled_from((number, text, date)))
        return f"({draw(kind(depth - 1))} {neg} [{draw(kind(0))}, {draw(kind(0))}, {draw(kind(0))}])"
    if pick == 13:
        return draw(st.sampled_from(MEMBERS))
    if pick == 14:
        return f"{draw(st.sampled_from(('EXISTS', 'ALL')))}(items, x -> {draw(row_test())})"
    if pick == 15:
        return f"BETWEEN({draw(number(depth - 1))}, {draw(number(0))}, {draw(number(0))})"
    if pick == 16:
        return f"XOR({draw(b)}, {draw(b)})"
    return f"IF({draw(b)}, {draw(b)}, {draw(b)})"


@st.composite
def date(draw: st.DrawFn, depth: int) -> str:
    if depth <= 0:
        return draw(st.sampled_from((*DATES, *DATES, *DATE_LITERALS)))
    d = date(depth - 1)
    amount = st.sampled_from(("1", "-1", "score", "13.9", "-400", "1e6", "rate"))
    pick = draw(st.integers(0, 8))
    if pick == 0:
        return f"({draw(d)} {draw(st.sampled_from('+-'))} {draw(amount)})"
    if pick == 1:
        return f"{draw(st.sampled_from(('EDATE', 'EOMONTH')))}({draw(d)}, {draw(amount)})"
    if pick == 2:
        return f'DATEADD({draw(d)}, {draw(amount)}, "{draw(st.sampled_from(UNITS))}")'
    if pick == 3:
        year = draw(st.sampled_from(("2024", "1", "9999", "score * 100", "0")))
        return f"DATE({year}, {draw(amount)}, {draw(amount)})"
    if pick == 4:
        return f"IF({draw(boolean(depth - 1))}, {draw(d)}, {draw(d)})"
    if pick == 5:
        return f"COALESCE({draw(d)}, {draw(d)})"
    if pick == 6:
        return f"DATE({draw(moment(depth - 1))})"
    if pick == 7:
        unit = draw(st.sampled_from(("year", "quarter", "month", "week")))
        return f'STARTOF({draw(st.one_of(d, moment(depth - 1)))}, "{unit}")'
    return f"MAX({draw(d)}, {draw(d)})"


@st.composite
def moment(draw: st.DrawFn, depth: int) -> str:
    if depth <= 0:
        return draw(st.sampled_from(("at", "at", "NOW()")))
    m = moment(depth - 1)
    amount = st.sampled_from(("1", "-1", "score", "30.9", "-500", "rate", "1e5"))
    pick = draw(st.integers(0, 3))
    if pick == 0:
        unit = draw(st.sampled_from(("HOURS", "MINUTES")))
        return f"({draw(m)} {draw(st.sampled_from('+-'))} {unit}({draw(amount)}))"
    if pick == 1:
        return f'DATEADD({draw(m)}, {draw(amount)}, "{draw(st.sampled_from(TIME_UNITS))}")'
    if pick == 2:
        return f"IF({draw(boolean(depth - 1))}, {draw(m)}, {draw(m)})"
    return f"COALESCE({draw(m)}, {draw(m)})"


def expression(depth: int = 3) -> st.SearchStrategy[str]:
    """An expression of any type."""
    return st.one_of(number(depth), boolean(depth), boolean(depth), text(depth), date(depth), moment(depth))
