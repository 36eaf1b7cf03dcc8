"""The designer as one optional blueprint: loaded like a plugin's, absent in an install without this package."""

from __future__ import annotations

from builder.api import applications, drafts, expressions, spreadsheets, templates
from builder.host import Host

PREFIX = "/api/v1/builder"


def register(host: Host) -> None:
    """Add every route of the designer; all of them need the builder duty."""
    for module in (drafts, applications, templates, spreadsheets, expressions):
        routes = host.routes(f"builder_{module.__name__.rpartition('.')[2]}", PREFIX)
        module.add(host, routes)
        host.add(routes)
