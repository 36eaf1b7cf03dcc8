"""The field types every install has. A new one is a module and a line here."""

from __future__ import annotations

import engine.fields.messages
import engine.fields.messages_special  # noqa: F401
from engine.fields.address import AddressType
from engine.fields.barcodes import BarcodeType
from engine.fields.base import FIELD_TYPES
from engine.fields.cascader import CascaderType
from engine.fields.choice_groups import CheckboxGroupType, RadioType
from engine.fields.choices import MultiSelectType, SelectType, SwitchType
from engine.fields.computed import FormulaType
from engine.fields.dates import DatetimeType, DateType
from engine.fields.departments import DeptsType, DeptType
from engine.fields.id_numbers import IdNumberType
from engine.fields.location import LocationType
from engine.fields.lookups import LookupType, RollupType
from engine.fields.matrix import MatrixType
from engine.fields.media import AudioType, FileType, ImageType, SignatureType
from engine.fields.numbers import CurrencyType, NumberType, PercentType
from engine.fields.people import UsersType, UserType
from engine.fields.periods import DateRangeType
from engine.fields.queries import QueryType
from engine.fields.relations import LinkManyType, LinkOneType, SubtableType
from engine.fields.rich_texts import RichTextType
from engine.fields.scores import ProgressType, RatingType
from engine.fields.secrets import SecretType
from engine.fields.serials import SerialType
from engine.fields.spans import DurationType, TimeType
from engine.fields.tags import TagsType
from engine.fields.texts import EmailType, PhoneType, TextareaType, TextType
from engine.fields.urls import UrlType

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
    DeptType,
    DeptsType,
    AddressType,
    LocationType,
    LinkOneType,
    LinkManyType,
    SubtableType,
    FileType,
    ImageType,
    SignatureType,
    AudioType,
    FormulaType,
    SerialType,
    UrlType,
    IdNumberType,
    BarcodeType,
    RatingType,
    ProgressType,
    DurationType,
    TimeType,
    DateRangeType,
    LookupType,
    RollupType,
    QueryType,
    RichTextType,
    SecretType,
)

for _type in BUILTIN:
    FIELD_TYPES.register(_type())
