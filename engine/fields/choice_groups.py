"""Choices laid out in the form: all options in sight, in columns. Stored exactly as their drop-down twins, so that a
field changes from one to the other without touching a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from engine.fields.choices import MAX_OPTIONS, OPTION_LIST, MultiSelectType, SelectType
from metadata.model import Field

COLUMNS: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": 6}


class RadioType(SelectType):
    """One of a few options, all in sight."""

    name = "radio"
    label = {"zh-CN": "单选组", "en": "Radio group"}
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "required": ["options"],
        "additionalProperties": False,
        "properties": {"options": OPTION_LIST, "columns": COLUMNS},
    }

    def storage_tag(self, f: Field) -> str:
        return "select"


class CheckboxGroupType(MultiSelectType):
    """Any number of a few options, all in sight; ``max`` limits how many."""

    name = "checkbox_group"
    label = {"zh-CN": "复选组", "en": "Checkbox group"}
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "required": ["options"],
        "additionalProperties": False,
        "properties": {
            "options": OPTION_LIST,
            "columns": COLUMNS,
            "max": {"type": "integer", "minimum": 1, "maximum": MAX_OPTIONS},
        },
    }

    def storage_tag(self, f: Field) -> str:
        return "multiselect"

    def limit(self, f: Field) -> int:
        return int(f.options.get("max", MAX_OPTIONS))
