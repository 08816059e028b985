"""Optimistic changes: an answer carries its version as ETag, a change may name the one it is based on (RFC 9110)."""

from pydantic import BaseModel, Field

from admin_api.problems import ApiError


class IfMatch(BaseModel):
    """The condition of a change."""

    if_match: str | None = Field(None, max_length=200, description='The ETag that was read, such as "3"')


def etag(version: int) -> dict[str, str]:
    """The header that tells the version."""
    return {"ETag": f'"{version}"'}


def check(condition: IfMatch, version: int) -> None:
    """Let a change pass if it is based on this version or on any; else raise ApiError 412."""
    wanted = condition.if_match
    if wanted is None or wanted.strip() == "*":
        return
    named = {tag.strip() for tag in wanted.split(",")}  # weak tags never match here (RFC 9110, 13.1.1)
    if f'"{version}"' not in named:
        raise ApiError(
            412,
            f"somebody changed it meanwhile: it is at version {version} now; read it again",
            kind="changed_meanwhile",
        )
