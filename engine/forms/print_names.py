"""The words of the template language of pages beside fields: functions, filters, tests.

Both sides read this list: the check of a template (``print_check``) and the child process that fills it in
(``print_render``), so that what passes the check is exactly what can be used.
"""

from __future__ import annotations

from typing import Final

RECORD: Final = "record"
RELATED: Final = "related"

VALUES: Final = frozenset({"lang", "company", "printed_by", "app_name"})
"""Plain texts: the language, the company's and the application's name, and who prints."""

FUNCTIONS: Final = frozenset(
    {"qr", "barcode", "rmbcap", "image", "today", "now", "number", "money", "percent", "date", "words", "range"}
    | {"namespace"}
)

OWN_FILTERS: Final = frozenset({"rmbcap", "number", "money", "percent", "date", "lines"})
FILTERS: Final = OWN_FILTERS | frozenset(
    {"abs", "batch", "capitalize", "count", "d", "default", "e", "escape", "first", "float", "groupby", "int"}
    | {"join", "last", "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "replace", "reverse"}
    | {"round", "select", "selectattr", "slice", "sort", "string", "striptags", "sum", "title", "trim", "truncate"}
    | {"unique", "upper", "wordcount"}
)
TESTS: Final = frozenset(
    {"!=", "<", "<=", "==", ">", ">=", "defined", "divisibleby", "eq", "equalto", "even", "false", "ge"}
    | {"greaterthan", "gt", "in", "le", "lessthan", "lt", "ne", "none", "odd", "true", "undefined", "blank"}
)
LOOP: Final = frozenset(
    {"index", "index0", "first", "last", "length", "revindex", "revindex0", "previtem", "nextitem", "cycle", "changed"}
)
VALUE_PARTS: Final = frozenset({"raw", "text"})
FILE_PARTS: Final = frozenset({"name", "size", "type"})
GROUP_PARTS: Final = frozenset({"grouper", "list"})

SAME_KIND: Final = frozenset({"sort", "reverse", "list", "select", "reject", "selectattr", "rejectattr", "unique"})
"""Filters that give a list of the same things."""
BY_NAME: Final = frozenset({"selectattr", "rejectattr", "groupby"})
"""Filters whose first argument names a field of the things in the list; others take it as ``attribute=``."""
