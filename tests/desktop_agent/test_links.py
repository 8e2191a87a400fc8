"""Invite links and addresses are read as people paste them, and nothing else is taken for one."""

from __future__ import annotations

import pytest

from desktop_agent.core.errors import InsecureServer, InviteLinkInvalid
from desktop_agent.core.pool.links import (
    MAX_CLIPBOARD_CHARACTERS,
    Invite,
    find_invite,
    is_loopback,
    normal_server,
    parse_invite,
    require_encryption,
)

LINK = "https://pool.example.org/join/ep_inv_abc"


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("https://pool.example.org/join/ep_inv_abc", None),
        ("  https://Pool.Example.org/join/ep_inv_abc/\n", None),
        ("https://pool.example.org/join/ep_inv_abc", "https://pool.example.org/"),
        ("embedpool://join?server=https%3A%2F%2Fpool.example.org&code=ep_inv_abc", None),
        ("embedpool:join?server=pool.example.org&code=ep_inv_abc", None),
        ("embedpool://join/ep_inv_abc?server=https%3A%2F%2Fpool.example.org", None),
        ("EmbedPool://JOIN/ep_inv_abc/?server=pool.example.org", None),
        ("<https://pool.example.org/join/ep_inv_abc>", None),
        ("  “https://pool.example.org/join/ep_inv_abc” \r\n", None),
        ("'embedpool://join/ep_inv_abc?server=pool.example.org'", None),
        ("ep_inv_abc", "pool.example.org"),
        ("ep_inv_abc", "https://pool.example.org"),
    ],
)
def test_every_form_of_an_invite_is_read(text: str, server: str | None) -> None:
    """A link, an app link and a bare code with its server all mean the same invite."""
    assert parse_invite(text, server) == Invite("https://pool.example.org", "ep_inv_abc")


@pytest.mark.parametrize(
    ("text", "link"),
    [
        (LINK, LINK),
        (f"  {LINK}\n", LINK),
        (f"Hello Ann,\n\nhere is your invite: {LINK}.\nIt is good for a week.\n", LINK),
        (f"Your invite (<{LINK}>) came", LINK),
        (f'<a href="{LINK}">Join</a>', LINK),
        ("See https://example.org/ and " + LINK, LINK),
        (f"{LINK} or https://other.example.org/join/efgh", LINK),
        ("embedpool://join/abcd?server=pool.example.org!", "embedpool://join/abcd?server=pool.example.org"),
        ("embedpool:join?server=pool.example.org&code=abcd", "embedpool:join?server=pool.example.org&code=abcd"),
    ],
)
def test_an_invite_is_found_in_what_a_clipboard_holds(text: str, link: str) -> None:
    """In a mail, a chat or a page's source: the link without what stands around it, and the first of several."""
    assert find_invite(text) == link
    parse_invite(link)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ep_inv_abc",
        "pool.example.org/join/abcd",
        "join",
        "https://pool.example.org",
        "https://pool.example.org/join/",
        "https://user:password@pool.example.org/join/abcd",
        "embedpool://join?code=abcd",
        LINK + " " * MAX_CLIPBOARD_CHARACTERS,
    ],
)
def test_no_other_text_of_a_clipboard_is_taken_for_an_invite(text: str) -> None:
    """Least of all a bare word, which may be a password; and a long text is none of our business."""
    assert find_invite(text) is None


def test_a_server_below_a_path_keeps_it() -> None:
    """A pool behind a path of a larger site is reached there."""
    assert parse_invite("http://127.0.0.1:8000/pool/join/abcd") == Invite("http://127.0.0.1:8000/pool", "abcd")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://pool.example.org",
        "https://pool.example.org/join/",
        "https://pool.example.org/join/a b c d",
        "embedpool://elsewhere?server=https://pool.example.org&code=abcd",
        "embedpool://join?code=abcd",
        "embedpool://join/abcd",
        "embedpool://join/a/b?server=pool.example.org",
        "embedpool://[join/abcd?server=pool.example.org",
        "ftp://pool.example.org/join/abcd",
        "https://user:password@pool.example.org/join/abcd",
        "https://pool.example.org:99999/join/abcd",
        "https:///join/abcd",
    ],
)
def test_what_is_no_invite_is_refused(text: str) -> None:
    """A text that is no invite raises an error for people, whatever it is."""
    with pytest.raises(InviteLinkInvalid):
        parse_invite(text)


def test_a_bare_code_asks_for_its_server() -> None:
    """A code alone is a good code: what is missing is said."""
    with pytest.raises(InviteLinkInvalid, match="only an invite's code"):
        parse_invite("ep_inv_abc")


def test_addresses_have_one_form() -> None:
    """Case and a slash at the end make no second server; IPv6 keeps its brackets."""
    assert normal_server("HTTPS://Pool.Example.org:8443/") == "https://pool.example.org:8443"
    assert normal_server("http://[::1]:8000") == "http://[::1]:8000"


@pytest.mark.parametrize("server", ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:1", "http://127.9.9.9"])
def test_loopback_needs_no_encryption(server: str) -> None:
    """What never leaves this PC may go in the clear."""
    assert is_loopback(server)
    require_encryption(server, allow_insecure=False)


@pytest.mark.parametrize("server", ["http://pool.example.org", "http://192.168.1.5:8000", "http://127.0.0.1.evil.org"])
def test_plain_http_to_another_machine_needs_insisting(server: str) -> None:
    """Plain http to another machine is refused, and the error says why; https is always right."""
    with pytest.raises(InsecureServer, match="begins with http://"):
        require_encryption(server, allow_insecure=False)
    require_encryption(server, allow_insecure=True)
    require_encryption(server.replace("http:", "https:"), allow_insecure=False)
