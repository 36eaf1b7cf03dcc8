"""Templates: what ships, importing one (first as a plan), exporting an application as one."""

from __future__ import annotations

from typing import Any

from flask import Response

import builder.messages  # noqa: F401  registers the texts used here
from builder.api.drafts import change_json
from builder.catalogue import DATASETS, shipped_templates
from builder.host import DUTY, Host, Routes
from engine.problems import NotFound
from engine.templates import install_template, plan_template, template_of
from metadata.findings import Finding, Refused
from metadata.store import MetadataStore

MAX_TEMPLATE = 20 * 1024 * 1024
MODES = ("plan", "apply")


def add(host: Host, routes: Routes) -> None:
    """Add the routes."""

    @routes.route("/templates", who="duty", duty=DUTY)
    def list_templates() -> Response:
        host.arguments()
        store = MetadataStore(host.connection())
        installed = {known.id for row in store.apps() if (known := store.template(row.id)) is not None}
        return host.answer(
            {
                "templates": [
                    {
                        "key": key,
                        "name": app.name,
                        "description": app.description,
                        "icon": app.icon,
                        "entities": len(app.entities),
                        "flows": len(app.flows),
                        "dashboards": len(app.dashboards),
                        "installed": app.id in installed,
                    }
                    for key, (app, _) in shipped_templates().items()
                ],
                "datasets": [
                    {
                        "key": one.key,
                        "name": one.name,
                        "description": one.description,
                        "rows": one.rows,
                        "source": one.source,
                        "licence": one.licence,
                        "available": one.path() is not None,
                    }
                    for one in DATASETS
                ],
            }
        )

    @routes.route("/templates/import", methods=("POST",), who="duty", duty=DUTY, body="upload_or_json")
    def import_template() -> Response:
        data, mode, samples, demo = _wanted(host)
        if mode == "plan":
            plan = plan_template(host.connection(), data, samples=samples)
            conflicts = {conflict.finding for conflict in plan.conflicts}
            return host.answer(
                {
                    "app": {"id": plan.app.id, "key": plan.app.key, "name": plan.app.name},
                    "update": plan.update,
                    "changes": [change_json(change, host.language()) for change in plan.changes],
                    "conflicts": host.findings(tuple(conflicts)),
                    "findings": host.findings(plan.findings),
                }
            )
        actor = host.actor()
        host.release()
        app = install_template(host.database, data, actor, samples=samples)
        with host.write() as connection:
            admins = tuple(role.id for role in app.roles if role.key == "admin")
            host.make_admin(connection, app.id, admins)
        if demo:
            host.install_demo(app.key)
        return host.answer({"app": {"id": app.id, "key": app.key, "name": app.name}}, 201)

    @routes.route("/templates/export/<app>", who="duty", duty=DUTY)
    def export_template(app: str) -> Response:
        host.arguments()
        try:
            data = template_of(host.connection(), app)
        except KeyError:
            raise NotFound(what=app) from None
        headers = {"Content-Disposition": f'attachment; filename="{app}_template.json"'}
        return Response(data, content_type="application/json", headers=headers)


def _wanted(host: Host) -> tuple[bytes, str, bool, bool]:
    """Template file, mode, samples, demo data: from a multipart form or from JSON naming a shipped template."""
    if host.is_upload():
        stream, _name, form = host.upload("mode", "samples")
        return stream.read(MAX_TEMPLATE + 1), _mode(form.get("mode", "plan")), form.get("samples") == "1", False
    body = host.body(allowed=("template", "mode", "samples", "demo"), required=("template",))
    found = shipped_templates().get(str(body["template"]))
    if found is None:
        raise Refused([Finding("B103", "/template", {"key": body["template"]})])
    return found[1].read_bytes(), _mode(body.get("mode", "plan")), body.get("samples") is True, body.get("demo") is True


def _mode(value: Any) -> str:
    if value not in MODES:
        raise Refused([Finding("B107", "/mode", {"key": "mode", "expected": "plan, apply"})])
    return str(value)
