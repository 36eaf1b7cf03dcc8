"""Texts of the few pages that work without JavaScript: sign-in, first set-up, errors, the shell."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "product": ("斗拱", "Dougong"),
    "tagline": ("搭建自己的业务应用", "Build your own business applications"),
    "sign_in": ("登录", "Sign in"),
    "sign_in_to": ("登录到{name}", "Sign in to {name}"),
    "username": ("用户名", "User name"),
    "password": ("密码", "Password"),
    "password_again": ("再输一次密码", "Password again"),
    "full_name": ("姓名", "Your name"),
    "other_language": ("English", "中文"),
    "forgot": ("忘记密码？请联系管理员重置。", "Forgot it? Ask an administrator to reset it."),
    "demo_title": ("演示账号", "Demo accounts"),
    "demo_hint": (
        "密码都是 {password}，点一个账号即可填入用户名。",
        "The password is {password} for all; choose one to fill in its name.",
    ),
    "set_up": ("开始使用", "Set up"),
    "set_up_title": ("创建第一个管理员", "Create the first administrator"),
    "set_up_intro": (
        "您将成为管理员，可以设计应用、添加同事。这个链接只能用一次。",
        "You will be the administrator, who designs applications and adds colleagues. This link works once.",
    ),
    "password_rules": (
        "至少 8 个字符，越长越好。几个不相关的词就很安全。",
        "At least 8 characters, the longer the better. A few unrelated words are safe.",
    ),
    "create": ("创建并进入", "Create and enter"),
    "back_home": ("返回首页", "Back to the start"),
    "trace": ("问题编号", "Reference"),
    "loading": ("正在加载…", "Loading…"),
    "script_needed": ("使用本系统需要启用 JavaScript。", "This application needs JavaScript."),
    "not_set_up": (
        "还没有任何账号。请在服务器上运行 dougong setup-link，打开它给出的链接。",
        "There is no account yet. Run `dougong setup-link` on the server and open the link it prints.",
    ),
    "signed_out": ("您已退出登录。", "You have signed out."),
}


def text(key: str, language: str, **params: str) -> str:
    """Return a text in a language, with ``{name}`` filled in as plain text."""
    chosen = TEXTS[key][0 if language == "zh-CN" else 1]
    for name, value in params.items():
        chosen = chosen.replace("{" + name + "}", value)
    return chosen
