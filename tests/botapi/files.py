"""Files: stored once, sent by id, downloaded through getFile; and the media objects that show them."""

from __future__ import annotations

import hashlib
import mimetypes
from pathlib import PurePath

from tests.botapi.errors import ApiError, bad_request
from tests.botapi.wire import Json, Params, Upload
from tests.botapi.world import StoredFile, World

DOWNLOAD_LIMIT = 20 * 1024 * 1024
UPLOAD_LIMIT = 50 * 1024 * 1024
PHOTO_LIMIT = 10 * 1024 * 1024
_PHOTO_SIDES = (320, 1280)


def store(world: World, kind: str, upload: Upload, *, size: int | None = None) -> StoredFile:
    """Keep a file; the same content has the same file_unique_id, every copy its own file_id."""
    serial = next(world.serial)
    unique = hashlib.sha256(upload.content or str(serial).encode()).hexdigest()[:16]
    suffix = PurePath(upload.filename).suffix or mimetypes.guess_extension(upload.mime_type) or ""
    stored = StoredFile(
        file_id=f"{kind}-{serial}-{unique}",
        unique_id=f"AQ{unique}",
        path=f"{kind}/file_{serial}{suffix}",
        content=upload.content,
        size=len(upload.content) if size is None else size,
        mime_type=upload.mime_type,
        name=upload.filename,
    )
    world.files[stored.file_id] = stored
    return stored


def resolve(world: World, params: Params, kind: str, value: str) -> StoredFile:
    """The file a call means: uploaded with it, known by file_id, or at a URL (which is not fetched)."""
    name = value.removeprefix("attach://") if value.startswith("attach://") else kind
    upload = params.uploads.get(name) if not value or value.startswith("attach://") else None
    if upload is not None:
        limit = PHOTO_LIMIT if kind == "photo" else UPLOAD_LIMIT
        if len(upload.content) > limit:
            raise ApiError(413, "Request Entity Too Large")
        if not upload.content:
            raise bad_request("file must be non-empty")
        return store(world, kind, upload)
    if value in world.files:
        return world.files[value]
    if value.startswith(("http://", "https://")):
        return store(world, kind, Upload(PurePath(value).name, b"", "application/octet-stream"))
    if not value:
        raise bad_request(f"there is no {kind} in the request")
    raise bad_request("wrong file identifier/HTTP URL specified")


def _base(stored: StoredFile) -> Json:
    return {"file_id": stored.file_id, "file_unique_id": stored.unique_id, "file_size": stored.size}


def _photo(world: World, stored: StoredFile) -> list[Json]:
    small = store(world, "thumb", Upload("thumb.jpg", stored.content[:64], "image/jpeg"))
    files = (small, stored)
    return [
        {**_base(one), "width": side, "height": side} for one, side in zip(files, _PHOTO_SIDES, strict=True)
    ]


def media_content(world: World, kind: str, stored: StoredFile, options: Json) -> Json:
    """The Message field(s) that show a file as `kind`; `options` may set duration, title, emoji."""
    if kind == "photo":
        return {"photo": _photo(world, stored)}
    shown = _base(stored)
    duration = int(options.get("duration") or 0)
    if kind in ("document", "audio", "video", "voice", "animation"):
        shown["mime_type"] = stored.mime_type
    if kind in ("document", "audio", "video", "animation") and stored.name:
        shown["file_name"] = stored.name
    if kind in ("voice", "audio", "video", "animation", "video_note"):
        shown["duration"] = duration
    if kind in ("video", "animation"):
        shown |= {"width": 640, "height": 360}
    if kind == "video_note":
        shown["length"] = 240
    if kind == "sticker":
        emoji = options.get("emoji") or "👍"
        shown |= {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
        shown["emoji"] = emoji
    content: Json = {kind: shown}
    if kind == "animation":
        content["document"] = {**_base(stored), "mime_type": stored.mime_type}
    return content


def get_file(world: World, params: Params) -> Json:
    """getFile: where to download; 400 above 20 MB."""
    stored = world.files.get(params.text("file_id"))
    if stored is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if stored.size > DOWNLOAD_LIMIT:
        raise bad_request("file is too big")
    return {**_base(stored), "file_path": stored.path}


def find_download(world: World, path: str) -> StoredFile | None:
    """The file behind a download path."""
    return next((stored for stored in world.files.values() if stored.path == path), None)
