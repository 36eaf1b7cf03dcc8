"""The browser's half of a session: a small signed cookie with the session token and the form token, nothing else.

Flask's own interface derives a key, makes a signer and walks the data with a tagging JSON reader on every request;
this one does each of these once or not at all. The cookie carries no time: the session row decides how long it lives.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import orjson
from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import BadSignature, Signer

_PURPOSE = b"dougong session cookie"


class _Payload:
    """Signs and reads the value of the cookie. Raises ``BadSignature`` for whatever is not ours."""

    def __init__(self, secret: bytes):
        key = hmac.digest(secret, _PURPOSE, "sha256")
        self._signer = Signer(key, key_derivation="none", digest_method=hashlib.sha256)

    def dumps(self, value: Any) -> str:
        return self._signer.sign(urlsafe_b64encode(orjson.dumps(value))).decode()

    def loads(self, text: str, **_options: Any) -> Any:
        return orjson.loads(urlsafe_b64decode(self._signer.unsign(text.encode())))


class SignedCookies(SecureCookieSessionInterface):
    """Signed cookie sessions with one signer for the life of the application."""

    def __init__(self, secret: bytes):
        self._payload = _Payload(secret)

    def get_signing_serializer(self, app: Flask) -> Any:
        return self._payload

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        value = request.cookies.get(app.config["SESSION_COOKIE_NAME"])
        if not value:
            return self.session_class()
        try:
            return self.session_class(self._payload.loads(value))
        except (BadSignature, ValueError):
            return self.session_class()
