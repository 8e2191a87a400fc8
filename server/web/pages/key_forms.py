"""Forms of a client key: what it may do, and how much."""

from __future__ import annotations

from typing import ClassVar

from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from server.domain import trust
from server.domain.trust import OF_KEYS
from server.services.access import MAX_NAME_LENGTH, Terms
from server.storage.keys import StoredKey
from server.web.management_keys import MAX_LIMIT
from server.web.pages.forms import ExpiryField, Form, PatternsField, TokenForm, WholeField, options
from server.web.pages.permissions import TrustField, patterns_of

#: Bytes → unit, largest first.
UNITS = {1024**3: "GiB", 1024**2: "MiB", 1024: "KiB", 1: "bytes"}
MEBIBYTE = 1024**2


class TermsForm(Form):
    """What a key may do."""

    PARAMS: ClassVar[dict[str, str]] = {"capabilities": "models", "expiresAt": "expiry"}

    name = StringField(
        "Name",
        [
            DataRequired("Give it a name, so that you know later whose it is."),
            Length(max=MAX_NAME_LENGTH, message=f"At most {MAX_NAME_LENGTH} characters, please."),
        ],
        description="Who or what will use it. Only you see this.",
        render_kw={"autocomplete": "off", "maxlength": MAX_NAME_LENGTH},
    )
    models = PatternsField(
        "Models",
        description="One to a line. A star at the end stands for the rest of a name. Empty: everything.",
        render_kw={"rows": 3, "spellcheck": "false", "autocapitalize": "off", "placeholder": "*"},
    )
    requests_per_minute = WholeField("Requests per minute", 1, MAX_LIMIT)
    tokens_per_day = WholeField("Tokens per day", 1, MAX_LIMIT)
    max_in_flight = WholeField("Tasks in flight", 1, MAX_LIMIT)
    stored = WholeField("Stored texts and answers", 1, MAX_LIMIT)
    stored_unit = SelectField(
        "Unit", choices=options((str(octets), name) for octets, name in UNITS.items()), default=str(MEBIBYTE)
    )
    trust = TrustField("Who may see its texts", OF_KEYS)

    def validate_stored(self, field: WholeField) -> None:
        """Refuse more bytes than can be counted."""
        if field.data and field.data * int(self.stored_unit.data) > MAX_LIMIT:
            raise ValidationError(f"That is more than {MAX_LIMIT:,} bytes.")

    def terms(self) -> Terms:
        """Return what was asked for, but for the expiry."""
        stored = self.stored.data
        return Terms(
            name=self.name.data or "",
            capabilities=self.models.patterns,
            requests_per_minute=self.requests_per_minute.data,
            tokens_per_day=self.tokens_per_day.data,
            max_in_flight=self.max_in_flight.data,
            max_stored_bytes=stored * int(self.stored_unit.data) if stored else None,
            trust=trust.parse(self.trust.data),
        )


class NewKeyForm(TermsForm, TokenForm):
    """A key to make."""

    expiry = ExpiryField("Expires", default="90", description="It stops by itself then. You can put it off later.")

    def terms_of_new(self, now: int) -> Terms:
        """Return what was asked for; `now` is milliseconds since 1970."""
        return {**self.terms(), "expires_at": self.expiry.expires_at(now)}


class KeptExpiryField(ExpiryField):
    """When something ends: as it is, or counted anew from now on."""

    KEEP = "keep"
    CHOICES = (
        (KEEP, "As it is"),
        *((days, f"{name} from now" if days != "0" else name) for days, name in ExpiryField.CHOICES),
    )


class ChangeForm(TermsForm):
    """Other terms for a key."""

    expiry = KeptExpiryField("Expires", default=KeptExpiryField.KEEP)

    def changes(self, now: int) -> Terms:
        """Return what the key may do from now on (milliseconds since 1970)."""
        if self.expiry.data == KeptExpiryField.KEEP:
            return self.terms()
        return {**self.terms(), "expires_at": self.expiry.expires_at(now)}

    @classmethod
    def of(cls, stored: StoredKey) -> ChangeForm:
        """Fill the form with a key's terms as they are."""
        octets = stored.max_stored_bytes
        unit = next(size for size in UNITS if octets % size == 0) if octets else MEBIBYTE
        return cls(
            data={
                "name": stored.name,
                "models": "\n".join(patterns_of(stored.capabilities)),
                "requests_per_minute": stored.requests_per_minute,
                "tokens_per_day": stored.tokens_per_day,
                "max_in_flight": stored.max_in_flight,
                "stored": octets // unit if octets else None,
                "stored_unit": str(unit),
                "trust": trust.Trust(stored.trust).word,
            }
        )
