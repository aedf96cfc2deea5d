"""F01–F15: whatever happens on the way to a vendor, a page is read whole or not at all, and never for ever."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
import urllib3
from hubspot.crm.companies import ApiClient, ApiException, BasicApi, Configuration, SearchApi

from connectors.errors import FixSetup, RetryLater, SkipStream
from connectors.transport import Patience, Transport, answers, read_json
from tests.connectors.test_transport import Clock, answer, ask
from tests.faults.vendors import served

SEARCH = "POST /crm/v3/objects/companies/search"


@pytest.fixture
def clock():
    return Clock()


# ---------------------------------------------------------------- asked to wait


def test_f01_a_wait_that_was_asked_for_is_kept_and_is_no_failed_try(clock):
    outcomes = [answer(429, retry_after="7")] * 10
    assert ask(clock, *outcomes, answer(), tries=4)[1] == 11
    assert clock.slept == [7] * 10


def test_f01_being_asked_to_wait_for_ever_ends(clock):
    with pytest.raises(RetryLater):
        ask(clock, answer(429, retry_after="7"), deadline=60)
    assert clock.now <= 60


def test_f01_a_vendor_that_asks_to_wait_holds_up_nobody_else(small_hub, hubspot, jira):
    hubspot.breaks("429", retry_after=0.2, times=3)
    began = time.monotonic()
    assert small_hub.states(hubspot, jira) == ["complete", "complete"]
    assert time.monotonic() - began >= 0.6


def test_f02_a_retry_after_that_means_nothing_gives_way_to_the_own_backoff(vendor):
    connector = vendor.connector()
    for text in ("soon", "-3", "Tue, 01 Sep 2026 12:00:00 GMT", ""):
        vendor.breaks("429", retry_after=text, times=2)
        assert vendor.read(connector) == vendor.ids, text


def test_f02_a_wait_beyond_all_patience_ends_the_run_until_then_and_frees_the_source(hub, hubspot):
    hubspot.breaks("429", nth=3, retry_after=999_999, times=99)
    (result,) = hub.sync(hubspot)
    assert (result.state, len(hub.holds(hubspot))) == ("incomplete", 2)
    ((resumes_at,),) = hub.query("SELECT resumes_at FROM stream_run")
    assert resumes_at
    hub.settles(hubspot)
    assert hub.holds(hubspot) == hubspot.ids


def test_f03_waits_without_advice_grow_and_are_spread(clock):
    slept = []
    for _ in range(2):
        patience = Patience(tries=5, sleep=clock.sleep, clock=lambda: 0.0)
        with pytest.raises(RetryLater):
            Transport("Acme", patience).ask(lambda: answer(429), read_json)
        slept.append([clock.slept.pop() for _ in range(4)])
    assert slept[0] != slept[1]
    assert all(
        wait <= most for waits in slept for wait, most in zip(reversed(waits), (1, 2, 4, 8), strict=True)
    )


@pytest.mark.parametrize(
    "headers",
    [
        {"x_hubspot_ratelimit_interval_milliseconds": "9000"},
        {"x_ratelimit_reset": "2026-09-01T12:00:09Z"},
    ],
)
def test_f03_a_vendors_own_word_about_its_window_is_the_wait(clock, headers):
    assert ask(clock, answer(429, **headers), answer())[1] == 2
    assert clock.slept == [9]


def test_f04_a_search_that_is_throttled_is_asked_again(small_hub, hubspot):
    small_hub.sync(hubspot)
    hubspot.simulator.store.advance(timedelta(hours=1))
    hubspot.simulator.store.update("companies", 1001, name="Renamed")
    hubspot.breaks("429", SEARCH, times=3)
    (result,) = small_hub.sync(hubspot)
    assert (result.state, result.landed) == ("complete", 1)


def sdk(hubspot, retries=False):
    """HubSpot's own client, pointed at the simulator."""
    configuration = Configuration(host=hubspot.simulator.url)
    configuration.access_token = hubspot.simulator.token
    configuration.retries = retries
    return ApiClient(configuration)


def test_f04_the_retry_that_the_sdk_documents_leaves_searches_out(hubspot):
    hubspot.breaks("429", SEARCH)
    retry = urllib3.Retry(total=3, backoff_factor=0, status_forcelist=(429,))
    with pytest.raises(ApiException, match="429"):
        SearchApi(sdk(hubspot, retry)).do_search({"limit": 1})


# ---------------------------------------------------------------- failing servers and broken bodies


def test_f05_a_burst_of_failures_costs_nothing(vendor):
    connector = vendor.connector(tries=8)
    for status, times in (("500", 1), ("502", 4), ("503", 6), ("504", 6)):
        vendor.breaks(status, nth=2, times=times)
        assert vendor.read(connector) == vendor.ids, status


def test_f05_a_server_that_stays_down_leaves_the_stream_incomplete_where_it_was(hub, hubspot):
    hubspot.breaks("503", nth=4, times=50)
    assert hub.states(hubspot) == ["incomplete"]
    assert len(hub.holds(hubspot)) == 4
    before = served(hubspot.simulator, "GET /crm/v3/objects/companies")
    hub.settles(hubspot)
    assert hub.holds(hubspot) == hubspot.ids
    assert hub.query("SELECT read FROM stream_run WHERE run_id = 'run-2'") == [(3,)]
    assert served(hubspot.simulator, "GET /crm/v3/objects/companies") > before


@pytest.mark.parametrize("kind", ["cut", "cut_chunks", "short"])
def test_f06_a_connection_that_dies_in_a_body_leaves_no_half_page(vendor, kind):
    connector = vendor.connector()
    for after_bytes in (0, 1, 100, 333):
        vendor.breaks(kind, nth=2, times=2, after_bytes=after_bytes)
        assert vendor.read(connector) == vendor.ids, after_bytes


def test_f06_a_page_that_never_comes_whole_is_stored_not_even_in_part(hub, hubspot):
    hubspot.breaks("cut", nth=3, times=99, after_bytes=300)
    assert hub.states(hubspot) == ["incomplete"]
    assert len(hub.holds(hubspot)) == 2
    hub.settles(hubspot)
    assert hub.holds(hubspot) == hubspot.ids


def test_f07_a_body_cut_at_any_byte_is_asked_for_again(vendor):
    connector, longest = vendor.connector(), 3_000
    for after_bytes in range(0, longest, 97):
        vendor.simulator.faults.clear()
        vendor.breaks("truncate", nth=2, after_bytes=after_bytes)
        assert vendor.read(connector) == vendor.ids, after_bytes


def test_f07_a_body_that_stays_cut_is_never_the_end_of_the_data(vendor):
    vendor.breaks("truncate", nth=2, times=99)
    with pytest.raises(RetryLater):
        vendor.read()


def test_f07_the_sdk_itself_takes_a_cut_page_for_an_empty_one(hubspot):
    hubspot.breaks("truncate")
    assert not BasicApi(sdk(hubspot)).get_page().results


def test_f08_a_page_of_html_is_tried_again(vendor):
    vendor.breaks("html", nth=2, times=2)
    assert vendor.read() == vendor.ids


def test_f08_html_that_stays_is_for_a_person_who_is_told_that_something_stands_between(small_hub, vendor):
    vendor.breaks("html", times=99)
    (result,) = small_hub.sync(vendor)
    assert (result.state, small_hub.problems()) == ("needs_person", ["html_instead_of_json"])
    assert "proxy" in result.error.do


@pytest.mark.parametrize("kind", ["error_object", "empty"])
def test_f09_an_error_in_the_body_of_a_200_is_no_empty_page(vendor, kind):
    vendor.breaks(kind, nth=2, times=2)
    assert vendor.read() == vendor.ids
    vendor.breaks(kind, times=99)
    with pytest.raises(RetryLater):
        vendor.read()


# ---------------------------------------------------------------- silence, redirects, bombs


def test_f10_a_server_that_accepts_and_says_nothing_is_left_after_the_timeout(vendor):
    vendor.breaks("hang", nth=2, seconds=60)
    began = time.monotonic()
    assert vendor.read(vendor.connector(timeout_seconds=1, tries=8)) == vendor.ids
    assert time.monotonic() - began < 8, "a second of silence, not the ten of a connection"


def test_f10_a_byte_now_and_then_does_not_hold_a_reading_for_ever(vendor):
    vendor.breaks("drip", nth=2, times=99, seconds=0.1)
    began = time.monotonic()
    with pytest.raises(RetryLater):
        vendor.read(vendor.connector(deadline_seconds=0.5, tries=2))
    assert time.monotonic() - began < 30


def test_f11_a_host_nobody_knows_is_named_to_a_person(clock):
    unknown = urllib3.exceptions.NameResolutionError("api.acme.example", None, socket.gaierror(-2, "unknown"))  # type: ignore[arg-type]
    with pytest.raises(FixSetup) as caught:
        ask(clock, urllib3.exceptions.MaxRetryError(None, "/?token=canary", unknown))  # type: ignore[arg-type]
    assert (caught.value.code, "api.acme.example" in caught.value.happened) == ("no_such_host", True)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "outcome",
    [answer(407), urllib3.exceptions.ProxyError("Tunnel connection failed: 407", OSError("407"))],
)
def test_f11_a_proxy_that_refuses_is_named(clock, outcome):
    with pytest.raises(FixSetup) as caught:
        ask(clock, outcome)
    assert caught.value.code == "proxy_refused"


def test_f11_an_untrusted_certificate_is_a_matter_of_setup_and_never_ignored(clock):
    with pytest.raises(FixSetup) as caught:
        ask(clock, urllib3.exceptions.SSLError(ssl.SSLCertVerificationError("self-signed")))
    assert caught.value.code == "tls_untrusted"


@contextmanager
def listener():
    """A server that keeps what it hears."""
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        stop = threading.Event()

        def listen():
            while not stop.is_set():
                try:
                    with server.accept()[0] as connection:
                        connection.settimeout(0.5)
                        heard.append(connection.recv(65536))
                except OSError:
                    continue

        thread = threading.Thread(target=listen)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/elsewhere", heard
        stop.set()
        thread.join()


def test_f12_no_redirect_carries_the_token_elsewhere(vendor):
    with listener() as (elsewhere, heard):
        vendor.breaks("redirect", times=99, location=elsewhere)
        with pytest.raises(FixSetup):
            vendor.read()
    assert heard == []


def test_f13_an_answer_that_swells_is_given_up_and_its_stream_alone(small_hub, vendor, monkeypatch):
    monkeypatch.setattr(answers, "LARGEST_BODY", 2**20)
    vendor.breaks("gzip_bomb", times=99)
    with pytest.raises(SkipStream) as caught:
        vendor.read()
    assert caught.value.code == "answer_too_large"


# ---------------------------------------------------------------- flapping, and paging without end


def test_f14_a_run_through_a_flapping_vendor_ends_with_everything(hub, hubspot):
    hubspot.breaks("503", "*", times=10**6, share=0.5, seed=1)
    hubspot.others["tries"] = 50
    assert hub.states(hubspot) == ["complete"]
    assert hub.holds(hubspot) == hubspot.ids


def test_f14_asking_a_flapping_vendor_costs_no_more_than_two_and_a_half_times_the_requests(hubspot):
    hubspot.read()
    clean = served(hubspot.simulator)
    for seed in range(20):
        hubspot.simulator.faults.clear()
        hubspot.breaks("503", "*", times=10**6, share=0.5, seed=seed)
        assert hubspot.read(hubspot.connector(tries=50)) == hubspot.ids
    assert served(hubspot.simulator) - clean <= 20 * clean * 2.5


def test_f14_after_giving_a_vendor_up_the_next_requests_try_less(hubspot):
    hubspot.breaks("503", "*", times=10**6)
    connector = hubspot.connector(tries=8)
    tried = []
    for _ in range(3):
        before = served(hubspot.simulator)
        with pytest.raises(RetryLater):
            hubspot.read(connector)
        tried.append(served(hubspot.simulator) - before)
    hubspot.simulator.faults.clear()
    assert (tried, hubspot.read(connector)) == ([8, 2, 2], hubspot.ids)


def test_f15_a_page_token_that_repeats_ends_its_stream_and_no_other(hub, hubspot, jira):
    hubspot.breaks("repeat_token", nth=2, times=10**6)
    assert hub.states(hubspot, jira) == ["incomplete", "complete"]
    hub.settles(hubspot, jira)
    assert (hub.holds(hubspot), hub.holds(jira)) == (hubspot.ids, jira.ids)


def test_f15_the_same_page_for_ever_ends_with_every_vendor(vendor):
    vendor.breaks("repeat_token", nth=2, times=10**6)
    with pytest.raises(RetryLater):
        vendor.read()
