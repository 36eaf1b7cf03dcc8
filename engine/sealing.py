"""Texts that rest encrypted: AES-256-GCM under a key that is not in the database.

A sealed text is ``sealed:1:`` and base64 of nonce and ciphertext. What it is about (the field) is authenticated with
it, so a text sealed for one field is none of another's. Losing the key loses the texts: it belongs into the backup,
but apart from that of the database.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PREFIX: Final = "sealed:1:"
KEY_FILE: Final = "values.key"
_NONCE = 12
_KEY = 32


class NoKey(RuntimeError):
    """There is no key, or it does not open what was sealed."""


class Vault:
    """Seals and opens texts under one key."""

    def __init__(self, key: bytes):
        self._cipher = AESGCM(key)

    def seal(self, text: str, about: str) -> str:
        """Return the sealed form of a text; another one every time."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, text.encode(), about.encode())
        return PREFIX + base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def open(self, sealed: str, about: str) -> str:
        """Return the text. Raises :class:`NoKey` when it was sealed under another key or for something else."""
        body = sealed.removeprefix(PREFIX)
        try:
            raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], about.encode()).decode()
        except (InvalidTag, ValueError, binascii.Error) as error:
            raise NoKey("a sealed value does not open with this key") from error


def is_sealed(text: str) -> bool:
    """Say whether a text has the form of a sealed one."""
    return text.startswith(PREFIX)


def key_of(given: str) -> bytes:
    """Return the key made of a secret that somebody set."""
    return hashlib.scrypt(given.encode(), salt=b"dougong values", n=2**14, r=8, p=1, dklen=_KEY)


def key_in(directory: Path) -> bytes:
    """Return the key kept in a folder, made on first use and readable by its owner only. Raises :class:`NoKey`."""
    path = directory / KEY_FILE
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    except OSError as error:
        raise NoKey(f"{path} cannot be written ({error.strerror})") from error
    key = secrets.token_bytes(_KEY)
    with os.fdopen(handle, "wb") as file:
        file.write(base64.urlsafe_b64encode(key))
    return key


def _read(path: Path) -> bytes:
    try:
        key = base64.urlsafe_b64decode(path.read_bytes().strip())
    except (ValueError, binascii.Error) as error:
        raise NoKey(f"{path} is damaged: restore it from a backup") from error
    if len(key) != _KEY:
        raise NoKey(f"{path} is damaged: restore it from a backup")
    return key


class _Kept:
    """The vault of this process, opened when something is first sealed or opened."""

    def __init__(self) -> None:
        self.directory: Path | None = None
        self.given = ""
        self.vault: Vault | None = None

    def open(self) -> Vault:
        if self.vault is None:
            if not self.given and self.directory is None:
                raise NoKey("no key is set up")
            key = key_of(self.given) if self.given or self.directory is None else key_in(self.directory)
            self.vault = Vault(key)
        return self.vault


_KEPT = _Kept()


def keep_key(directory: Path | None = None, given: str = "") -> None:
    """Say where this process finds the key: in a folder, or made of a secret that somebody set."""
    _KEPT.directory, _KEPT.given, _KEPT.vault = directory, given, None


def vault() -> Vault:
    """Return the vault of this process. Raises :class:`NoKey`."""
    return _KEPT.open()
