"""Takes the file out of a multipart request."""

from __future__ import annotations

from flask import request
from werkzeug.datastructures import FileStorage

from metadata.findings import Finding, Refused


def uploaded(*known: str) -> tuple[FileStorage, dict[str, str]]:
    """Return the part named ``file`` and the text parts. Raises :class:`Refused` for a missing or unknown part."""
    allowed = {*known, "csrf_token"}
    findings = [Finding("H108", f"/{key}", {"key": key}) for key in request.form if key not in allowed]
    findings += [Finding("H108", f"/{key}", {"key": key}) for key in request.files if key != "file"]
    part = request.files.get("file")
    if part is None or not part.filename:
        findings.append(Finding("H109", "/file", {"key": "file"}))
    if findings or part is None:
        raise Refused(findings)
    return part, request.form.to_dict()
