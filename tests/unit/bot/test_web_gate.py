"""Origins and network addresses: who may come in, and whose limit counts."""

import pytest

from bot.channels.web.gate import origin_allowed, peer_of
from bot.channels.web.limits import Allowance, Limit
from bot.channels.web.page import preferred_language

SITES = ("https://shop.example", "https://www.shop.example:8443")


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True),
        ("https://chat.example:8080", True),
        ("http://CHAT.example:8080", True),
        ("https://shop.example", True),
        ("https://www.shop.example:8443", True),
        ("http://shop.example", False),
        ("https://shop.example.evil.example", False),
        ("https://chat.example", False),
        ("https://chat.example:8080.evil.example", False),
        ("https://evil.example#chat.example:8080", False),
        ("file://chat.example:8080", False),
        ("null", False),
        ("", False),
        ("https://[", False),
    ],
)
def test_only_our_own_host_and_the_named_sites(origin: str | None, allowed: bool) -> None:
    assert origin_allowed(origin, "chat.example:8080", SITES) is allowed


@pytest.mark.parametrize(
    ("remote", "forwarded", "peer"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # not our proxy: the header is hearsay
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.1", "198.51.100.1"),  # the first was written by the visitor
        ("10.0.0.1", "1.2.3.4, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", " , ,", "10.0.0.1"),
        (None, "198.51.100.1", "unknown"),
    ],
)
def test_a_forwarded_address_counts_only_from_our_proxies(
    remote: str | None, forwarded: str | None, peer: str
) -> None:
    assert peer_of(remote, forwarded, {"10.0.0.1", "10.0.0.2"}) == peer


def test_a_limit_lets_a_burst_pass_and_then_its_rate() -> None:
    limit = Limit(Allowance(burst=3, every_s=2.0))
    assert [limit.allows("a", 10.0) for _ in range(5)] == [True, True, True, False, False]
    assert limit.allows("b", 10.0)
    assert not limit.allows("a", 11.9)
    assert limit.allows("a", 12.0)
    assert not limit.allows("a", 12.0)


@pytest.mark.parametrize(
    ("wished", "accepted", "language"),
    [
        ("zh", "en", "zh"),
        ("xx", "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        (None, "fr-FR, en;q=0.3, zh;q=0.7", "zh"),
        (None, "de", "en"),
        (None, None, "en"),
        (None, "zh;q=none,en;q=0.1", "en"),
        (None, ",;=,", "en"),
    ],
)
def test_the_page_speaks_the_first_language_it_can(
    wished: str | None, accepted: str | None, language: str
) -> None:
    assert preferred_language(wished, accepted) == language
