"""The parser, from ready-made tables when they fit the grammar, else built from the grammar.

Building the tables takes about 50 ms, loading them 4 ms. ``tables.json`` is written by ``python -m
engine.expr.tables`` and names the grammar it was made from; a test keeps it current.
"""

from __future__ import annotations

import hashlib
import json
from importlib import resources
from typing import Any

import lark
from lark import Lark, Transformer
from lark.grammar import Rule
from lark.lexer import TerminalDef

_PACKAGE = "engine.expr"
_OPTIONS: dict[str, Any] = {"parser": "lalr", "lexer": "contextual", "maybe_placeholders": False}


def parser_tables(transformer: Transformer[Any, Any] | None) -> Lark:
    """Return the parser, with ``transformer`` called as it reduces."""
    stored = resources.files(_PACKAGE).joinpath("tables.json")
    if stored.is_file():
        tables = json.loads(stored.read_bytes(), object_pairs_hook=_integer_keys)
        if tables["grammar"] == fingerprint():
            loaded = Lark.__new__(Lark)
            return loaded._load({"data": tables["data"], "memo": tables["memo"]}, transformer=transformer)
    return build_parser(transformer)


def build_parser(transformer: Transformer[Any, Any] | None) -> Lark:
    """Return the parser, built from the grammar."""
    return Lark(_grammar(), transformer=transformer, **_OPTIONS)


def fingerprint() -> str:
    """Return what the tables depend on: the grammar and the version of the parser generator."""
    return hashlib.sha256(f"{lark.__version__}\n{_grammar()}".encode()).hexdigest()


def write_tables() -> str:
    """Return the content of ``tables.json`` for the grammar as it is."""
    data, memo = build_parser(None).memo_serialize([TerminalDef, Rule])
    return json.dumps({"grammar": fingerprint(), "memo": memo, "data": data}, separators=(",", ":")) + "\n"


def _grammar() -> str:
    return resources.files(_PACKAGE).joinpath("grammar.lark").read_text(encoding="utf-8")


def _integer_keys(pairs: list[tuple[str, Any]]) -> dict[Any, Any]:
    return {int(key) if key.isdecimal() else key: value for key, value in pairs}


if __name__ == "__main__":
    with resources.as_file(resources.files(_PACKAGE)) as folder:
        (folder / "tables.json").write_text(write_tables(), encoding="utf-8")
