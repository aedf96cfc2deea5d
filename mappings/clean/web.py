"""Websites, hosts and registrable domains, on the public suffix list bundled with tldextract. No network."""

from __future__ import annotations

import ipaddress
import re
from functools import cache, lru_cache

import idna
import tldextract

from mappings.clean.freemail import MAILBOX_PROVIDERS, NOBODYS_ENDINGS, PLATFORMS
from mappings.clean.text import CACHED_VALUES, clean_line
from mappings.clean.unreadable import Unreadable

LONGEST_HOST = 253
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):[/\\]*(?!\d+(?:/|$))", re.IGNORECASE)
AUTHORITY_END = re.compile(r"[/?#\\]")
LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
PLAIN_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
PLAIN_WEBSITE = re.compile(rf"https?://(?!www\.www\.){PLAIN_HOST.pattern}/?")
PLAIN_ADDRESS = re.compile(rf"https?://(?!www\.www\.)({PLAIN_HOST.pattern})(/[a-z0-9/._~-]*)?")
GENERIC = MAILBOX_PROVIDERS | PLATFORMS
DOTS = str.maketrans("。．｡", "...")
# An address several sites are built under is kept apart from its neighbors: foo.github.io is not bar.github.io.
SUFFIXES = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def clean_website(value: object) -> str | None:
    """A website as `https://host/path`: scheme and host in lower case, no user, no fragment. None for empty.

    Raises `Unreadable("unreadable_website")` where there is no host in it.
    """
    line = clean_line(value)
    if line is None:
        return None
    host = line.lower()
    # Nearly every website is a host, or a host with a scheme: what is more is taken apart with care.
    if len(host) <= LONGEST_HOST:
        if host.startswith("http") and PLAIN_WEBSITE.fullmatch(host):
            return host.removesuffix("/")
        if PLAIN_HOST.fullmatch(host):
            return f"https://{host}"
        if plain := PLAIN_ADDRESS.fullmatch(host):
            # Only a path may hold letters that stay as they are.
            path = line[plain.start(2) :] if plain[2] else ""
            return host[: plain.end(1)] + (path if path != "/" else "")
    return _website(line)


def clean_host(value: object) -> str | None:
    """The host of a website or domain in lower case ASCII (IDNA), without `www.`, port or final dot. None for empty.

    Raises `Unreadable("unreadable_website")`; an IP address is a host.
    """
    line = clean_line(value)
    if line is None:
        return None
    host = line.lower()
    # Nearly every host looks like this; what does not is taken apart with care.
    if len(host) <= LONGEST_HOST:
        if PLAIN_HOST.fullmatch(host):
            return _without_www(host)
        if plain := PLAIN_ADDRESS.fullmatch(host):
            return _without_www(plain[1])
    return _host(line)


def clean_domain(value: object) -> str | None:
    """The registrable domain of a website, host or domain. None for empty and for hosts without one (IP, intranet)."""
    host = clean_host(value)
    return registrable_domain(host) if host else None


def _website(line: str) -> str:
    host = _host(line)
    scheme, rest = _without_scheme(line)
    if rest in {host, host + "/"}:
        return f"{scheme}://{host}"
    authority = AUTHORITY_END.split(rest, maxsplit=1)[0]
    path = rest[len(authority) :].replace("\\", "/").partition("#")[0].replace(" ", "%20")
    place = authority.rpartition("@")[2].lower().rstrip(".")
    port = re.search(r":(\d{1,5})$", place)
    www = "www." if place.startswith("www.") and not host.startswith("www.") else ""
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{www}{shown}{':' + port[1] if port else ''}{path if path != '/' else ''}"


def _without_scheme(line: str) -> tuple[str, str]:
    """Scheme (http or https) and the rest. Raises for schemes that name no host: `mailto:`, `javascript:`."""
    found = SCHEME.match(line)
    if not found:
        return "https", line.lstrip("/")
    scheme = found[1].lower()
    if scheme in {"http", "https"}:
        return scheme, line[found.end() :]
    # `localhost.test:/x` or `example.com:` is a host before a colon, not a scheme.
    if "." in scheme:
        return "https", line
    raise Unreadable("unreadable_website")


@lru_cache(maxsize=CACHED_VALUES)
def _host(line: str) -> str:
    return _without_www(_parsed_host(line.lower()))


def _without_www(host: str) -> str:
    while host.startswith("www.") and "." in host[4:]:
        host = host[4:]
    return host


def _parsed_host(line: str) -> str:
    _, rest = _without_scheme(line)
    place = AUTHORITY_END.split(rest, maxsplit=1)[0].rpartition("@")[2].strip()
    if place.startswith("["):
        return _bracketed(place)
    host = place if place.count(":") > 1 else re.sub(r":\d*$", "", place).translate(DOTS).strip(".")
    try:
        host = host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
        return str(ipaddress.ip_address(host))
    except idna.IDNAError as error:
        raise Unreadable("unreadable_website") from error
    except ValueError:
        pass
    labels = host.split(".")
    if len(labels) == 1 or len(host) > LONGEST_HOST or not all(LABEL.fullmatch(label) for label in labels):
        raise Unreadable("unreadable_website")
    return host


def _bracketed(place: str) -> str:
    """The IPv6 address of `[::1]:8080`."""
    try:
        return str(ipaddress.ip_address(place[1:].partition("]")[0]))
    except ValueError as error:
        raise Unreadable("unreadable_website") from error


def host_of(website: str) -> str:
    """The host of a cleaned website, as `clean_host` gives it."""
    place = website.split("/", 3)[2]
    if ":" in place:
        return _host(website)
    return _without_www(place)


def registrable_domain(host: str) -> str | None:
    """The domain somebody registered, with hosting platforms counted as public: `foo.github.io`, `example.co.uk`.

    None for IP addresses, bare suffixes and names of no public ending.
    """
    return standing(host)[0]


def is_generic_host(domain: str) -> bool:
    """Whether a host or domain says nothing about an organization: free mail, providers, platforms, intranets, IPs.

    A site of its own under a platform (`foo.github.io`) is not generic; the platform itself (`github.io`) is.
    """
    return standing(domain)[1]


@lru_cache(maxsize=CACHED_VALUES)
def standing(host: str) -> tuple[str | None, bool]:
    """(registrable domain, whether generic) of a host: both answers of the two functions above at once."""
    name, _, last = host.partition(".")
    # `acme.com`: what a walk down the suffix list would answer, at a fifth of its price.
    public = _public()
    if name and last in public and host not in public and f"*.{last}" not in public:
        return host, host in GENERIC
    found = SUFFIXES.extract_str(host)
    if not found.suffix:
        registered: str | None = _unlisted_domain(host)
    else:
        registered = f"{found.domain}.{found.suffix}" if found.domain else None
    generic = registered is None or not GENERIC.isdisjoint((host, registered)) or _is_nobodys(host)
    return registered, generic


@cache
def _public() -> frozenset[str]:
    """Every rule of the suffix list as the library holds them: suffixes, `*.suffix` and exceptions."""
    return frozenset(SUFFIXES.tlds)


def _unlisted_domain(host: str) -> str | None:
    """The last two labels of a host under an ending that is on no list (`acme.test`, `acme.example`)."""
    labels = host.split(".")
    return None if len(labels) == 1 or _is_nobodys(host) else ".".join(labels[-2:])


def _is_nobodys(host: str) -> bool:
    """Whether a host is an IP address or belongs to an intranet."""
    last = host.rpartition(".")[2]
    return last in NOBODYS_ENDINGS or last.isdigit() or ":" in host
