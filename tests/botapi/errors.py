"""Refusals as the Bot API words them: status, description and response parameters."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """A refused call; `parameters` are the Bot API's ResponseParameters (retry_after, migrate_to_chat_id)."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters

    def payload(self) -> dict[str, Any]:
        """The JSON body of the refusal."""
        body: dict[str, Any] = {"ok": False, "error_code": self.status, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad_request(reason: str, **parameters: int) -> ApiError:
    """400 with the Bot API's own prefix."""
    return ApiError(400, f"Bad Request: {reason}", **parameters)


def forbidden(reason: str) -> ApiError:
    """403 with the Bot API's own prefix."""
    return ApiError(403, f"Forbidden: {reason}")


def conflict(reason: str) -> ApiError:
    """409 with the Bot API's own prefix."""
    return ApiError(409, f"Conflict: {reason}")


def too_many_requests(retry_after: int) -> ApiError:
    """429 that asks for `retry_after` seconds of silence."""
    return ApiError(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)
