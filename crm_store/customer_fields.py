"""What a customer's fields may hold. Pure: values in, clean values out, InvalidValue for the rest."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from crm_store.errors import InvalidValue

LONGEST = {
    "external_id": 128,
    "name": 256,
    "email": 320,
    "phone": 64,
    "gender": 32,
    "address": 512,
    "language": 16,
}
MAX_ATTRIBUTES = 50
MAX_ATTRIBUTE_TEXT = 1_000
OLDEST = 150

# RFC 5321 4.5.3.1: at most 64 before and 255 after the sign. Whether somebody reads it only a message would show.
_EMAIL = re.compile(r"[^@\s,;<>()\[\]\"]{1,64}@[^@\s,;<>()\[\]\"]{1,253}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,2}")  # RFC 5646, in short
_PHONE = re.compile(r"\+?[0-9]{3,20}(?:x[0-9]{1,8})?")
_PHONE_SIGNS = re.compile(r"[\s().\-‐‑‒–—/]+")
_ABROAD = "00"
"""What is dialled for the plus of an international number (ITU-T E.164) in most countries."""
_TRUNK = re.compile(r"^\s*(\(?(?:\+|00)[0-9 .)]*)\(0\)")
"""The zero that is dialled inside a country only, as in +49 (0)30."""


def clean(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are stored; raises InvalidValue naming the first field that cannot be."""
    unknown = sorted(values.keys() - FIELDS.keys())
    if unknown:
        raise InvalidValue(f"a customer has no field '{unknown[0]}'; there are: {', '.join(sorted(FIELDS))}")
    return {name: FIELDS[name](name, value) for name, value in values.items()}


def clean_email(text: str) -> str:
    """The address as it is compared and stored: in small letters."""
    text = text.strip()
    if (
        len(text) > LONGEST["email"]
        or not _EMAIL.fullmatch(text)
        or "." not in text.rpartition("@")[2].strip(".")
    ):
        raise InvalidValue("'email' is not an e-mail address; write it like name@example.com", kind="email")
    return text.lower()


def clean_phone(text: str) -> str:
    """The number as it is compared and stored: a plus when there is one, and digits ('x' before an extension)."""
    number = international(phone_digits(text))
    if not _PHONE.fullmatch(number):
        raise InvalidValue("'phone' is not a phone number; write it like +49 30 1234567", kind="phone")
    return number


def international(number: str) -> str:
    """The number with a plus where it begins with 00; any other as it is."""
    return "+" + number.removeprefix(_ABROAD) if number.startswith(_ABROAD) else number


def phone_digits(text: str) -> str:
    """A phone number without the signs people put between the digits; other text likewise."""
    plain = _TRUNK.sub(r"\1", unicodedata.normalize("NFKC", text[: LONGEST["phone"]]))
    return _PHONE_SIGNS.sub("", plain.lower().replace("ext", "x"))


def _text(name: str, value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidValue(f"'{name}' must be a text")
    value = " ".join(value.replace("\x00", "").split())
    if len(value) > LONGEST[name]:
        raise InvalidValue(
            f"'{name}' is longer than {LONGEST[name]} characters; shorten it",
            kind="too_long",
            most=LONGEST[name],
        )
    return value or None


def _email(name: str, value: Any) -> str | None:
    text = _text(name, value)
    return None if text is None else clean_email(text)


def _phone(name: str, value: Any) -> str | None:
    text = _text(name, value)
    return None if text is None else clean_phone(text)


def _language(name: str, value: Any) -> str | None:
    text = _text(name, value)
    if text is not None and not _LANGUAGE.fullmatch(text):
        raise InvalidValue(
            "'language' is not a language code; write one such as en or zh-Hans", kind="language_code"
        )
    return text


def _age(name: str, value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= OLDEST:
        raise InvalidValue(
            f"'{name}' must be a whole number from 0 to {OLDEST}", kind="out_of_range", least=0, most=OLDEST
        )
    return value


def _number(name: str, value: Any) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
        raise InvalidValue(f"'{name}' must be the id of a customer")
    return value


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidValue(f"'{name}' must be true or false")
    return value


def _attributes(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping) or len(value) > MAX_ATTRIBUTES:
        told = f"'{name}' must be an object of at most {MAX_ATTRIBUTES} entries"
        raise InvalidValue(told, kind="many_labels", most=MAX_ATTRIBUTES)
    for key, entry in value.items():
        if not isinstance(key, str) or not 0 < len(key) <= 64:
            told = f"the names in '{name}' must be texts of 1 to 64 characters"
            raise InvalidValue(told, kind="name_length", most=64)
        if not isinstance(entry, str | int | float | bool | None):
            raise InvalidValue(f"'{key}' in '{name}' must be a text, a number, true, false or null")
        if isinstance(entry, str) and len(entry) > MAX_ATTRIBUTE_TEXT:
            told = f"'{key}' in '{name}' is longer than {MAX_ATTRIBUTE_TEXT} characters; shorten it"
            raise InvalidValue(told, kind="attribute_value", name=key, most=MAX_ATTRIBUTE_TEXT)
    return dict(value)


FIELDS: dict[str, Callable[[str, Any], Any]] = {
    "external_id": _text,
    "name": _text,
    "email": _email,
    "phone": _phone,
    "age": _age,
    "gender": _text,
    "address": _text,
    "language": _language,
    "attributes": _attributes,
    "profiling_allowed": _flag,
    "referred_by_id": _number,
}
"""Every field that may be set from outside, and who cleans it."""
