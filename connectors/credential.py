"""What a source signs in with, and when that ends, as far as the settings themselves tell: nobody is asked."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime
from typing import ClassVar, Final

import jwt
from cryptography import x509
from pydantic import Field, SecretStr, field_validator

from connectors.record import Connector, Credential, utc_text

NEVER: Final = "never"
"""How a person says that a credential does not end by itself."""


class SignsIn(Connector):
    """A connector with a secret, which may run out one day."""

    lasting: ClassVar[frozenset[str]] = frozenset()
    """Secrets that the vendor lets live until somebody revokes them."""

    expires: str = Field(
        default="",
        description="the day on which its credential ends, `2027-03-01`, or `never`; to be told of it in time",
    )

    @field_validator("expires")
    @classmethod
    def _a_day(cls, value: str) -> str:
        """Refuse what is no day: nobody would be told."""
        if value and value != NEVER:
            try:
                date.fromisoformat(value)
            except ValueError:
                raise ValueError("write a day as 2027-03-01, or never") from None
        return value

    def credential(self) -> Credential | None:
        """The secret it signs in with. A day that a person wrote outranks what it says of itself."""
        setting = self.signs_in_with()
        if not setting or self.expires:
            return told(setting, self.expires) if setting else None
        ends_at = self.credential_ends(setting)
        return Credential(setting, ends_at, ends_at is None and setting in self.lasting)

    def signs_in_with(self) -> str:
        """The first secret among the settings that is given; empty where none is."""
        return next((name for name in type(self).model_fields if secret_in(getattr(self, name))), "")

    def credential_ends(self, setting: str) -> str | None:
        """When a secret ends by what it says of itself, as UTC text; None where it says nothing."""
        return end_of_token(secret_in(getattr(self, setting)))


def told(setting: str, expires: str) -> Credential:
    """The credential as a person describes it; a day counts from its first moment on."""
    if expires == NEVER:
        return Credential(setting, lasts=True)
    return Credential(
        setting, utc_text(datetime.combine(date.fromisoformat(expires), datetime.min.time(), UTC))
    )


def secret_in(value: object) -> str:
    """The text of a secret that is given; empty for every other setting."""
    return value.get_secret_value() if isinstance(value, SecretStr) else ""


def end_of_token(token: str) -> str | None:
    """The end that a JSON Web Token carries (`exp`), as UTC text; None for every other token. Proves nothing."""
    with suppress(jwt.PyJWTError, OverflowError, OSError, ValueError):
        ends = jwt.decode(token, options={"verify_signature": False}).get("exp")
        if isinstance(ends, int | float):
            return utc_text(datetime.fromtimestamp(ends, UTC))
    return None


def end_of_certificates(pem: bytes) -> str | None:
    """When the first of the certificates in a PEM text ends, as UTC text; None where there is none."""
    with suppress(ValueError):
        return utc_text(min(each.not_valid_after_utc for each in x509.load_pem_x509_certificates(pem)))
    return None
