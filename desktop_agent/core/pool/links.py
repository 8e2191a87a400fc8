"""Reading invite links and server addresses as people paste them."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from .. import messages
from ..errors import InsecureServer, InviteLinkInvalid, InviteNeedsServer

_CODE = re.compile(r"[A-Za-z0-9._~-]{4,200}")
_APP_SCHEME = "embedpool:"
#: What stands around a link in a mail or a chat, and what ends the sentence that it stands in.
_AROUND = " \t\r\n\"'`<>“”„‘’«»"
_AFTER = ".,;:!?)]}…"
_LINK = re.compile(rf"(?:https?://|{_APP_SCHEME})[^\s{re.escape(_AROUND)}]+", re.IGNORECASE)
#: Longest text of a clipboard that is looked through, in characters.
MAX_CLIPBOARD_CHARACTERS = 2000


@dataclass(frozen=True, slots=True)
class Invite:
    """An invite: where to join and with which code."""

    server: str
    code: str


def parse_invite(text: str, server: str | None = None) -> Invite:
    """Read `<server>/join/<code>`, a link for the app, or a bare code with its server beside it.

    Those for the app are `embedpool://join?server=…&code=…` and `embedpool://join/<code>?server=…`. Spaces, quotation
    marks and angle brackets around any of them are left out.

    Raises:
        InviteLinkInvalid: the text is none of these.
    """
    text = text.strip(_AROUND)
    if text.lower().startswith(_APP_SCHEME):
        found = _from_app_link(text)
    elif "/join/" in text:
        address, _, code = text.rpartition("/join/")
        found = (address, code.rstrip("/"))
    else:
        found = (server or "", text)
        if _CODE.fullmatch(text) and not server:
            raise InviteNeedsServer(messages.joining.INVITE_NEEDS_SERVER)
    address, code = found
    if not address or not _CODE.fullmatch(code):
        raise InviteLinkInvalid(messages.joining.INVITE_INVALID)
    return Invite(normal_server(server or address), code)


def _from_app_link(text: str) -> tuple[str, str]:
    try:
        parts = urlsplit(text)
        query = parse_qs(parts.query)
    except ValueError:
        raise InviteLinkInvalid(messages.joining.INVITE_INVALID) from None
    verb, _, code = f"{parts.netloc}{parts.path}".strip("/").partition("/")
    if verb.lower() != "join":
        raise InviteLinkInvalid(messages.joining.INVITE_INVALID)
    return query.get("server", [""])[0], code or query.get("code", [""])[0]


def find_invite(text: str) -> str | None:
    """Give the first invite link in a text, such as a clipboard holds; never a bare word, nor one of a long text."""
    if len(text) > MAX_CLIPBOARD_CHARACTERS:
        return None
    return next((link for found in _LINK.findall(text) if _is_invite(link := found.rstrip(_AFTER))), None)


def _is_invite(link: str) -> bool:
    try:
        parse_invite(link)
    except InviteLinkInvalid:
        return False
    return True


def normal_server(address: str) -> str:
    """Give the server's address in one form: scheme, host in lower case, no slash at the end.

    Raises:
        InviteLinkInvalid: it is no http or https address.
    """
    parts = _split(address if "://" in address else f"https://{address}")
    if parts is None:
        raise InviteLinkInvalid(messages.joining.server_address_invalid(address))
    scheme, netloc, path = parts
    return f"{scheme}://{netloc}{path.rstrip('/')}"


def _split(address: str) -> tuple[str, str, str] | None:
    try:
        parts = urlsplit(address.strip())
        port = parts.port
    except ValueError:
        return None
    odd = parts.username is not None or parts.query or parts.fragment or re.search(r"[\s\\]", address.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or odd:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return parts.scheme, host if port is None else f"{host}:{port}", parts.path


def host_of(server: str) -> str:
    """Give the part of a server's address that people know it by."""
    return urlsplit(server).netloc or server


def is_loopback(server: str) -> bool:
    """Tell whether the address can only be this PC."""
    host = urlsplit(server).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def require_encryption(server: str, *, allow_insecure: bool) -> None:
    """Raise InsecureServer for plain http to another machine, unless its user insists."""
    if urlsplit(server).scheme == "http" and not is_loopback(server) and not allow_insecure:
        raise InsecureServer(messages.joining.insecure_server(host_of(server)))
