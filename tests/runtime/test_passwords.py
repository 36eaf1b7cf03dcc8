"""Password rules and hashes."""

from __future__ import annotations

import pytest

from runtime import passwords


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "H203"),
        ("x" * 129, "H203"),
        ("woaini1314", "H204"),
        ("Woaini1314!", "H204"),
        ("zhangsan2026", "H204"),
        ("qwertyuiop", "H204"),
        ("chen.jing-2026-ok", "H205"),
        ("我爱斗拱科技有限公司", "H205"),
    ],
)
def test_refuses(password: str, code: str) -> None:
    found = passwords.findings(password, words=["chen.jing", "陈静", "斗拱科技"])
    assert [f.code for f in found] == [code]


@pytest.mark.parametrize("password", ["lantern tiger 92 roof", "红烧肉-灯塔-九号公路", "x9$" + "kQ2!pL7" * 17])
def test_accepts(password: str) -> None:
    assert passwords.findings(password, words=["chen.jing", "陈静"]) == []


def test_a_hash_fits_only_its_password() -> None:
    hashed = passwords.hash_of("lantern tiger 92 roof")
    assert hashed.startswith("$argon2id$")
    assert passwords.verify(hashed, "lantern tiger 92 roof")
    assert not passwords.verify(hashed, "lantern tiger 92 rooF")
    assert not passwords.outdated(hashed)


def test_an_unknown_account_never_fits() -> None:
    assert not passwords.verify(None, "no account has this password")
    assert not passwords.verify("not a hash", "x")
