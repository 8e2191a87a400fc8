"""Forms: what a person typed, read, checked and shown again with what is wrong about it.

The classes are WTForms'. Its own protection against forged requests is not used: `session` has it for every change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Self

import wtforms
from flask import request
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import NumberRange, Optional, ValidationError
from wtforms.widgets import TextInput

from server.domain.capability import valid_capability
from server.domain.errors import Conflict, InvalidRequest, Unauthenticated
from server.services.access import MAX_PATTERNS
from server.services.operator import sessions
from server.web.limits import throttled
from server.web.pages import session
from server.web.parts import pool

DAY_SECONDS = 86_400


class Form(wtforms.Form):
    """What every form of ours can do."""

    #: The services' names of things → the fields here, where they differ.
    PARAMS: ClassVar[dict[str, str]] = {}

    @classmethod
    def posted(cls, **defaults: Any) -> Self:
        """Read the form that was sent."""
        return cls(request.form, **defaults)

    @classmethod
    def asked(cls, **defaults: Any) -> Self:
        """Read the form that stands in the address."""
        return cls(request.args, **defaults)

    def refuse(self, param: str | None, message: str) -> None:
        """Note what is wrong: with the field that is named, or with the whole."""
        name = self.PARAMS.get(param or "", param or "")
        if name in self:
            self[name].errors = [*self[name].errors, message]
        else:
            self.form_errors.append(message)


@contextmanager
def refusals(form: Form) -> Iterator[None]:
    """Note in a form what a service refuses inside."""
    try:
        yield
    except (InvalidRequest, Unauthenticated, Conflict) as error:
        form.refuse(error.param, error.message)


class TokenForm(Form):
    """A form that gives a secret away: it wants the management token again, unless that was given a moment ago."""

    management_token = wtforms.PasswordField(
        "Management token",
        description="You signed in a while ago. What you ask for is secret, so give the management token once more.",
        render_kw={"autocomplete": "current-password", "maxlength": 512},
    )

    @property
    def wants_token(self) -> bool:
        """Whether the token is to be given again."""
        return session.operator().needs_token(pool().clock.now())

    def validate(self, extra_validators: Any = None) -> bool:
        """Check all fields; the token only when nothing else is wrong, so that it is typed once."""
        if not super().validate(extra_validators):
            return False
        if self.wants_token:
            self._confirm(self.management_token.data or "")
        return not self.errors

    def _confirm(self, token: str) -> None:
        if not token:
            self.management_token.errors = ["Give the management token."]
            return
        try:
            with throttled(token):
                sessions.confirm(pool(), session.operator(), token, pool().clock.now())
        except Unauthenticated as error:
            self.management_token.errors = [error.message]


def options(pairs: Iterable[tuple[str, str]]) -> list[Any]:
    """Return the choices of a field, made of (value, what is shown)."""
    return [SelectChoice(value, shown) for value, shown in pairs]


class WholeField(wtforms.IntegerField):
    """A whole number within bounds; empty is None where it may be."""

    # A browser's own field for numbers sends nothing where something else was typed: that would be no limit.
    widget = TextInput()

    def __init__(self, label: str, least: int, most: int, *, optional: bool = True, **more: Any) -> None:
        bounds = NumberRange(least, most, f"Give a whole number from {least:,} to {most:,}.")
        validators = [Optional(), bounds] if optional else [bounds]
        given = {"inputmode": "numeric", "autocomplete": "off", **more.pop("render_kw", {})}
        super().__init__(label, validators, render_kw=given, **more)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the number."""
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        try:
            super().process_formdata([valuelist[0].strip().replace(",", "")])
        except ValueError:
            raise ValueError("Give a whole number.") from None


class PatternsField(wtforms.TextAreaField):
    """Capabilities or patterns of them, one to a line or with commas between; `patterns` is what was read."""

    @property
    def patterns(self) -> list[str]:
        """The patterns; everything where none was given."""
        typed = (self.data or "").replace(",", "\n").split()
        return list(dict.fromkeys(typed)) or ["*"]

    def pre_validate(self, form: wtforms.form.BaseForm) -> None:
        """Refuse what is no pattern, by name."""
        del form  # WTForms hands it to every field.
        if len(self.patterns) > MAX_PATTERNS:
            raise ValidationError(f"Give at most {MAX_PATTERNS}.")
        for pattern in self.patterns:
            if pattern != "*" and not valid_capability(pattern):
                raise ValidationError(
                    f"“{pattern[:50]}” is none. Write one such as embed.nomic-embed-text, embed.* or *."
                )


class ExpiryField(wtforms.SelectField):
    """How long something is good for, from now on."""

    CHOICES: ClassVar[Sequence[tuple[str, str]]] = (
        ("0", "Never"),
        ("1", "1 day"),
        ("7", "7 days"),
        ("30", "30 days"),
        ("90", "90 days"),
        ("365", "1 year"),
    )

    def __init__(self, label: str, **more: Any) -> None:
        super().__init__(label, choices=options(self.CHOICES), **more)

    def expires_at(self, now: int) -> int | None:
        """Return when it ends (milliseconds since 1970, as `now` is), or None for never."""
        days = int(self.data or "0")
        return now + days * DAY_SECONDS * 1000 if days else None
