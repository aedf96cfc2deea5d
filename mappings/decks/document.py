"""One deck as staged records: the document, its passages, and the partner it names with the values it states."""

from __future__ import annotations

import json
import posixpath
from typing import Any, Final

from mappings.canonical import record_key
from mappings.clean.text import border_text, clean_line
from mappings.clean.times import clean_time
from mappings.clean.unreadable import Unreadable
from mappings.compile import JSON, staged_row
from mappings.decks.labels import Said, disagreeing, labelled_values
from mappings.decks.partner import named_partners, stated_host
from mappings.decks.passages import citation, deck_passages
from mappings.decks.values import fill
from mappings.rows import Context, Finding, StagedOutput
from mappings.validate import sample_of

FILLED: Final = frozenset({"tier", "status", "stage", "annual_value", "renews_on", "reviewed_on"})
"""Labels that fill a field of the organization; the others are fields of its own, under their label."""
NAMING: Final = frozenset({"partner", "website"})
NOT_LOST: Final = frozenset({"picture", "connector", "slide_number", "media"})
"""Shapes that hold no text by nature; every other skipped shape is worth telling."""
PARTNER: Final = "partner"
SAID: Final = "said"
"""Among a document's own fields: field of the partner → how and where the deck says it."""


def deck(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """The document with its passages; the partner it is about, where the deck names exactly one."""
    document = _document(payload, context, output)
    output.rows["document"] = [document]
    slides = [each for each in payload.get("slides") or [] if isinstance(each, dict)]
    extractor = str(payload.get("reader") or "pptx")
    output.rows["passage"] = deck_passages(slides, document["record"], context, extractor)
    _report_skipped(payload, output)
    found = labelled_values(slides)
    names = named_partners(payload, found, context)
    if len(names) > 1:
        output.findings.append(Finding("several_partners", "partner", sample_of(", ".join(names))))
    if len(names) == 1:
        _partner(names[0], payload, found, document, context, output)


def _document(payload: dict[str, Any], context: Context, output: StagedOutput) -> dict[str, Any]:
    properties = payload.get("properties") or {}
    paths = [str(path) for path in payload.get("paths") or []]
    custom = {
        name: value
        for name, value in {
            "paths": paths,
            "author": properties.get("author"),
            "company": properties.get("company"),
            "slides": len(payload.get("slides") or []),
            "coverage": payload.get("coverage"),
        }.items()
        if value
    }
    return staged_row(
        "document",
        context,
        title=_title(payload, paths) or context.source_id,
        media_type=payload.get("media_type"),
        size_bytes=payload.get("size"),
        sha256=payload.get("sha256") if payload.get("bytes_kept") else None,
        not_fetched=None if payload.get("bytes_kept") else "too_large_to_keep",
        created_at=_time(properties.get("created"), "created", output),
        modified_at=_saved_at(payload, output),
        custom_json=JSON(custom),
    )


def _title(payload: dict[str, Any], paths: list[str]) -> str | None:
    """What the deck calls itself on its first slide, else in its properties, else its file's name."""
    slides = payload.get("slides") or []
    properties = payload.get("properties") or {}
    name = posixpath.splitext(posixpath.basename(paths[0]))[0] if paths else None
    first = slides[0].get("title") if slides else None
    for each in (first, properties.get("title"), name):
        if line := clean_line(border_text(str(each))) if each else None:
            return line
    return None


def _saved_at(payload: dict[str, Any], output: StagedOutput) -> str | None:
    """When it was last saved, as the deck itself says; else when its file was: copying changes that."""
    own = _time((payload.get("properties") or {}).get("modified"), "modified", output)
    return own or _time(payload.get("modified"), "file time", output)


def _time(value: object, name: str, output: StagedOutput) -> str | None:
    try:
        return clean_time(value)
    except Unreadable as unreadable:
        output.findings.append(Finding(unreadable.code, name, sample_of(value)))
        return None


def _partner(
    name: str,
    payload: dict[str, Any],
    found: list[Said],
    document: dict[str, Any],
    context: Context,
    output: StagedOutput,
) -> None:
    """The partner as this deck describes it, and that the deck is about it; the deck keeps which slide says what."""
    row = staged_row("organization", context, PARTNER, name=name, modified_at=document["modified_at"])
    row["host"] = stated_host(payload, found, context)
    cited: dict[str, dict[str, Any]] = {}
    for said in found:
        if said.field in NAMING or said.field in cited:
            continue  # the first statement counts; `conflicting_values` tells of the others
        if said.field in FILLED and not _filled(row, said, context, output):
            continue
        cited[said.field] = _cited(said, context)
    own = {said["label"]: said["value"] for field, said in cited.items() if field not in FILLED}
    if own:
        row["custom_json"] = JSON(own)
    if cited:
        facts = json.loads(document["custom_json"]) if document["custom_json"] else {}
        document["custom_json"] = JSON({**facts, SAID: cited})
    for field in disagreeing(said for said in found if said.field in FILLED):
        output.findings.append(Finding("conflicting_values", field, sample_of(document["title"])))
    about = staged_row(
        "relation",
        context,
        "about-partner",
        kind="about",
        from_record=document["record"],
        to_record=record_key(context.source, context.stream, context.source_id, PARTNER),
        since=None,
    )
    output.rows["organization"] = [row]
    output.rows["relation"] = [about]


def _filled(row: dict[str, Any], said: Said, context: Context, output: StagedOutput) -> bool:
    """Whether the value could be read; one that could not is reported."""
    try:
        fill(row, said.field, said.value, context.settings.get("default_currency"))
    except Unreadable as unreadable:
        output.findings.append(Finding(unreadable.code, said.label, sample_of(said.value)))
        return False
    return True


def _cited(said: Said, context: Context) -> dict[str, Any]:
    """A value as it is written, with where it stands: slide, path of shapes, and the passage to quote."""
    return {
        "label": border_text(said.label),
        "value": border_text(said.value),
        "slide": said.slide,
        "place": border_text(str(said.passage["place"])),
        "passage": citation(said.passage, context),
    }


def _report_skipped(payload: dict[str, Any], output: StagedOutput) -> None:
    skipped = (payload.get("coverage") or {}).get("skipped") or {}
    for code, count in sorted(skipped.items()):
        if code not in NOT_LOST:
            output.findings.append(Finding("shapes_not_read", code, str(count)))
