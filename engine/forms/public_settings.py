"""What the maker of a public link decided, read from JSON and checked: who, when, how often, how it looks."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import puremagic

import engine.forms.public_messages  # noqa: F401  registers the texts used here
from metadata.findings import LANGUAGES, Finding, Refused
from metadata.model import Expr, Text

ACCENT: Final = "#2f55d4"
MOST_LOGO: Final = 64 * 1024
_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")
_ORIGIN: Final = re.compile(r"https://(\*\.)?[a-z0-9.-]{1,253}(:\d{1,5})?")
_PICTURES: Final = {"png": "png", "jpg": "jpeg", "jpeg": "jpeg", "jfif": "jpeg", "webp": "webp"}
_CONTRAST: Final = 4.5
_LONG: Final = 4_000
PREFILLS: Final = ("open", "locked", "fixed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefill:
    """How a field may come filled in: by any address (``open``), by a signed one (``locked``), or always ``fixed``."""

    mode: str = "open"
    value: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSettings:
    """Field references are ids. Instants are ISO texts in UTC, blank for none; 0 is no limit.

    ``pick`` are the link fields visitors may choose in, with the condition of what they may choose (blank: anything).
    ``bind`` is the link field that takes the record a personal invitation is about.
    """

    form: str = ""
    fields: tuple[str, ...] = ()
    pick: Mapping[str, Expr] = field(default_factory=dict)
    prefill: Mapping[str, Prefill] = field(default_factory=dict)
    bind: str = ""
    opens_at: str = ""
    closes_at: str = ""
    quota: int = 0
    per_visitor: int = 0
    per_address_minute: int = 10
    per_minute: int = 300
    min_seconds: int = 3
    password: str = ""
    sign_in: bool = False
    uploads: int = 0
    upload_mb: int = 10
    language: str = "auto"
    mode: str = ""
    title: Text = field(default_factory=dict)
    intro: Text = field(default_factory=dict)
    thanks: Text = field(default_factory=dict)
    redirect: str = ""
    accent: str = ACCENT
    logo: str = ""
    embed: tuple[str, ...] = ()

    def json(self) -> dict[str, Any]:
        """Return the JSON form, the hash of the password included (for the database)."""
        made: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self)}
        made["prefill"] = {name: {"mode": one.mode, "value": one.value} for name, one in self.prefill.items()}
        made["pick"] = {name: {"src": one.src, "refs": dict(one.refs)} for name, one in self.pick.items()}
        return made | {name: dict(made[name]) for name in ("title", "intro", "thanks")}


KEYS: Final = tuple(one.name for one in fields(LinkSettings))
_NUMBERS: Final[Mapping[str, tuple[int, int]]] = {
    "quota": (0, 10_000_000),
    "per_visitor": (0, 1_000),
    "per_address_minute": (1, 600),
    "per_minute": (1, 10_000),
    "min_seconds": (0, 60),
    "uploads": (0, 20),
    "upload_mb": (1, 50),
}


def stored_settings(data: Mapping[str, Any]) -> LinkSettings:
    """Return settings as :meth:`LinkSettings.json` wrote them."""
    prefill = {name: Prefill(**one) for name, one in data.get("prefill", {}).items()}
    lists = {name: tuple(data.get(name, ())) for name in ("fields", "embed")}
    known = {name: value for name, value in data.items() if name in KEYS}
    pick = {name: Expr(src=one["src"], refs=one.get("refs", {})) for name, one in data.get("pick", {}).items()}
    return LinkSettings(**{**known, **lists, "prefill": prefill, "pick": pick})


def read_settings(data: Mapping[str, Any]) -> LinkSettings:
    """Return settings as a maker sends them; ``password`` is a hash by now. Raises :class:`Refused`."""
    return _Reader(data).read()


class _Reader:
    def __init__(self, data: Mapping[str, Any]):
        self._data, self._findings = data, list[Finding]()

    def read(self) -> LinkSettings:
        data, made = self._data, dict[str, Any]()
        for name in data:
            if name not in KEYS:
                self._wrong(name, "已知的设置项", "a known setting")
        for name, (least, most) in _NUMBERS.items():
            if name in data:
                made[name] = self._number(name, least, most)
        for name in ("title", "intro", "thanks"):
            if name in data:
                made[name] = self._text(name)
        for name in ("form", "bind", "password"):
            if name in data:
                made[name] = self._plain(name)
        for name in ("opens_at", "closes_at"):
            if data.get(name):
                made[name] = self._instant(name)
        made |= {"fields": self._list("fields"), "embed": self._origins(), "pick": self._picks()}
        made |= {"prefill": self._prefills(), "redirect": self._redirect(), "logo": self._logo()}
        made |= {"accent": self._accent(), "sign_in": self._flag("sign_in")}
        made["language"] = self._one_of("language", ("auto", *LANGUAGES), "auto")
        made["mode"] = self._one_of("mode", ("", "page", "single"), "")
        if made.get("opens_at") and made.get("closes_at") and made["opens_at"] >= made["closes_at"]:
            self._wrong("closes_at", "晚于开放时间的时刻", "a moment after the opening")
        if self._findings:
            raise Refused(self._findings)
        return LinkSettings(**made)

    def _wrong(self, key: str, zh: str, en: str) -> None:
        params = {"key": key[:60], "expected": {"zh-CN": zh, "en": en}}
        self._findings.append(Finding("T203", f"/settings/{key[:60]}", params))

    def _number(self, name: str, least: int, most: int) -> int:
        value = self._data[name]
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self._wrong(name, f"{least} 到 {most} 之间的整数", f"a whole number from {least} to {most}")
            return least
        return value

    def _plain(self, name: str) -> str:
        value = self._data[name]
        if not isinstance(value, str) or len(value) > _LONG:
            self._wrong(name, "文字", "a text")
            return ""
        return value

    def _flag(self, name: str) -> bool:
        value = self._data.get(name, False)
        if not isinstance(value, bool):
            self._wrong(name, "true 或 false", "true or false")
        return value is True

    def _one_of(self, name: str, known: tuple[str, ...], default: str) -> str:
        value = self._data.get(name, default)
        if value not in known:
            self._wrong(name, "、".join(one for one in known if one), ", ".join(one for one in known if one))
            return default
        return str(value)

    def _text(self, name: str) -> Text:
        value = self._data[name]
        good = isinstance(value, dict) and all(
            language in LANGUAGES and isinstance(said, str) and len(said) <= _LONG for language, said in value.items()
        )
        if not good:
            self._wrong(name, "中文和英文的文字", "texts by language")
            return {}
        return {language: said for language, said in value.items() if said.strip()}

    def _instant(self, name: str) -> str:
        try:
            found = datetime.fromisoformat(str(self._data[name]).replace("Z", "+00:00"))
            if found.tzinfo is None:
                raise ValueError(name)
        except ValueError:
            self._wrong(name, "带时区的时刻", "an instant with its time zone")
            return ""
        return found.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _list(self, name: str) -> tuple[str, ...]:
        value = self._data.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value) or len(value) > 500:
            self._wrong(name, "文字的列表", "a list of texts")
            return ()
        return tuple(dict.fromkeys(value))

    def _picks(self) -> dict[str, Expr]:
        value, made = self._data.get("pick", {}), dict[str, Expr]()
        for name, one in value.items() if isinstance(value, dict) else ():
            told = {"src": one} if isinstance(one, str) else one
            source = told.get("src") if isinstance(told, dict) else None
            refs = told.get("refs", {}) if isinstance(told, dict) else None
            if isinstance(source, str) and len(source) <= _LONG and isinstance(refs, dict):
                kept = {str(key): str(target) for key, target in refs.items()}
                made[str(name)] = Expr(src=source.strip(), refs=kept)
            else:
                self._wrong("pick", "字段到条件的对应", "conditions by field")
        return made

    def _prefills(self) -> dict[str, Prefill]:
        value, made = self._data.get("prefill", {}), dict[str, Prefill]()
        for name, one in value.items() if isinstance(value, dict) else ():
            if isinstance(one, dict) and one.get("mode") in PREFILLS and not one.keys() - {"mode", "value"}:
                made[str(name)] = Prefill(mode=one["mode"], value=one.get("value") if one["mode"] == "fixed" else None)
            else:
                self._wrong("prefill", "、".join(PREFILLS), ", ".join(PREFILLS))
        if not isinstance(value, dict):
            self._wrong("prefill", "字段到预填方式的对应", "ways to fill in by field")
        return made

    def _origins(self) -> tuple[str, ...]:
        found = self._list("embed")
        for one in found:
            if not _ORIGIN.fullmatch(one):
                self._wrong(
                    "embed", "https:// 开头的网站地址（不含路径）", "addresses of sites with https, without a path"
                )
                return ()
        return found

    def _redirect(self) -> str:
        value = self._data.get("redirect", "")
        if not value:
            return ""
        parts = urlsplit(value) if isinstance(value, str) and len(value) <= 2_000 else None
        plain = parts is not None and parts.scheme == "https" and bool(parts.hostname) and not parts.username
        if not plain or any(ord(one) < 33 for one in value):
            self._wrong("redirect", "https:// 开头的地址", "an address with https")
            return ""
        return str(value)

    def _accent(self) -> str:
        value = self._data.get("accent", ACCENT)
        if not isinstance(value, str) or not _COLOUR.fullmatch(value.lower()):
            self._wrong("accent", "如 #2f55d4 的颜色", "a colour such as #2f55d4")
            return ACCENT
        if contrast_with_white(value) < _CONTRAST:
            self._findings.append(Finding("T205", "/settings/accent", {"color": value}))
        return value.lower()

    def _logo(self) -> str:
        value = self._data.get("logo", "")
        if not value:
            return ""
        head, _, coded = value.partition(",") if isinstance(value, str) else ("", "", "")
        try:
            raw = base64.b64decode(coded, validate=True) if head.startswith("data:image/") else b""
            kind = _PICTURES.get(puremagic.from_string(raw).lstrip(".").lower()) if raw else None
        except (binascii.Error, puremagic.PureError, ValueError):
            raw, kind = b"", None
        if kind is None or len(raw) > MOST_LOGO:
            self._findings.append(Finding("T206", "/settings/logo", {"limit": str(MOST_LOGO // 1024)}))
            return ""
        return f"data:image/{kind};base64,{coded}"


def contrast_with_white(colour: str) -> float:
    """Return the contrast of white text on a colour (WCAG)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
