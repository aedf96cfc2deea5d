"""Websites, hosts, registrable domains, and hosts that say nothing about an organization."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.clean.unreadable import Unreadable
from mappings.clean.web import (
    SUFFIXES,
    _website,
    clean_domain,
    clean_host,
    clean_website,
    host_of,
    is_generic_host,
    registrable_domain,
)

LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?", fullmatch=True)
ENDING = st.sampled_from(
    ["com", "co.uk", "de", "github.io", "blogspot.com", "ck", "test", "kawasaki.jp", "xn--p1ai"]
)
HOST = st.builds(
    lambda labels, ending: ".".join([*labels, ending]), st.lists(LABEL, min_size=1, max_size=3), ENDING
)
TYPED = st.one_of(
    HOST,
    st.builds(
        "{}://{}{}".format,
        st.sampled_from(["http", "HTTPS"]),
        HOST,
        st.sampled_from(["", "/", "/A?b#c", ":8080/x"]),
    ),
    st.builds("www.{}".format, HOST),
    st.text(max_size=30),
)

HOSTS = [
    ("https://www.Acme.COM/about?x=1#top", "acme.com"),
    ("acme.com.", "acme.com"),
    ("http://user:pw@acme.com:8080/", "acme.com"),
    ("//acme.com/x", "acme.com"),
    ("bücher.de", "xn--bcher-kva.de"),
    ("http://192.168.0.1/x", "192.168.0.1"),
    ("http://[::1]:80/", "::1"),
    ("www.com", "www.com"),
    ("shop.acme.co.uk", "shop.acme.co.uk"),
    ("HTTPS:\\\\acme.com\\x", "acme.com"),
]
NO_HOSTS = [
    "n/a",
    "none",
    "mailto:a@b.com",
    "javascript:alert(1)",
    "http://",
    "acme",
    "a b.com",
    "-",
    "http://..",
]
DOMAINS = [
    ("shop.acme.co.uk", "acme.co.uk"),
    ("foo.blogspot.com", "foo.blogspot.com"),
    ("foo.github.io", "foo.github.io"),
    ("github.io", None),
    ("co.uk", None),
    ("10.0.0.1", None),
    ("acme.test", "acme.test"),
    ("mail.acme.example", "acme.example"),
    ("printer.local", None),
    ("city.kawasaki.jp", "city.kawasaki.jp"),
    ("www.ck", "www.ck"),
    ("foo.ck", None),
]
WEBSITES = [
    ("Acme.com", "https://acme.com"),
    ("http://www.acme.com/", "http://www.acme.com"),
    ("https://acme.com/Path?q=A#f", "https://acme.com/Path?q=A"),
    ("https://user:secret@acme.com/x", "https://acme.com/x"),
    ("acme.com:8443/x", "https://acme.com:8443/x"),
]
GENERIC = [
    "gmail.com",
    "mail.yahoo.com",
    "github.io",
    "linkedin.com",
    "localhost",
    "127.0.0.1",
    "co.uk",
    "x.internal",
]
OF_ITS_OWN = ["acme.com", "foo.github.io", "acme.test", "notgmail.com", "acme.myshopify.com"]


@pytest.mark.parametrize(("typed", "host"), HOSTS)
def test_host_of_what_people_type(typed, host):
    assert clean_host(typed) == host


@pytest.mark.parametrize("typed", NO_HOSTS)
def test_what_names_no_host_is_unreadable(typed):
    with pytest.raises(Unreadable):
        clean_host(typed)


@pytest.mark.parametrize(("host", "domain"), DOMAINS)
def test_registrable_domain(host, domain):
    assert registrable_domain(host) == domain
    assert clean_domain(host) == domain


@pytest.mark.parametrize(("typed", "website"), WEBSITES)
def test_website_keeps_path_and_loses_password(typed, website):
    assert clean_website(typed) == website


@pytest.mark.parametrize("host", GENERIC)
def test_host_that_names_nobody_is_generic(host):
    assert is_generic_host(host)


@pytest.mark.parametrize("host", OF_ITS_OWN)
def test_host_of_an_organization_is_not_generic(host):
    assert not is_generic_host(host)


@given(TYPED)
def test_cleaning_twice_changes_nothing(typed):
    try:
        host, website = clean_host(typed), clean_website(typed)
    except Unreadable:
        return
    assert clean_host(host) == host
    assert clean_website(website) == website
    assert website is None or host_of(website) == host == clean_host(website)


@given(
    st.sampled_from(["http", "HTTPS"]),
    st.sampled_from(["", "www.", "www.www."]),
    HOST,
    st.sampled_from(["", "/"]),
)
def test_short_way_to_a_website_agrees_with_the_long_one(scheme, www, host, slash):
    typed = f"{scheme}://{www}{host}{slash}"
    try:
        website = clean_website(typed)
    except Unreadable:
        return
    assert website == _website(typed)


@given(HOST)
def test_short_way_to_a_domain_agrees_with_the_suffix_list(host):
    found = SUFFIXES.extract_str(host)
    if found.suffix:
        assert registrable_domain(host) == (f"{found.domain}.{found.suffix}" if found.domain else None)
