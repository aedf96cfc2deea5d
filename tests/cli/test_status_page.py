"""`status` on a screen: sources that are well take a line, streams that are not take one each."""

from __future__ import annotations

from partnerhub.cli.status_page import short_rows
from warehouse.queries.health import StreamFacts, judge
from warehouse.queries.streams import StreamStatus

AT, LATER = "2026-10-01T09:00:00.000000Z", "2026-10-01T10:00:00.000000Z"


def stream(name: str, state: str = "complete", in_source: int | None = 2, at: str = AT) -> StreamStatus:
    return StreamStatus("crm", name, state, in_source, 2, 1, None, at, at, None, None, None, None)


def rows(*streams: StreamStatus) -> list[tuple[str, ...]]:
    health = {
        (one.source, one.stream): judge(
            StreamFacts(one.source, one.stream, ended={"state": one.state}), {}, LATER
        )
        for one in streams
    }
    return [tuple(str(cell) for cell in row) for row in short_rows(list(streams), health)]


def test_streams_that_are_well_are_one_line_that_goes_by_the_oldest() -> None:
    found = rows(stream("companies", at=LATER), stream("deals"))
    assert found == [("crm", "2 streams", "Healthy", "4", "4", "2", "2026-10-01 09:00")]


def test_stream_that_needs_a_person_keeps_its_own_line() -> None:
    found = rows(stream("companies"), stream("deals", "failed"), stream("notes"))
    assert [row[1:3] for row in found] == [("deals", "Failed, action required"), ("2 others", "Healthy")]


def test_count_of_the_source_is_left_out_where_it_is_not_known_of_all() -> None:
    ((_, _, _, at_source, here, *_),) = rows(stream("companies"), stream("links", in_source=None))
    assert (at_source, here) == ("None", "4")


def test_single_stream_is_called_by_its_name() -> None:
    assert rows(stream("rows"))[0][1] == "rows"


def test_many_streams_that_fail_alike_are_one_line() -> None:
    found = rows(*(stream(str(number), "failed") for number in range(5)), stream("deals"))
    assert [row[1:3] for row in found] == [("5 streams", "Failed, action required"), ("deals", "Healthy")]
