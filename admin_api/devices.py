"""What a browser calls itself, in two words that its owner knows it by. Pure."""

import re

BROWSERS = (
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("WeChat", r"MicroMessenger/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Safari", r"Safari/"),
)
"""In this order: nearly all say Safari, and many say Chrome, to be taken for it (RFC 9110, 10.1.5)."""
SYSTEMS = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("ChromeOS", r"CrOS"),
    ("macOS", r"Macintosh|Mac OS X"),
    ("Linux", r"Linux|X11"),
)
MAX_PROGRAM = 32


def device_of(user_agent: str) -> str:
    """Such as "Firefox · Windows"; a program's own name for what is no browser; empty when it says nothing."""
    named = [
        next((name for name, sign in table if re.search(sign, user_agent)), None)
        for table in (BROWSERS, SYSTEMS)
    ]
    if any(named):
        return " · ".join(name for name in named if name)
    program = re.match(r"[\w.+-]+", user_agent, re.ASCII)
    return program[0][:MAX_PROGRAM] if program else ""
