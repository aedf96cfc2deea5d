"""The faults of sections A–F: what can go wrong, how grave it is, and what of its answer is not built yet.

Which test shows which fault is said by the tests themselves (see `reporting`); `test_table.py` fails when one lacks.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Fault(NamedTuple):
    """One fault. missing: what the product does not do yet. elsewhere: why no test can show (all of) it here."""

    id: str
    severity: str
    line: str
    missing: str = ""
    elsewhere: str = ""

    @property
    def section(self) -> str:
        """The part of the matrix it stands in."""
        number = int(self.id[1:])
        return next(name for last, name in SECTIONS if number <= last)


SECTIONS: Final = (
    (15, "A. Transport and HTTP"),
    (26, "B. Sign-in, permissions, quotas"),
    (45, "C. Paging, cursors, time"),
    (66, "D. What the data means"),
    (86, "E. Process, database, machine"),
    (104, "F. Documents and mail"),
)

FAULTS: Final = (
    # ---- A. transport
    Fault("F01", "S3", "429 with a Retry-After in seconds"),
    Fault("F02", "S3", "Retry-After as a date, negative, nonsense or beyond all patience"),
    Fault("F03", "S3", "429 without Retry-After"),
    Fault("F04", "S1", "429 on a POST that only reads, which the SDK's own retry leaves out"),
    Fault("F05", "S3", "bursts of 500, 502, 503, 504"),
    Fault("F06", "S1", "the connection dies in the middle of a body"),
    Fault("F07", "S1", "200 with truncated JSON, which the SDK turns into an empty page"),
    Fault("F08", "S2", "200 with a page of HTML"),
    Fault("F09", "S1", "200 with an error object or an empty body"),
    Fault("F10", "S1", "a server that accepts and is silent, or sends a byte a second"),
    Fault("F11", "S3", "no such host, untrusted certificate, a proxy that refuses"),
    Fault("F12", "S1", "a redirect to another host, which would get the token"),
    Fault("F13", "S2", "a small answer that unpacks to gigabytes"),
    Fault("F14", "S3", "half of all requests fail, for a whole run"),
    Fault("F15", "S3", "paging without end: the same token, or empty pages for ever"),
    # ---- B. sign-in, permissions, quotas
    Fault("F16", "S3", "the access token expires in the middle of a run"),
    Fault("F17", "S2", "the refresh token is revoked"),
    Fault(
        "F18",
        "S1",
        "the refresh token changes with its use and the process dies before it is saved",
        elsewhere="HubSpot's and Asana's never change, so nothing is saved between runs; a changed one serves its run",
    ),
    Fault("F19", "S2", "a 401 that no new token mends"),
    Fault("F20", "S1", "permission lost for one kind of record"),
    Fault("F21", "S1", "permission lost for one field"),
    Fault(
        "F22",
        "S1",
        "a sharing rule hides some records",
    ),
    Fault("F23", "S3", "the day's quota is used up in the middle"),
    Fault("F24", "S2", "the sync takes calls that people need"),
    Fault("F25", "S3", "a secret is replaced while the hub runs"),
    Fault("F26", "S1", "the credentials lead to another account"),
    # ---- C. paging, cursors, time
    Fault("F27", "S2", "a page token or query locator expires, or dies with its session"),
    Fault("F28", "S2", "the same page is served twice"),
    Fault("F29", "S1", "records move between pages while they are read"),
    Fault("F30", "S1", "25,000 records of one moment"),
    Fault("F31", "S1", "a search that gives no more than 10,000 results"),
    Fault("F32", "S1", "records out of the order that was asked for"),
    Fault("F33", "S1", "records that appear late with older stamps"),
    Fault("F34", "S1", "a search index that lags"),
    Fault("F35", "S1", "this machine's clock is wrong"),
    Fault("F36", "S1", "a record stamped in 2099"),
    Fault("F37", "S1", "a filter that knows minutes only"),
    Fault("F38", "S1", "times read in the account's own zone"),
    Fault("F39", "S2", "hours that a clock shows twice or never"),
    Fault("F40", "S2", "times without a zone, and no times at all"),
    Fault("F41", "S1", "days that shift by a zone"),
    Fault("F42", "S3", "24:00, leap seconds, the years 1 and 9999"),
    Fault("F43", "S1", "a cursor damaged, foreign, of another version or of the future"),
    Fault(
        "F44",
        "S3",
        "a person moves a cursor back",
    ),
    Fault("F45", "S2", "a first reading of months and news at once"),
    # ---- D. what the data means
    Fault("F46", "S3", "a new field"),
    Fault("F47", "S1", "a field removed or renamed"),
    Fault("F48", "S1", "a field of another type"),
    Fault("F49", "S2", "a record deleted"),
    Fault("F50", "S1", "a record purged from the recycle bin, or all of them"),
    Fault("F51", "S1", "records merged, in chains, under new ids"),
    Fault("F52", "S2", "a record brought back"),
    Fault("F53", "S2", "a record that moves, or becomes another kind"),
    Fault("F54", "S1", "ids of 15 and 18 characters that differ by case alone"),
    Fault("F55", "S1", "ids with leading zeros or more digits than a float holds"),
    Fault("F56", "S1", "names that look like nothing: NA, None, null"),
    Fault("F57", "S2", "two records of one system with one natural key"),
    Fault("F58", "S1", "one record that no rule can read"),
    Fault("F59", "S1", "most of a page cannot be read"),
    Fault("F60", "S1", "NUL, lone surrogates, control characters"),
    Fault("F61", "S2", "one text in several Unicode spellings, full width, zero width, right to left"),
    Fault("F62", "S2", "a wrong or unknown charset"),
    Fault("F63", "S2", "fields of a megabyte, thousands of fields, JSON without a bottom"),
    Fault("F64", "S1", "amounts in many spellings and currencies"),
    Fault("F65", "S1", "associations that change without touching a record"),
    Fault("F66", "S2", "owners who left"),
    # ---- E. process, database, machine
    Fault("F67", "S1", "kill -9 at any instant"),
    Fault("F68", "S3", "SIGTERM in the middle"),
    Fault("F69", "S3", "the process that reads a deck runs out of memory"),
    Fault("F70", "S1", "the disk is full while the database is written"),
    Fault("F71", "S2", "the log cannot be written"),
    Fault("F72", "S3", "another process has locked the SQLite file"),
    Fault(
        "F73",
        "S1",
        "SQLite on a network drive or in a folder that may not be written",
    ),
    Fault("F74", "S3", "PostgreSQL restarts in the middle of a transaction"),
    Fault("F75", "S3", "deadlock, serialization failure"),
    Fault("F76", "S3", "the connection to PostgreSQL is dropped while idle"),
    Fault("F77", "S1", "two syncs of one source at once"),
    Fault("F78", "S1", "a process that sleeps through its lease and wakes up"),
    Fault("F79", "S1", "a migration that is interrupted; a schema older or newer than the program"),
    Fault("F80", "S2", "an upgrade while work waits"),
    Fault("F81", "S1", "a restored backup whose cursors are older than its source"),
    Fault("F82", "S2", "this machine's clock jumps back"),
    Fault("F83", "S2", "the scheduler or its code server is down"),
    Fault("F84", "S3", "Dagster keeps showing a run that is dead"),
    Fault("F85", "S3", "schedules missed while the machine was off"),
    Fault("F86", "S3", "a first load of very many records"),
    # ---- F. documents and mail
    Fault("F87", "S3", "a mail of 50 MB, or with 500 attachments"),
    Fault("F88", "S2", "mails nested without end, 100,000 headers, folded headers"),
    Fault("F89", "S1", "UIDVALIDITY changes"),
    Fault("F90", "S2", "a range beyond the last mail gives the last mail again"),
    Fault("F91", "S2", "one mail in several folders, or moved"),
    Fault("F92", "S2", "Message-IDs missing, shared or made up; senders made up"),
    Fault("F93", "S2", "dates that cannot be"),
    Fault("F94", "S2", "automatic replies, bounces, newsletters, invitations"),
    Fault("F95", "S1", "private mail of colleagues"),
    Fault("F96", "S1", "malicious HTML"),
    Fault("F97", "S1", "tracking pixels"),
    Fault("F98", "S2", "text that nobody sees"),
    Fault("F99", "S2", "a deck that is a zip bomb"),
    Fault("F100", "S1", "a doctype in a deck: outside entities, a billion laughs"),
    Fault("F101", "S2", "decks encrypted, damaged, renamed, with macros, links and strange paths"),
    Fault("F102", "S2", "a deck uploaded again, renamed, copied, or with one slide edited"),
    Fault("F103", "S1", "merged cells, grouped shapes, notes, charts, SmartArt, pictures"),
    Fault(
        "F104",
        "S2",
        "a fact read wrongly from a picture or by a model",
        elsewhere="nothing is read from pictures or by a model, so there is nothing of the kind to confirm",
    ),
)
