"""Why each source record belongs to its organization, in words: who said so, or what it has in common with which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from partnerhub.identity.explain import START

if TYPE_CHECKING:
    from collections.abc import Mapping

    from warehouse.database import Connection
    from warehouse.queries.identity import Match, Verdict
    from warehouse.queries.record import SourceRecord

METHODS: Final = {
    "founding": "the first record of this organization",
    "decision": "a person said so",
    "merged_into": "merged in the source system",
    "kept": "gone at the source; stays where it was",
    "standing": "stood there when new weights came; a person has not decided yet",
    "score": "alike enough",
}
VERDICTS: Final = {
    "same": "is the same as",
    "different": "is another than",
    "unsure": "may or may not be the same as",
}


def reasons_by_record(
    connection: Connection,
    organization_id: str,
    records: list[SourceRecord],
    names: Mapping[str, str],
) -> dict[str, list[str]]:
    """Record key → sentences, the most binding first. names: what people call each record."""
    from warehouse.queries.identity import matches_within, verdicts_on

    gone = {each.record for each in records if each.deleted_at}
    matches = matches_within(connection, organization_id)
    strongest = strongest_match(sorted(matches, key=lambda match: bool({match.left, match.right} & gone)))
    verdicts = verdicts_on(connection, organization_id)
    return {
        each.record: [
            *(verdict_words(said, each.record, names) for said in verdicts if each.record in pair_of(said)),
            *record_words(each, strongest.get(each.record), names),
        ]
        for each in records
    }


def strongest_match(matches: list[Match]) -> dict[str, Match]:
    """Record key → the first pair it is in: the strongest, and one of living records where there is one."""
    found: dict[str, Match] = {}
    for match in matches:
        found.setdefault(match.left, match)
        found.setdefault(match.right, match)
    return found


def record_words(record: SourceRecord, match: Match | None, names: Mapping[str, str]) -> list[str]:
    """How a record came here, and what it shares with its nearest neighbor."""
    if record.method == "founding":
        return [METHODS["founding"]]
    if match is None or record.method != "score":
        return [METHODS.get(record.method, f"same {record.method.partition(':')[2] or record.method}")]
    other = match.right if record.record == match.left else match.left
    return [f"is like {names.get(other, other)}: {evidence(match.why)}"]


def evidence(why: list[dict[str, Any]]) -> str:
    """`same website (acme.example); nearly the same name (Acme / Acmé), despite different cities (Bonn / Ulm)`."""
    pro = [reason_words(each) for each in why if each["weight"] > 0]
    # What two records weigh before anything is compared is a number of the sum, not something they differ in.
    con = [reason_words(each) for each in why if each["weight"] < 0 and each["what"] != START]
    return "; ".join(pro) + (f", despite {' and '.join(con)}" if con else "")


def reason_words(reason: dict[str, Any]) -> str:
    """One stored reason: the words, and the values compared."""
    values = list(dict.fromkeys(str(reason[side]) for side in ("left", "right") if reason.get(side)))
    shown = f" ({' / '.join(values)})" if values else ""
    words = str(reason["words"])
    named = words if reason["what"] != "name" or "name" in words else f"name: {words}"
    return f"{named}{shown}"


def pair_of(verdict: Verdict) -> tuple[str, str]:
    """The two records a person spoke about."""
    return verdict.left, verdict.right


def verdict_words(verdict: Verdict, record: str, names: Mapping[str, str]) -> str:
    """`ops said on 2026-10-01 that it is the same as HubSpot company 42 (one firm since 2020)`."""
    other = verdict.right if record == verdict.left else verdict.left
    reason = f" ({verdict.reason})" if verdict.reason else ""
    said = VERDICTS.get(verdict.verdict, verdict.verdict)
    return (
        f"{verdict.actor} said on {verdict.decided_at[:10]} that it {said} {names.get(other, other)}{reason}"
    )
