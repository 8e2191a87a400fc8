"""Images in a chat: only those that come inside the request, as `data:` URLs.

Nothing is ever fetched: neither the server nor a volunteer's PC opens an address that a client names.
"""

from __future__ import annotations

import binascii

from server.domain.chat_fields import choice, invalid, mapping, shown, unsupported, wrong_type

#: Images in one request: more than any model of this size reads well.
MAX_IMAGES = 32

#: Characters of one image's base64, which is 7.5 MB of the image itself.
MAX_IMAGE_CHARACTERS = 10_000_000

#: What the first bytes of an image that the engine reads look like, whatever its media type says.
_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")
_MEDIA_TYPES = ("image/jpeg", "image/jpg", "image/png", "image/webp")


def read_image(part: dict[str, object], param: str) -> str:
    """Return the base64 of an `image_url` part; InvalidRequest names what is wrong with it."""
    where = f"{param}.image_url"
    given = part.get("image_url")
    # The object is OpenAI's form; the bare URL is what several clients send.
    if not isinstance(given, str):
        picture = mapping(given, where)
        if picture.get("detail") is not None:
            choice(picture["detail"], f"{where}.detail", ("auto", "low", "high"))
        given = picture.get("url")
        if not isinstance(given, str):
            raise wrong_type(f"{where}.url", "a string", given)
    return _encoded(given, where)


def _encoded(url: str, where: str) -> str:
    if not url[:5].lower() == "data:":
        raise unsupported(where, "images are not fetched from addresses; send the image itself as a base64 data: URL")
    head, comma, encoded = url.partition(",")
    media_type, *rest = head[5:].lower().split(";")
    if not comma or rest[-1:] != ["base64"]:
        raise invalid(where, "a data: URL must look like data:image/png;base64,iVBORw0…")
    if media_type not in _MEDIA_TYPES:
        raise invalid(where, f"{shown(media_type)} is none of the supported types {', '.join(_MEDIA_TYPES)}")
    if len(encoded) > MAX_IMAGE_CHARACTERS:
        raise invalid(where, f"the image has {len(encoded)} characters of base64, of {MAX_IMAGE_CHARACTERS} at most")
    try:
        picture = binascii.a2b_base64(encoded, strict_mode=True)
    except ValueError:  # binascii.Error, or a character outside ASCII
        raise invalid(where, "the image is not valid base64") from None
    if not picture.startswith(_SIGNATURES):
        raise invalid(where, "this is no JPEG, PNG or WebP image")
    return encoded
