"""Checking calls against a machine-readable Bot API (api.json of PaulSonOfLars/telegram-bot-api-spec).

The file lies beside the project's checkout and is not part of it: `find_spec` says None where it is missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from tests.botapi.entities import utf16_length
from tests.botapi.wire import Json, Params

_SPEC_FILE = Path(__file__).parents[2].parent / "shared" / "spec" / "api.json"
_LENGTH = re.compile(r"(\d+)-(\d+) (characters|bytes)")
_CONSTANT = re.compile(r"(?:must be|always) [\"“]?(\w+)[\"”]?\.?$")
_INTEGER = re.compile(r"-?\d+\Z")
_ARRAY = "Array of "
# Fields of the Bot API 10.3 (aiogram's version) that the specification, 10.1, does not have yet.
_NEWER = frozenset({"can_send_welcome_messages"})


@cache
def find_spec() -> Spec | None:
    """The specification, when it lies beside this checkout."""
    return Spec(orjson.loads(_SPEC_FILE.read_bytes())) if _SPEC_FILE.is_file() else None


class Spec:
    """Methods and types of the Bot API; checks return complaints, [] when all is well."""

    def __init__(self, api: Json) -> None:
        self._methods: Mapping[str, Json] = {name.lower(): method for name, method in api["methods"].items()}
        self._types: Mapping[str, Json] = api["types"]

    def knows(self, method: str) -> bool:
        """Whether the Bot API has this method."""
        return method.lower() in self._methods

    def check_request(self, method: str, params: Params) -> list[str]:
        """What is wrong with a request: unknown and missing fields, types, lengths."""
        found = self._methods.get(method.lower())
        if found is None:
            return [f"{method}: no such method"]
        fields = found.get("fields", [])
        names = {field["name"] for field in fields}
        uploads = {name: "attach://" + name for name in params.uploads if name in names}
        # Lengths count after parsing; where a parse mode is given the server itself counts them.
        parsed = frozenset(("text", "caption")) if "parse_mode" in params else frozenset[str]()
        return self._fields(params.values | uploads, fields, found["name"], on_wire=True, unmeasured=parsed)

    def check_result(self, method: str, result: Any) -> list[str]:
        """What is wrong with an answer's `result`."""
        found = self._methods.get(method.lower())
        return [] if found is None else self._value(result, found["returns"], f"{found['name']} result")

    def check_type(self, name: str, value: Any) -> list[str]:
        """What is wrong with an object of the type `name`, e.g. "Update"."""
        return self._value(value, [name], name)

    def _fields(
        self,
        values: Json,
        fields: list[Json],
        path: str,
        *,
        on_wire: bool = False,
        unmeasured: frozenset[str] = frozenset(),
    ) -> list[str]:
        known = {field["name"]: field for field in fields}
        complaints = [
            f"{path}: unknown field {name}" for name in values if name not in known and name not in _NEWER
        ]
        complaints += [
            f"{path}: missing {name}"
            for name, field in known.items()
            if field["required"] and name not in values
        ]
        for name, value in values.items():
            if name in known:
                field = known[name]
                complaints += self._value(value, field["types"], f"{path}.{name}", on_wire=on_wire)
                if name not in unmeasured and isinstance(value, str):
                    complaints += _described(value, field, f"{path}.{name}")
        return complaints

    def _value(self, value: Any, types: list[str], path: str, *, on_wire: bool = False) -> list[str]:
        """Complaints of the type that fits best; several array types are one array of mixed items."""
        item_types = [name.removeprefix(_ARRAY) for name in types if name.startswith(_ARRAY)]
        others = [name for name in types if not name.startswith(_ARRAY)]
        tries = [self._array(value, item_types, path, on_wire=on_wire)] if item_types else []
        for name in others:
            tries.append(self._one(value, name, path, on_wire=on_wire))
            if not tries[-1]:
                return []
        return min(tries, key=len)

    def _array(self, value: Any, item_types: list[str], path: str, *, on_wire: bool) -> list[str]:
        items = _decoded(value) if on_wire else value
        if not isinstance(items, list):
            return [f"{path}: not an array"]
        return [
            complaint
            for position, item in enumerate(items)
            for complaint in self._value(item, item_types, f"{path}[{position}]")
        ]

    def _one(self, value: Any, name: str, path: str, *, on_wire: bool) -> list[str]:
        scalar = _SCALARS.get(name)
        if scalar is not None:
            return [] if scalar(value, on_wire) else [f"{path}: not {name}: {value!r:.40}"]
        shape = self._types.get(name)
        if shape is None:
            return []
        decoded = _decoded(value) if on_wire else value
        if shape.get("subtypes"):
            return self._value(decoded, shape["subtypes"], path)
        if not isinstance(decoded, dict):
            return [f"{path}: not an object {name}"]
        return self._fields(decoded, shape.get("fields", []), f"{path}({name})")


def _decoded(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return None


def _described(value: str, field: Json, path: str) -> list[str]:
    """What only the description says: the length, the one allowed value."""
    constant = _CONSTANT.search(field["description"])
    if constant and value != constant[1]:
        return [f"{path}: must be {constant[1]}, not {value!r:.40}"]
    limit = _LENGTH.search(field["description"])
    if limit is None or value.startswith("attach://"):
        return []
    length = len(value.encode()) if limit[3] == "bytes" else utf16_length(value)
    if int(limit[1]) <= length <= int(limit[2]):
        return []
    return [f"{path}: length {length} outside {limit[1]}-{limit[2]} {limit[3]}"]


def _is_integer(value: Any, on_wire: bool) -> bool:
    if isinstance(value, str):
        return on_wire and _INTEGER.match(value) is not None
    return isinstance(value, int) and not isinstance(value, bool)


def _is_float(value: Any, on_wire: bool) -> bool:
    if isinstance(value, str):
        return on_wire and re.fullmatch(r"-?\d+(\.\d+)?", value) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_boolean(value: Any, on_wire: bool) -> bool:
    return isinstance(value, bool) or (on_wire and value in ("true", "false", "True", "False"))


def _is_string(value: Any, on_wire: bool) -> bool:
    return isinstance(value, str)


_SCALARS = {
    "Integer": _is_integer,
    "Float": _is_float,
    "Boolean": _is_boolean,
    "String": _is_string,
    "InputFile": _is_string,
}
