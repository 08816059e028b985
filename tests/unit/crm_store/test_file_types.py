"""What a file is, and what its name may be."""

import string
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_store.file_types import HEAD, IMAGES, MAX_NAME, OTHER, clean_name, kind_of, mime_of, refusal
from crm_store.serving_files import headers_for
from tests.pictures import GIF, HTML, JPEG, PDF, PNG, SVG, WEBP


@pytest.mark.parametrize(
    ("content", "mime"),
    [
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (GIF, "image/gif"),
        (WEBP, "image/webp"),
        (SVG, OTHER),
        (HTML, OTHER),
        (PDF, OTHER),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", OTHER),
        (b"\x89PNG", OTHER),
        (b" " + PNG, OTHER),
        (b"BM" + bytes(50), OTHER),
        (b"", OTHER),
    ],
)
def test_only_the_bytes_tell(content: bytes, mime: str) -> None:
    assert mime_of(content[:HEAD]) == mime
    assert kind_of(mime) == ("photo" if mime in IMAGES else "file")


@pytest.mark.parametrize(
    ("name", "content", "may"),
    [
        ("label.pdf", PDF, True),
        ("LABEL.PDF", PDF, True),
        ("way.png", PNG, True),
        ("way.jpg", PNG, True),
        ("pasted", PNG, True),
        ("size.docx", b"PK\x03\x04" + bytes(30), True),
        ("prices.csv", b"a;b\n1;2", True),
        ("label.pdf", HTML, False),
        ("way.png", SVG, False),
        ("logo.svg", SVG, False),
        ("page.html", HTML, False),
        ("tool.exe", b"MZ" + bytes(30), False),
        ("way.png.exe", PNG, False),
        ("size.docx", PDF, False),
        ("all.zip", b"PK\x03\x04" + bytes(30), False),
        ("nothing", PDF, False),
    ],
)
def test_what_may_go_along_with_an_answer(name: str, content: bytes, may: bool) -> None:
    told = refusal(name, content[:HEAD])
    assert (told is None) is may
    assert told is None or (name in told and "pdf" in told)


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("photo.png", "photo.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\bill.pdf", "bill.pdf"),
        ("..", "file"),
        (".htaccess", "htaccess"),
        ("", "file"),
        (None, "file"),
        ("a\x00b\r\nSet-Cookie: x.png", "ab Set-Cookie: x.png"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("发票 2026.pdf", "发票 2026.pdf"),
        ("x" * 300 + ".jpeg", "x" * 123 + ".jpeg"),
        ("\ud800.png", "png"),
        ("foo/", "file"),
    ],
)
def test_a_name_is_only_a_name(name: str | None, clean: str) -> None:
    assert clean_name(name) == clean


@given(st.text(max_size=400))
def test_no_name_is_a_path_or_breaks_a_header(name: str) -> None:
    clean = clean_name(name)
    assert 0 < len(clean) <= MAX_NAME
    assert PurePosixPath(clean).name == PureWindowsPath(clean).name == clean or ":" in clean
    header = headers_for(OTHER, clean)["Content-Disposition"]
    assert set(header) <= set(string.ascii_letters + string.digits + "-_.~%=';* ")


@pytest.mark.parametrize("mime", ["text/html", "image/svg+xml", "application/javascript", "", OTHER])
def test_what_is_no_image_is_bytes_to_be_saved(mime: str) -> None:
    headers = headers_for(mime, "x.html")
    assert headers["Content-Type"] == OTHER
    assert headers["Content-Disposition"].startswith("attachment;")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
