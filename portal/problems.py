"""Refusals of the API as `application/problem+json` (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, JsonResponse
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError


class ProblemDetails(Schema):
    """What a refused request answers."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    errors: list[dict[str, Any]] = []


class Problem(Exception):
    """Raised by a view of the API: the request can't be answered, and why.

    `errors` names each parameter with its value and a reason; `headers` are sent with the answer.
    """

    def __init__(
        self,
        title: str,
        *,
        status: int = 400,
        detail: str = "",
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(title)
        self.title = title
        self.status = status
        self.detail = detail
        self.errors = errors
        self.headers = dict(headers or {})


def _answer(problem: Problem) -> JsonResponse:
    body = {
        "type": "about:blank",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "errors": [dict(error) for error in problem.errors],
    }
    return JsonResponse(
        body,
        status=problem.status,
        content_type="application/problem+json",
        headers=problem.headers,
    )


def no_such_operation(request: HttpRequest) -> JsonResponse:
    """Answer 404 for an address of the API that is none."""
    return _answer(Problem("Not found", status=404))


def answer_problems(api: NinjaAPI) -> None:
    """Let `api` answer its own and Ninja's refusals as problem+json."""

    @api.exception_handler(Problem)
    def _problem(request: HttpRequest, error: Problem) -> JsonResponse:
        return _answer(error)

    @api.exception_handler(ValidationError)
    def _invalid(request: HttpRequest, error: ValidationError) -> JsonResponse:
        errors = [
            {"parameter": str(one["loc"][-1]), "reason": str(one["msg"])} for one in error.errors
        ]
        return _answer(Problem("Bad request", errors=errors))

    @api.exception_handler(HttpError)
    def _http(request: HttpRequest, error: HttpError) -> JsonResponse:
        return _answer(Problem(str(error), status=error.status_code))
