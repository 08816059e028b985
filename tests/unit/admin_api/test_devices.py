"""Browsers are told by two words that their owner knows."""

import pytest

from admin_api.devices import device_of

MOZILLA = "Mozilla/5.0"
LIKE = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("told", "device"),
    [
        (f"{MOZILLA} (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox · Windows"),
        (f"{MOZILLA} (Windows NT 10.0) {LIKE} Chrome/130.0.0.0 Safari/537.36 Edg/130.0", "Edge · Windows"),
        (f"{MOZILLA} (Macintosh; Intel Mac OS X 14_6) {LIKE} Version/18.0 Safari/605.1.15", "Safari · macOS"),
        (f"{MOZILLA} (iPhone; CPU iPhone OS 18_0 like Mac OS X) {LIKE} CriOS/130.0 Safari/604.1", "Chrome · iPhone"),
        (f"{MOZILLA} (Linux; Android 14; Pixel 8) {LIKE} Chrome/130.0.0.0 Mobile Safari/537.36", "Chrome · Android"),
        (f"{MOZILLA} (X11; Linux x86_64) {LIKE} HeadlessChrome/130.0 Safari/537.36", "Chrome · Linux"),
        (f"{MOZILLA} (X11; CrOS x86_64 14541.0.0) {LIKE} Chrome/130.0.0.0 Safari/537.36", "Chrome · ChromeOS"),
        ("curl/8.5.0", "curl"),
        ("x" * 500, "x" * 32),
        ("<script>", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_a_browser_is_told_by_its_name_and_system(told: str, device: str) -> None:
    assert device_of(told) == device
