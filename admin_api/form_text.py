"""Texts that forms bring, made what the store keeps: every form's text goes through here."""

from admin_api.problems import ApiError


def form_text(sent: str) -> str:
    """The text with lines that end as everywhere else; ApiError 422 for what neither database can keep."""
    if "\x00" in sent or any("\ud800" <= sign <= "\udfff" for sign in sent):
        told = "the text holds characters that cannot be kept; remove them"
        raise ApiError(422, told, kind="strange_characters")
    # Forms end lines with CRLF, whatever was typed (HTML, "constructing the entry list").
    return sent.replace("\r\n", "\n").replace("\r", "\n")
