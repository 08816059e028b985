"""Every request and answer judged twice: by the specification where it lies, by aiogram's types in any case."""

from __future__ import annotations

import types
import typing
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from tests.botapi.errors import ApiError
from tests.botapi.spec import find_spec
from tests.botapi.wire import Json, Params

if typing.TYPE_CHECKING:
    from aiogram.methods import TelegramMethod

    AiogramMethod = type[TelegramMethod[Any]]


def prepare() -> None:
    """Load both sources now; later it would stop the event loop for seconds."""
    find_spec()
    _methods()


@cache
def _methods() -> dict[str, AiogramMethod]:
    # aiogram takes seconds to import: only tests that talk to the server should pay for it.
    import aiogram.methods

    classes = (getattr(aiogram.methods, name) for name in aiogram.methods.__all__)
    # The base class among them has a property where the methods have their name.
    named = ((getattr(cls, "__api_method__", None), cls) for cls in classes)
    return {name.lower(): cls for name, cls in named if isinstance(name, str)}


@cache
def _fields(cls: AiogramMethod) -> dict[str, bool]:
    """Field name -> whether its value comes as JSON text (every type but plain text)."""
    return {
        field.alias or name: str not in _alternatives(field.annotation)
        for name, field in cls.model_fields.items()
    }


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    is_union = isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union
    return typing.get_args(annotation) if is_union else (annotation,)


@cache
def _result_type(cls: AiogramMethod) -> TypeAdapter[Any]:
    return TypeAdapter(cls.__returning__)


def is_known(method: str) -> bool:
    """Whether the Bot API has the method, by either source."""
    spec = find_spec()
    return method.lower() in _methods() or (spec is not None and spec.knows(method))


def check_request(method: str, params: Params) -> list[str]:
    """What is wrong with a request; [] when both sources accept it."""
    spec = find_spec()
    complaints = spec.check_request(method, params) if spec is not None else []
    return complaints + _unused_uploads(method, params) + _check_with_aiogram(method, params)


def check_result(method: str, result: Any) -> list[str]:
    """What is wrong with this server's own answer."""
    spec = find_spec()
    complaints = spec.check_result(method, result) if spec is not None else []
    cls = _methods().get(method.lower())
    if cls is not None:
        try:
            _result_type(cls).validate_python(result)
        except ValidationError as error:
            complaints.append(f"{method} result: {_reasons(error)}")
    return complaints


def _unused_uploads(method: str, params: Params) -> list[str]:
    text = " ".join(value for value in params.values.values() if isinstance(value, str))
    cls = _methods().get(method.lower())
    names = _fields(cls) if cls is not None else {}
    return [
        f"{method}: nothing refers to the upload {name}"
        for name in params.uploads
        if name not in names and f"attach://{name}" not in text
    ]


def _check_with_aiogram(method: str, params: Params) -> list[str]:
    cls = _methods().get(method.lower())
    if cls is None:
        return [f"{method}: unknown to aiogram"]
    fields = _fields(cls)
    complaints = [f"{method}: unknown field {name}" for name in params.values if name not in fields]
    try:
        cls.model_validate(_decoded(params, fields))
    except ApiError as error:
        complaints.append(f"{method}: {error.description}")
    except ValidationError as error:
        complaints.append(f"{method}: {_reasons(error)}")
    return complaints


def _decoded(params: Params, fields: dict[str, bool]) -> Json:
    """The values as aiogram's models take them; ApiError for broken JSON text."""
    from aiogram.types import BufferedInputFile

    values: Json = {}
    for name, value in params.values.items():
        is_structure = fields.get(name) and isinstance(value, str) and value[:1] in ("[", "{")
        values[name] = params.json(name) if is_structure else value
    for name, upload in params.uploads.items():
        if name in fields:
            values[name] = BufferedInputFile(upload.content, upload.filename)
    return values


def _reasons(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()[:3]
    )
