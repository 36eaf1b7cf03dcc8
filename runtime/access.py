"""Every route says who may use it, what body it takes and how often; one without a rule is never served.

The rule decides the outer door only. Which records and fields someone sees is decided by the record store, with the
actor of the request, and by nothing here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from flask import Blueprint, Flask

Who = Literal["public", "signed_in", "member", "duty"]
Body = Literal["none", "json", "bulk", "upload", "upload_or_json", "form"]
View = TypeVar("View", bound=Callable[..., Any])

_ATTRIBUTE = "dougong_rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """``member``: signed in, with a role in the application of the path. ``limit``: ``30/minute`` for a person."""

    who: Who
    duty: str = ""
    body: Body = "none"
    limit: str = ""


class Routes:
    """A blueprint whose routes carry rules."""

    def __init__(self, name: str, prefix: str = ""):
        self.blueprint = Blueprint(name, __name__, url_prefix=prefix or None)

    def route(
        self,
        path: str,
        *,
        methods: tuple[str, ...] = ("GET",),
        who: Who = "signed_in",
        duty: str = "",
        body: Body | None = None,
        limit: str = "",
    ) -> Callable[[View], View]:
        """Serve ``path`` with the decorated view. Changing methods take JSON unless told otherwise."""
        if (who == "duty") != bool(duty):
            raise ValueError(f"{path}: a duty goes with who='duty'")
        if body is None:
            body = "json" if {"POST", "PUT", "PATCH"} & set(methods) else "none"
        rule = Rule(who=who, duty=duty, body=body, limit=limit)

        def register(view: View) -> View:
            setattr(view, _ATTRIBUTE, rule)
            self.blueprint.add_url_rule(path, view_func=view, methods=list(methods))
            return view

        return register


def rules_of(app: Flask) -> Mapping[str, Rule | None]:
    """Rule of every endpoint; None marks one that was registered around :class:`Routes`."""
    return {endpoint: getattr(view, _ATTRIBUTE, None) for endpoint, view in app.view_functions.items()}
