"""A matrix: several questions answered on one scale, as in surveys (NPS, CSAT, score cards).

A value is the answers given, each ``<row>:<column>``, in the order of the definition; over the API it is an object
``{"row_service": "col_good"}``, with lists where several columns may be ticked and numbers on the fixed scales. Scales
that count keep the average score in a column of its own, so lists sort and filter by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement

from engine.expr.types import Choice, ListType, Type
from engine.fields.base import APP_ZONE, ColumnSpec, InvalidValue, Value, operand_list, present_and
from engine.fields.decimals import ceiling, compare_in_python, floor, typed_decimal, whole_scaled
from engine.fields.folding import folded_key
from engine.fields.id_lists import LIST_FIELD_OPERATORS, IdList
from metadata.findings import Finding, in_language
from metadata.model import Field

MAX_ROWS = 100
MAX_SCALE = 20
SCORE_OPERATORS = ("=", "<", "<=", ">", ">=", "between")
_SCORE_SCALE = 2
_FIXED = {"nps": range(11), "csat": range(1, 6)}
_LABELS: dict[str, Any] = {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string"}}


def _parts(prefix: str, limit: int, more: Mapping[str, Any]) -> dict[str, Any]:
    properties = {"id": {"type": "string", "pattern": f"^{prefix}_[a-z0-9][a-z0-9_]{{0,25}}$"}, "label": _LABELS}
    item = {
        "type": "object",
        "required": ["id", "label"],
        "additionalProperties": False,
        "properties": {**properties, **more},
    }
    return {"type": "array", "minItems": 1, "maxItems": limit, "items": item}


class MatrixType(IdList):
    """Answers row by row. ``kind``: ``single`` or ``multi`` (columns ticked), ``score`` (columns with scores), ``nps``
    (0 to 10) or ``csat`` (1 to 5)."""

    name = "matrix"
    label = {"zh-CN": "矩阵/量表", "en": "Matrix"}
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "required": ["rows"],
        "additionalProperties": False,
        "properties": {
            "kind": {"enum": ["single", "multi", "score", "nps", "csat"]},
            "rows": _parts("row", MAX_ROWS, {}),
            "columns": _parts("col", MAX_SCALE, {"score": {"type": "integer", "minimum": -1000, "maximum": 1000}}),
            "low": _LABELS,
            "high": _LABELS,
            "all_rows": {"type": "boolean"},
        },
    }

    def kind(self, f: Field) -> str:
        return str(f.options.get("kind", "single"))

    def scored(self, f: Field) -> bool:
        """Say whether answers have scores."""
        return self.kind(f) in ("score", "nps", "csat")

    def scale(self, f: Field) -> Mapping[str, int]:
        """Return the columns with their scores (0 where they have none), in order."""
        fixed = _FIXED.get(self.kind(f))
        if fixed is not None:
            return {str(one): one for one in fixed}
        return {one["id"]: int(one.get("score", 0)) for one in f.options.get("columns", ())}

    def check_options(self, f: Field) -> Sequence[Finding]:
        found: list[Finding] = []
        if self.kind(f) not in _FIXED and not f.options.get("columns"):
            found.append(Finding("F909", "/options/columns"))
        for part in ("rows", "columns"):
            ids: set[str] = set()
            labels: set[tuple[str, str]] = set()
            for index, one in enumerate(f.options.get(part, ())):
                place = f"/options/{part}/{index}"
                if one["id"] in ids:
                    found.append(Finding("F903", place + "/id", {"id": one["id"]}))
                ids.add(one["id"])
                for language, label in one["label"].items():
                    if (language, folded_key(label)) in labels or _unclear(label):
                        found.append(Finding("F904", f"{place}/label/{language}", {"label": label}))
                    labels.add((language, folded_key(label)))
        return found

    def value_schema(self, f: Field) -> dict[str, Any]:
        fixed = _FIXED.get(self.kind(f))
        column: dict[str, Any] = {"enum": list(self.scale(f)) if fixed is None else list(fixed)}
        answer = {"type": "array", "items": column, "uniqueItems": True} if self.kind(f) == "multi" else column
        rows = {one["id"]: answer for one in f.options["rows"]}
        return {"type": ["object", "null"], "additionalProperties": False, "properties": rows}

    def columns(self, f: Field) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("json"), ColumnSpec("int64", "score")) if self.scored(f) else (ColumnSpec("json"),)

    def limit(self, f: Field) -> int:
        return MAX_ROWS * MAX_SCALE

    def accept(self, f: Field, raw: Any) -> Value:
        """``all_rows`` wants an answer in every row once there is one in any."""
        if isinstance(raw, Mapping):
            raw = list(_spread(raw))
        given = set(super().accept(f, raw))
        rows = [one["id"] for one in f.options["rows"]]
        value = tuple(f"{row}:{column}" for row in rows for column in self.scale(f) if f"{row}:{column}" in given)
        answered = [one.partition(":")[0] for one in value]
        if self.kind(f) != "multi" and len(set(answered)) < len(answered):
            row = next(one for one in answered if answered.count(one) > 1)
            raise InvalidValue("F408", row=self._row_label(f, row))
        if value and f.options.get("all_rows") and len(set(answered)) < len(rows):
            row = next(one for one in rows if one not in answered)
            raise InvalidValue("F409", row=self._row_label(f, row))
        return value

    def accept_item(self, f: Field, raw: Any) -> str:
        row, _, column = raw.partition(":") if isinstance(raw, str) else ("", "", "")
        if column not in self.scale(f) or all(one["id"] != row for one in f.options["rows"]):
            raise InvalidValue("F410", value=str(raw)[:64])
        return str(raw)

    def score(self, f: Field, value: Value) -> Decimal | None:
        """Return the average score of the answers, rounded to two decimals; None without any."""
        if not value or not self.scored(f):
            return None
        scale = self.scale(f)
        total = Decimal(sum(scale[one.partition(":")[2]] for one in value))
        return (total / len(value)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)

    def to_db(self, f: Field, value: Value) -> tuple[Any, ...]:
        if not self.scored(f):
            return (value or None,)
        score = self.score(f, value)
        return value or None, None if score is None else int(score.scaleb(_SCORE_SCALE))

    def storage_tag(self, f: Field) -> str:
        return "matrixscore" if self.scored(f) else "matrix"

    def to_json(self, f: Field, value: Value) -> Any:
        found: dict[str, Any] = {}
        for one in value or ():
            row, _, column = one.partition(":")
            if self.kind(f) == "multi":
                found.setdefault(row, []).append(column)
            else:
                found[row] = int(column) if self.kind(f) in _FIXED else column
        return found or None

    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        """Read ``row: answer; row: answer, answer`` with labels in any language."""
        found: list[str] = []
        for piece in filter(str.strip, text.replace("；", ";").replace("\n", ";").split(";")):
            name, sign, answers = piece.replace("：", ":").partition(":")
            row = _named(f.options["rows"], name)
            if not sign or row is None:
                raise InvalidValue("F410", value=piece.strip()[:64])
            for answer in filter(str.strip, answers.replace("、", ",").replace("，", ",").split(",")):
                column = self._column_named(f, answer)
                if column is None:
                    raise InvalidValue("F410", value=piece.strip()[:64])
                found.append(f"{row}:{column}")
        return self.accept(f, found)

    def format(self, f: Field, value: Value, locale: str, zone: ZoneInfo = APP_ZONE) -> str:
        chinese = locale.startswith("zh")
        answers: dict[str, list[str]] = {}
        for one in value or ():
            row, _, column = one.partition(":")
            answers.setdefault(row, []).append(self._column_label(f, column, locale))
        colon, comma, semicolon = ("：", "、", "；") if chinese else (": ", ", ", "; ")
        return semicolon.join(
            in_language(self._row_label(f, row), locale) + colon + comma.join(given) for row, given in answers.items()
        )

    def expr_type(self, f: Field) -> Type:
        """A list of answers: ``CONTAINS(survey, "row_service:col_good")``, ``COUNT(survey)``."""
        pairs = (
            (
                f"{row['id']}:{column}",
                {
                    language: f"{in_language(row['label'], language)}: {self._column_label(f, column, language)}"
                    for language in ("zh-CN", "en")
                },
            )
            for row in f.options["rows"]
            for column in self.scale(f)
        )
        return ListType(Choice(tuple(pairs)))

    def operators(self, f: Field) -> tuple[str, ...]:
        """Comparisons mean the average score."""
        return (*SCORE_OPERATORS, *LIST_FIELD_OPERATORS) if self.scored(f) else LIST_FIELD_OPERATORS

    def accept_operand(self, f: Field, operator: str, raw: Any) -> Any:
        if operator in ("has_any", "has_all", "has_none") and isinstance(raw, Mapping):
            return tuple(self.accept_item(f, one) for one in operand_list(list(_spread(raw))))
        return super().accept_operand(f, operator, raw)

    def accept_one_operand(self, f: Field, operator: str, raw: Any) -> Any:
        if operator not in SCORE_OPERATORS:
            return super().accept_one_operand(f, operator, raw)
        value = typed_decimal(raw)
        if value is None:
            raise InvalidValue("F805", operator=operator)
        return value

    def condition(
        self, f: Field, columns: Sequence[ColumnElement[Any]], operator: str, operand: Any, dialect: str
    ) -> ColumnElement[bool]:
        if operator not in SCORE_OPERATORS:
            return super().condition(f, columns, operator, operand, dialect)
        low, high = operand if operator == "between" else (operand, operand)
        column = columns[1]
        least, most = ceiling(low, _SCORE_SCALE), floor(high, _SCORE_SCALE)
        if operator == "=" and whole_scaled(operand, _SCORE_SCALE) is None:
            least, most = 1, 0  # no score has that many decimals
        match operator:
            case "<":
                return present_and(column, column < least)
            case "<=":
                return present_and(column, column <= most)
            case ">":
                return present_and(column, column > most)
            case ">=":
                return present_and(column, column >= least)
        return present_and(column, column.between(least, most))

    def matches(self, f: Field, value: Value, operator: str, operand: Any) -> bool:
        if operator not in SCORE_OPERATORS:
            return super().matches(f, value, operator, operand)
        return compare_in_python(self.score(f, value), operator, operand)

    def sortable(self, f: Field) -> bool:
        return self.scored(f)

    def sort_columns(
        self, f: Field, columns: Sequence[ColumnElement[Any]], dialect: str
    ) -> tuple[ColumnElement[Any], ...]:
        return (columns[1],)

    def _row_label(self, f: Field, row: str) -> Mapping[str, str]:
        return next((one["label"] for one in f.options["rows"] if one["id"] == row), {"en": row})

    def _column_label(self, f: Field, column: str, locale: str) -> str:
        for one in f.options.get("columns", ()) if self.kind(f) not in _FIXED else ():
            if one["id"] == column:
                return in_language(one["label"], locale)
        return column

    def _column_named(self, f: Field, text: str) -> str | None:
        if self.kind(f) in _FIXED:
            return text.strip() if text.strip() in self.scale(f) else None
        return _named(f.options.get("columns", ()), text)


def _unclear(label: str) -> bool:
    """Say whether a label could not be told apart from the signs between answers."""
    return any(sign in label for sign in ":：;；,，、\n") or not label.strip()


def _named(parts: Sequence[Mapping[str, Any]], text: str) -> str | None:
    key = folded_key(text)
    found = {
        str(one["id"])
        for one in parts
        if one["id"] == text.strip() or any(folded_key(label) == key for label in one["label"].values())
    }
    return next(iter(found)) if len(found) == 1 else None


def _spread(raw: Mapping[Any, Any]) -> Iterator[str]:
    for row, given in raw.items():
        for column in given if isinstance(given, list | tuple) else (given,):
            if column is not None:
                yield f"{row}:{column}"
