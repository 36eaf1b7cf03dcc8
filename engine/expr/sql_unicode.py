"""Upper and lower case by the full Unicode mapping, whatever the database's own collation is."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

_BUILT_IN = (18,)
"""From this version PostgreSQL has the full mapping without ICU."""


class unicode_upper(GenericFunction[str]):
    type = Text()
    inherit_cache = True


class unicode_lower(GenericFunction[str]):
    type = Text()
    inherit_cache = True


@compiles(unicode_upper)
def _upper(element: unicode_upper, compiler: Any, **kw: Any) -> str:
    return _mapped("upper", element, compiler, **kw)


@compiles(unicode_lower)
def _lower(element: unicode_lower, compiler: Any, **kw: Any) -> str:
    return _mapped("lower", element, compiler, **kw)


def _mapped(name: str, element: Any, compiler: Any, **kw: Any) -> str:
    version = getattr(compiler.dialect, "server_version_info", None) or _BUILT_IN
    collation = "pg_unicode_fast" if version >= _BUILT_IN else "und-x-icu"
    text = compiler.process(element.clauses, **kw)
    return f'{name}({text} COLLATE "{collation}") COLLATE "C"'  # the inner collation is for this call only
