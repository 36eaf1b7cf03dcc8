"""Every error as a problem document (RFC 9457) for programs, or as a page for people; both with the trace id."""

from __future__ import annotations

import errno
from typing import Any

import structlog
from flask import Flask, Response, g, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

import runtime.messages  # noqa: F401  registers the texts used here
from engine.problems import Busy, Conflict, Problem, TooLarge
from engine.records.present import finding_json
from metadata.findings import Finding, Refused, message
from runtime import jsonio
from runtime.language import language

log = structlog.get_logger("dougong.web")

PROBLEM_TYPE = "application/problem+json"

TITLES = {
    400: ("请求有误", "Bad request"),
    401: ("需要登录", "Sign-in needed"),
    403: ("没有权限", "Not allowed"),
    404: ("没有找到", "Not found"),
    405: ("不支持的方法", "Method not supported"),
    408: ("请求超时", "Request timed out"),
    409: ("数据冲突", "Conflict"),
    410: ("链接已失效", "Link expired"),
    413: ("内容过大", "Too large"),
    415: ("内容类型不对", "Wrong content type"),
    422: ("输入有误", "Input refused"),
    429: ("操作太频繁", "Too many requests"),
    500: ("服务器出错", "Server error"),
    503: ("系统正忙", "Busy"),
    507: ("存储空间已满", "No space left"),
}


def title(status: int, lang: str) -> str:
    chinese, english = TITLES.get(status, TITLES[400])
    return chinese if lang == "zh-CN" else english


def document(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    """Return the problem document of the current request."""
    return {
        "type": f"urn:dougong:problem:{code.lower()}",
        "title": title(status, language()),
        "status": status,
        "code": code,
        "detail": detail,
        "trace_id": g.get("request_id", ""),
        **more,
    }


def _respond(status: int, code: str, detail: str, headers: dict[str, str] | None = None, **more: Any) -> Response:
    if request.path.startswith("/api/") or not request.accept_mimetypes.accept_html:
        body = document(status, code, detail, **more)
        response = Response(jsonio.dump(body), status, content_type=PROBLEM_TYPE)
    else:
        lang = language()
        page = render_template(
            "error.html",
            lang=lang,
            status=status,
            title=title(status, lang),
            detail=detail,
            trace=g.get("request_id", ""),
        )
        response = Response(page, status, content_type="text/html; charset=utf-8")
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


def findings_json(findings: tuple[Finding, ...], lang: str) -> list[dict[str, str]]:
    """Findings as they travel over the API."""
    return [finding_json(one, lang) for one in findings]


def _refused(error: Refused) -> Response:
    lang = language()
    return _respond(422, "H102", message("H102", lang), findings=findings_json(error.findings, lang))


def _problem(error: Problem) -> Response:
    more: dict[str, Any] = {}
    headers = {}
    if isinstance(error, Conflict):
        more["conflict"] = {"rev": error.rev, "fields": error.fields}
    if isinstance(error, Busy):
        headers["Retry-After"] = "2"
    if "seconds" in error.params:
        headers["Retry-After"] = str(error.params["seconds"])
    return _respond(error.status, error.code, error.text(language()), headers, **more)


def _http(error: HTTPException) -> AnyResponse:
    status = error.code or 500
    lang = language()
    if isinstance(error, RequestEntityTooLarge):
        return _problem(TooLarge(**too_large_params()))
    if status == 405:
        allowed = {"Allow": ", ".join(sorted(getattr(error, "valid_methods", None) or ()))}
        return _respond(405, "H405", message("H405", lang, {"method": request.method}), allowed)
    code = {404: "H404", 408: "H408"}.get(status)
    if code:
        return _respond(status, code, message(code, lang))
    if status >= 500:
        return _crash(error)
    if error.response is not None or status < 400:  # a redirect or a ready-made answer
        return error.get_response()
    return _respond(status, "H101", message("H101", lang, {"what": error.description or error.name}))


def too_large_params() -> dict[str, Any]:
    limit = request.max_content_length or 0
    text = f"{limit / (1 << 20):.0f} MB" if limit >= 1 << 20 else f"{limit // 1024} kB"
    return {"what": {"zh-CN": "请求内容", "en": "The request"}, "limit": text}


def _csrf(error: CSRFError) -> Response:
    return _respond(403, "H403", message("H403", language()))


def _database(error: DBAPIError) -> Response:
    text = str(error.orig).lower()
    if "locked" in text or "could not obtain lock" in text or "deadlock" in text:
        return _problem(Busy())
    if "disk is full" in text or "no space left" in text:
        return _full()
    return _crash(error)


def _os_error(error: OSError) -> Response:
    return _full() if error.errno in (errno.ENOSPC, errno.EDQUOT) else _crash(error)


def _full() -> Response:
    log.error("no space left")
    return _respond(507, "H507", message("H507", language()))


def _crash(error: Exception) -> Response:
    log.error("unhandled error", exc_info=error, path=request.path)
    trace = g.get("request_id", "")
    return _respond(500, "H500", message("H500", language(), {"trace": trace}))


def install(app: Flask) -> None:
    """Let every error of the application end here."""
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(OSError, _os_error)
    app.register_error_handler(Exception, _crash)
