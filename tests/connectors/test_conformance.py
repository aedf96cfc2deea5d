"""Every connector found by name keeps the same promises (A13). How to join: `conformance/rig.py`."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

from connectors.errors import FixSetup, RefreshAuth, RetryLater, SkipStream, SyncError, WaitForQuota
from connectors.record import Op
from connectors.registry import connector_names
from tests.connectors.conformance.rig import CASES, Rig, Scene

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connectors.record import Connector, CursorState, JsonObject, Page, SourceRecord

Test = TypeVar("Test")

RECORDS = 7
PERSISTENT = 10_000
"""How often a fault strikes that is meant to stay."""


def rig_of(name: str) -> Rig:
    """The rig of one connector; a connector without one fails the suite."""
    path = Path(__file__).parent / "conformance" / f"{name}_rig.py"
    assert path.exists(), f"connector {name} has no rig: write {path.name} as conformance/rig.py says"
    rig: Rig = importlib.import_module(f"tests.connectors.conformance.{name}_rig").RIG
    return rig


def case(name: str) -> Callable[[Test], Test]:
    """Say which case of the rig protocol a test tries, so that a rig can skip it with a reason."""
    assert name in CASES

    def mark(test: Test) -> Test:
        test.case = name  # type: ignore[attr-defined]
        return test

    return mark


@pytest.fixture(params=connector_names())
def rig(request: pytest.FixtureRequest) -> Rig:
    """Each connector's rig, or a skip carrying the rig's written reason."""
    found = rig_of(request.param)
    tried: str = request.function.case
    if tried in found.skips:
        pytest.skip(f"{request.param}/{tried}: {found.skips[tried]}")
    return found


@pytest.fixture
def scene(rig: Rig, tmp_path: Path) -> Iterator[Scene]:
    """A source with a handful of records."""
    with rig.scene(tmp_path, records=RECORDS) as running:
        yield running


def read(scene: Scene, cursor: CursorState | None = None, *, full: bool = False) -> list[Page]:
    return list(scene.connector.pull(scene.stream, cursor, full=full))


def live(pages: list[Page]) -> list[SourceRecord]:
    return [record for page in pages for record in page.records if record.op is Op.UPSERT]


def ids(pages: list[Page]) -> set[str]:
    return {record.source_id for record in live(pages)}


@pytest.mark.parametrize("name", connector_names())
def test_every_skip_names_a_case_and_gives_its_reason(name: str) -> None:
    skips = rig_of(name).skips
    assert set(skips) <= set(CASES)
    assert all(len(reason) > 20 for reason in skips.values())


@case("streams")
def test_declared_streams_are_valid_and_have_distinct_names(scene: Scene) -> None:
    streams = scene.connector.streams()
    names = [stream.name for stream in streams]
    assert scene.stream in names
    assert len(set(names)) == len(names)
    assert all(name and name == name.strip() and "/" not in name for name in names)
    assert all(
        stream.precision.total_seconds() >= 0 and stream.overlap.total_seconds() >= 0 for stream in streams
    )


@case("pages")
def test_several_pages_together_hold_every_record_once(scene: Scene) -> None:
    pages = read(scene)
    assert len(pages) > 1
    assert sorted(record.source_id for record in live(pages)) == sorted(scene.expected_ids)
    assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
    assert pages[-1].cursor is not None
    assert {page.stream for page in pages} == {scene.stream}


@case("empty")
def test_an_empty_account_reads_as_one_empty_last_page(rig: Rig, tmp_path: Path) -> None:
    with rig.scene(tmp_path, records=0) as scene:
        pages = read(scene)
    assert live(pages) == []
    assert pages[-1].last


@case("twice")
@pytest.mark.parametrize("full", [False, True])
def test_reading_twice_gives_the_same_records(scene: Scene, full: bool) -> None:
    assert live(read(scene, full=full)) == live(read(scene, full=full))


@case("resume")
@pytest.mark.fault("F05", "F45")
def test_resuming_from_the_cursor_of_any_page_ends_with_every_record(scene: Scene) -> None:
    pages = read(scene)
    for stop in range(1, len(pages) + 1):
        kept = pages[:stop]
        cursors = [page.cursor for page in kept if page.cursor is not None]
        stored = json.loads(json.dumps(cursors[-1])) if cursors else None
        assert ids(kept) | ids(read(scene, stored)) == scene.expected_ids, f"killed after page {stop}"


@case("equal_timestamps")
@pytest.mark.fault("F30")
def test_records_that_share_one_timestamp_are_all_read_and_resumed(rig: Rig, tmp_path: Path) -> None:
    with rig.scene(tmp_path, records=RECORDS, equal_timestamps=True) as scene:
        first = read(scene)
        again = read(scene, first[-1].cursor)
    assert ids(first) == scene.expected_ids
    assert ids(first) | ids(again) == scene.expected_ids


@case("repeated_token")
@pytest.mark.fault("F15")
def test_a_page_token_that_repeats_raises_instead_of_looping(scene: Scene) -> None:
    scene.fault("repeat_token", PERSISTENT)
    with pytest.raises(SyncError):
        read(scene)


@case("unauthorized")
def test_a_refused_credential_says_what_to_do(scene: Scene) -> None:
    scene.fault("401", PERSISTENT)
    with pytest.raises((FixSetup, RefreshAuth)) as caught:
        read(scene)
    assert caught.value.do


@case("forbidden")
def test_a_missing_permission_skips_the_stream_and_says_which(scene: Scene) -> None:
    scene.fault("403", PERSISTENT)
    with pytest.raises(SkipStream) as caught:
        read(scene)
    assert caught.value.do


@case("throttled")
def test_a_rate_limit_is_waited_out(scene: Scene) -> None:
    scene.fault("429", 2)
    assert ids(read(scene)) == scene.expected_ids


@case("throttled")
def test_a_rate_limit_that_stays_ends_as_a_wait(scene: Scene) -> None:
    scene.fault("429", PERSISTENT)
    with pytest.raises((WaitForQuota, RetryLater)):
        read(scene)


@case("server_error")
def test_a_failing_server_is_asked_again(scene: Scene) -> None:
    scene.fault("500", 2)
    assert ids(read(scene)) == scene.expected_ids


@case("server_error")
def test_a_server_that_stays_down_is_an_error_named_retry_later(scene: Scene) -> None:
    scene.fault("500", PERSISTENT)
    with pytest.raises(RetryLater):
        read(scene)


@case("truncated")
def test_a_truncated_body_is_asked_for_again(scene: Scene) -> None:
    scene.fault("truncate", 1)
    assert ids(read(scene)) == scene.expected_ids


@case("truncated")
@pytest.mark.fault("F07")
def test_a_body_that_stays_truncated_is_never_the_end_of_the_data(scene: Scene) -> None:
    scene.fault("truncate", PERSISTENT)
    with pytest.raises((RetryLater, FixSetup)):
        read(scene)


@case("unknown_fields")
@pytest.mark.fault("F46")
def test_a_field_nobody_declared_arrives_untouched(scene: Scene) -> None:
    assert scene.unknown_field is not None
    path, value = scene.unknown_field
    assert value in [_at(record.payload, path) for record in live(read(scene))]


@case("secrets")
def test_no_secret_shows_in_a_settings_dump(scene: Scene) -> None:
    connector: Connector = scene.connector
    shown = f"{connector!r} {connector} {connector.model_dump()!r} {connector.model_dump_json()}"
    assert scene.secrets
    assert not [secret for secret in scene.secrets if secret in shown]


@case("secrets")
@pytest.mark.parametrize("kind", ["401", "500", "truncate"])
def test_no_secret_shows_in_an_error_or_its_causes(scene: Scene, kind: str) -> None:
    scene.fault(kind, PERSISTENT)  # type: ignore[arg-type]
    with pytest.raises(SyncError) as caught:
        read(scene)
    error: BaseException | None = caught.value
    while error is not None:
        assert not [secret for secret in scene.secrets if secret in f"{error!r} {error} {vars(error)!r}"]
        error = error.__cause__ or error.__context__


@case("ids")
def test_ids_are_text_and_unique_in_a_reading(scene: Scene) -> None:
    seen = [record.source_id for record in live(read(scene))]
    assert all(isinstance(one, str) and one for one in seen)
    assert len(set(seen)) == len(seen)


@case("plain")
def test_payloads_and_cursors_are_plain_json(scene: Scene) -> None:
    for page in read(scene):
        assert json.loads(json.dumps(page.cursor)) == page.cursor
        for record in page.records:
            assert json.loads(json.dumps(record.payload)) == record.payload


def _at(payload: JsonObject | None, path: str) -> object:
    found: object = payload
    for step in path.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    return found
