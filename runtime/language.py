"""Which of the two languages a request is answered in."""

from __future__ import annotations

from flask import current_app, g, has_request_context, request

LANGUAGE_COOKIE = "dougong_lang"
_KNOWN = {"zh": "zh-CN", "zh-cn": "zh-CN", "zh-hans": "zh-CN", "en": "en"}


def named_language(text: str | None) -> str | None:
    """Return the language a person or a header names, or None for one the product does not speak."""
    key = (text or "").strip().lower()
    return _KNOWN.get(key) or _KNOWN.get(key.split("-")[0])


def language() -> str:
    """The signed-in person's own, else ``?lang=``, the cookie, the browser's wish, the install's default."""
    if not has_request_context():
        return "zh-CN"
    found: str | None = g.get("language")
    if found is None:
        visitor = g.get("visitor")
        found = visitor.locale if visitor else (_asked() or str(current_app.config["LANGUAGE"]))
        g.language = found
    return found


def _asked() -> str | None:
    for text in (request.args.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if known := named_language(text):
            return known
    for wanted, _quality in request.accept_languages:
        if known := named_language(wanted):
            return known
    return None
