"""The field types every install has. A new one is a module and a line here."""

from __future__ import annotations

import engine.fields.messages  # noqa: F401 - registers the sentences
from engine.fields.base import FIELD_TYPES
from engine.fields.cascader import CascaderType
from engine.fields.choice_groups import CheckboxGroupType, RadioType
from engine.fields.choices import MultiSelectType, SelectType, SwitchType
from engine.fields.computed import FormulaType
from engine.fields.dates import DatetimeType, DateType
from engine.fields.matrix import MatrixType
from engine.fields.media import FileType
from engine.fields.numbers import CurrencyType, NumberType, PercentType
from engine.fields.people import UsersType, UserType
from engine.fields.relations import LinkManyType, LinkOneType, SubtableType
from engine.fields.serials import SerialType
from engine.fields.tags import TagsType
from engine.fields.texts import EmailType, PhoneType, TextareaType, TextType

BUILTIN = (
    TextType,
    TextareaType,
    EmailType,
    PhoneType,
    NumberType,
    CurrencyType,
    PercentType,
    DateType,
    DatetimeType,
    SwitchType,
    SelectType,
    MultiSelectType,
    RadioType,
    CheckboxGroupType,
    TagsType,
    CascaderType,
    MatrixType,
    UserType,
    UsersType,
    LinkOneType,
    LinkManyType,
    SubtableType,
    FileType,
    FormulaType,
    SerialType,
)

for _type in BUILTIN:
    FIELD_TYPES.register(_type())
