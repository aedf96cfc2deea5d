"""What the transport makes of every way in which a vendor can fail."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from datetime import UTC, datetime

import pytest
import structlog
import urllib3

from connectors import transport
from connectors.errors import FixSetup, RefreshAuth, RetryLater, SkipStream, WaitForQuota
from connectors.transport import (
    Answer,
    Interrupted,
    Pace,
    PageGuard,
    Patience,
    Transport,
    read_json,
    retry_after,
)

DATE = "Tue, 01 Sep 2026 12:00:00 GMT"


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self):
        self.now = 0.0
        self.slept = []

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds

    def patience(self, **facts):
        return Patience(sleep=self.sleep, clock=lambda: self.now, jitter=lambda: 1.0, **facts)


@pytest.fixture
def clock():
    return Clock()


def answer(status=200, body=b'{"results": []}', **headers):
    return Answer(
        status, {"date": DATE} | {name.replace("_", "-"): text for name, text in headers.items()}, body
    )


def ask(clock, *outcomes, **facts):
    """Ask with attempts that turn out as given, the last one for ever; returns the result and the number of tries."""
    left = list(outcomes)
    tries = []

    def attempt():
        tries.append(1)
        outcome = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    refresh = facts.pop("can_refresh", False)
    asker = Transport("Acme", clock.patience(**facts), can_refresh=refresh)
    return asker.ask(attempt, lambda good: read_json(good, must_list="results")), len(tries)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 522, 599])
def test_a_passing_failure_is_tried_again_until_it_works(clock, status):
    assert ask(clock, answer(status), answer(status), answer()) == ({"results": []}, 3)


@pytest.mark.parametrize(
    "failure", [ConnectionResetError(), TimeoutError(), urllib3.exceptions.ProtocolError("cut")]
)
def test_a_lost_connection_is_tried_again(clock, failure):
    assert ask(clock, failure, answer())[1] == 2


@pytest.mark.parametrize(
    "body", [b"", b'{"results": [{"id"', b"<html>", b"[]", b'{"results": null}', b'{"other": []}']
)
@pytest.mark.fault("F07", "F09")
def test_a_body_that_is_no_page_is_tried_again_and_never_the_end_of_the_data(clock, body):
    assert ask(clock, answer(body=body), answer())[1] == 2
    with pytest.raises(FixSetup if body == b"<html>" else RetryLater):
        ask(clock, answer(body=body))


@pytest.mark.parametrize(
    ("status", "remedy", "code"),
    [
        (301, FixSetup, "redirected"),
        (400, SkipStream, "bad_request"),
        (401, FixSetup, "unauthorized"),
        (403, SkipStream, "forbidden"),
        (404, SkipStream, "not_found"),
        (414, SkipStream, "request_too_long"),
    ],
)
def test_a_lasting_refusal_is_named_by_its_remedy_after_one_try(clock, status, remedy, code):
    with pytest.raises(remedy) as caught:
        ask(clock, answer(status))
    assert caught.value.code == code
    assert clock.slept == []


def test_a_refused_token_that_can_be_refreshed_says_so(clock):
    with pytest.raises(RefreshAuth):
        ask(clock, answer(401), can_refresh=True)


@pytest.mark.fault("F03")
def test_waits_double_up_to_a_cap_and_tries_are_bounded(clock):
    with pytest.raises(RetryLater) as caught:
        ask(clock, answer(503), tries=6, first_wait=1, backoff_cap=5)
    assert clock.slept == [1, 2, 4, 5, 5]
    assert caught.value.code == "unavailable"


@pytest.mark.fault("F10")
def test_the_deadline_ends_it_before_the_tries_do(clock):
    with pytest.raises(RetryLater):
        ask(clock, answer(503), tries=100, first_wait=10, backoff_cap=10, deadline=35)
    assert clock.now <= 35


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7),
        ("0.5", 0.5),
        ("Tue, 01 Sep 2026 12:00:09 GMT", 9),
        ("soon", None),
        ("", None),
        ("-3", None),
        ("9e99", None),
    ],
)
@pytest.mark.fault("F02")
def test_retry_after_is_a_number_a_date_or_nonsense(text, seconds):
    assert retry_after(answer(429, retry_after=text)) == seconds


def test_the_wait_a_vendor_asks_for_is_kept(clock):
    assert ask(clock, answer(429, retry_after="7"), answer())[1] == 2
    assert clock.slept == [7]


@pytest.mark.fault("F02")
def test_a_wait_longer_than_the_patience_becomes_a_quota_with_its_end(clock):
    with pytest.raises(WaitForQuota) as caught:
        ask(clock, answer(429, retry_after="3600"), longest_wait=120)
    assert caught.value.resumes_at > datetime.now(UTC)
    assert clock.slept == []


@pytest.mark.fault("F11")
def test_a_certificate_nobody_trusts_is_a_matter_of_setup(clock):
    with pytest.raises(FixSetup) as caught:
        ask(clock, urllib3.exceptions.SSLError(ssl.SSLCertVerificationError("self-signed")))
    assert "ca_bundle" in caught.value.do


def test_a_bug_of_ours_is_not_tried_again(clock):
    with pytest.raises(ZeroDivisionError):
        ask(clock, ZeroDivisionError())
    assert clock.slept == []


def test_an_error_shows_neither_body_nor_header(clock):
    with pytest.raises(RetryLater) as caught:
        ask(clock, answer(500, b"canary-body", x_token="canary-header"), answer(body=b'{"canary": 1'))
    shown = f"{caught.value!r} {caught.value} {vars(caught.value)}"
    assert "canary" not in shown


def test_every_further_try_is_logged_without_anything_of_the_answer(clock):
    with structlog.testing.capture_logs() as logged:
        ask(clock, answer(503, b"canary"), answer(429, retry_after="3"), answer())
    assert [(one["code"], one["tried"], one["wait_seconds"]) for one in logged] == [
        ("unavailable", 1, 1.0),
        ("throttled", 2, 3.0),
    ]
    assert "canary" not in str(logged)


def test_a_wait_ends_at_once_when_the_process_is_asked_to_stop():
    asker = Transport("Acme", Patience(first_wait=60, jitter=lambda: 1.0))
    threading.Timer(0.05, transport.STOPPING.set).start()
    began = time.monotonic()
    try:
        with pytest.raises(Interrupted):
            asker.ask(lambda: answer(503), read_json)
    finally:
        transport.STOPPING.clear()
    assert time.monotonic() - began < 5


def test_a_real_closed_port_is_unreachable_and_not_a_crash(clock):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    pool = urllib3.PoolManager(retries=False)
    with pytest.raises(RetryLater) as caught:
        Transport("Acme", clock.patience(tries=2)).ask(
            lambda: pool.request("GET", f"http://127.0.0.1:{port}/"), read_json
        )
    assert caught.value.code == "unreachable"


@pytest.mark.fault("F24")
def test_a_burst_goes_through_and_the_rest_is_spread_out(clock):
    pace = Pace(per_second=2, burst=3, patience=clock.patience())
    for _ in range(7):
        pace.take()
    assert clock.slept == [0.5] * 4


def test_no_pace_is_no_wait(clock):
    Pace(per_second=0, burst=1, patience=clock.patience()).take()
    assert clock.slept == []


def test_a_token_seen_before_raises():
    guard = PageGuard()
    guard.watch("a", records=2)
    guard.watch("b", records=2)
    with pytest.raises(RetryLater) as caught:
        guard.watch("a", records=2)
    assert caught.value.code == "repeated_page_token"


@pytest.mark.fault("F15")
def test_empty_pages_without_end_raise_although_every_token_is_new():
    guard = PageGuard(most_empty=10)
    for number in range(10):
        guard.watch(number, records=0)
    with pytest.raises(RetryLater) as caught:
        guard.watch("one more", records=0)
    assert caught.value.code == "endless_paging"


def test_lone_surrogates_are_legal_json_and_arrive():
    assert read_json(answer(body=b'{"name": "\\ud800"}')) == {"name": "\ud800"}
