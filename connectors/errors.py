"""Errors named by remedy: the type says what to do next, the fields say to what, two sentences say why.

`do` is for the person who can mend it, `happened` for the engineer. Neither ever holds a secret or a message body.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar


class SyncError(Exception):
    """Root of every error the hub raises on purpose. Facts are attributes, so that a failure can be stored as a row."""

    remedy: ClassVar[str] = "bug"

    def __init__(
        self,
        *,
        code: str,
        do: str,
        happened: str,
        source: str = "",
        stream: str = "",
        record_id: str = "",
    ) -> None:
        """Keep the facts; `code` is stable and documented, sentences may be reworded."""
        super().__init__(code, do, happened)
        self.code = code
        self.do = do
        self.happened = happened
        self.source = source
        self.stream = stream
        self.record_id = record_id

    def __str__(self) -> str:
        """Where, what happened, what to do."""
        where = "/".join(part for part in (self.source, self.stream, self.record_id) if part)
        return f"{where + ': ' if where else ''}{self.happened} {self.do} [{self.code}]"

    def at(self, *, source: str = "", stream: str = "", record_id: str = "") -> SyncError:
        """The same error with its place filled in where it was still unknown; returns itself."""
        self.source = self.source or source
        self.stream = self.stream or stream
        self.record_id = self.record_id or record_id
        return self


class RetryLater(SyncError):
    """The source is unreachable or answers badly; the same request may work later. The stream resumes by itself."""

    remedy = "retry_later"


class RefreshAuth(SyncError):
    """The access token is no longer accepted; refresh it once, then the same request again."""

    remedy = "refresh_auth"


class WaitForQuota(SyncError):
    """The vendor's quota is used up. `resumes_at` (UTC) says when it is worth asking again, where known."""

    remedy = "wait_for_quota"

    def __init__(self, *, resumes_at: datetime | None = None, **facts: str) -> None:
        """Keep the reset time beside the usual facts."""
        super().__init__(**facts)
        self.resumes_at = resumes_at


class SkipRecord(SyncError):
    """One record cannot be read. It is quarantined under `code`; its neighbors go on."""

    remedy = "skip_record"


class SkipStream(SyncError):
    """One stream may not be read (permission, scope). The other streams go on, and nothing counts as deleted."""

    remedy = "skip_stream"


class FixSetup(SyncError):
    """A person must change a setting, a credential or a file before this source can go on."""

    remedy = "fix_setup"
