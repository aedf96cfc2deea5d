"""Names, their other spellings, domains and addresses, drawn from the word lists. Pure: random source in, text out."""

from __future__ import annotations

import re
import unicodedata
from random import Random

from partnerhub.simulator.world import words
from partnerhub.simulator.world.places import City, Country

GERMAN_FOLDS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})
FOREIGN_LETTERS = str.maketrans(
    {
        "α": "a",
        "β": "v",
        "γ": "g",
        "δ": "d",
        "ε": "e",
        "ζ": "z",
        "η": "i",
        "θ": "th",
        "ι": "i",
        "κ": "k",
        "λ": "l",
        "μ": "m",
        "ν": "n",
        "ξ": "x",
        "ο": "o",
        "π": "p",
        "ρ": "r",
        "σ": "s",
        "ς": "s",
        "τ": "t",
        "υ": "y",
        "φ": "f",
        "χ": "ch",
        "ψ": "ps",
        "ω": "o",
        "Α": "A",
        "Θ": "Th",
        "Φ": "F",
        "Κ": "K",
        "Η": "I",
        "Ν": "N",
        "Δ": "D",
        "Σ": "S",
        "Λ": "L",
        "Ε": "E",
        "Π": "P",
        "а": "a",
        "б": "b",
        "в": "v",
        "г": "h",
        "д": "d",
        "е": "e",
        "з": "z",
        "и": "y",
        "і": "i",
        "й": "i",
        "к": "k",
        "л": "l",
        "м": "m",
        "н": "n",
        "о": "o",
        "п": "p",
        "р": "r",
        "с": "s",
        "т": "t",
        "у": "u",
        "х": "kh",
        "ш": "sh",
        "ю": "iu",
        "я": "ia",
        "В": "V",
        "Д": "D",
        "З": "Z",
        "К": "K",
        "Л": "L",
        "О": "O",
        "П": "P",
        "С": "S",
        "Т": "T",
        "Ш": "Sh",
        "ь": "",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "ø": "o",
        "Ø": "O",
        "æ": "ae",
    }
)
SMALL_WORDS = frozenset(
    (
        "für",
        "de",
        "pour",
        "di",
        "voor",
        "of",
        "for",
        "and",
        "der",
        "die",
        "das",
        "och",
        "e",
        "y",
        "et",
        "la",
        "le",
    )
)


def latin(text: str) -> str:
    """The text in unaccented Latin letters: umlauts written out, Greek, Cyrillic and Japanese transliterated."""
    for native, reading in words.JAPANESE_READINGS.items():
        text = text.replace(native, reading)
    folded = text.translate(GERMAN_FOLDS)
    plain = "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
    return plain.translate(FOREIGN_LETTERS)


def unaccented(text: str) -> str:
    """The text with accents simply dropped (`Müller` → `Muller`), as typed on a foreign keyboard."""
    kept = (c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", "".join(kept)).replace("ß", "ss").replace("ł", "l").replace("Ł", "L")


def slug(text: str) -> str:
    """Latin letters and digits, lower case, words joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", latin(text).lower()).strip("-")


def draw_stem(rng: Random, language: str, taken: set[str]) -> str:
    """An invented distinctive word no other organization has; marks it as taken."""
    first, last = words.STEM_PARTS[language]
    for attempt in range(200):
        link = (
            "" if attempt < 6 else "".join(rng.choice(words.LINK_SYLLABLES) for _ in range(1 + attempt // 60))
        )
        if link and language in {"el", "uk", "ja"}:
            first, last, language = (*words.STEM_PARTS["en"], "en")
        stem = rng.choice(first) + link + rng.choice(last)
        if slug(stem) not in taken:
            taken.add(slug(stem))
            return stem
    raise AssertionError("the word lists are used up")


def draw_core_name(rng: Random, language: str, taken: set[str]) -> tuple[str, str]:
    """A name without legal form, and the distinctive part of it that its domain is made of."""
    stem = draw_stem(rng, language, taken)
    kind = rng.random()
    if kind < 0.12 and language in words.LONG_NAMES:
        pattern = rng.choice(words.LONG_NAMES[language])
        return pattern.format(stem=stem, adj=rng.choice(words.ADJECTIVES[language])), stem
    if kind < 0.24:
        second = draw_stem(rng, language, taken)
        return f"{stem} & {second}", f"{stem}-{second}"
    if kind < 0.4 or language == "ja":
        trade = rng.choice(words.TRADES[language]) if language == "ja" else ""
        return f"{stem}{trade}", stem
    trade = rng.choice(words.TRADES[language])
    return f"{stem} {trade}", f"{stem}-{trade}" if rng.random() < 0.4 else stem


def with_legal_form(core: str, form: str) -> str:
    """The full legal name; forms ending in `_` stand in front."""
    if not form:
        return core
    if form.endswith("_"):
        gap = "" if form[0] in "株合" else " "
        return f"{form[:-1]}{gap}{core}"
    return f"{core} {form}"


def acronym(core: str) -> str | None:
    """Initials of a name of three or more telling words (`Institut für Digitale Bildung` → `IDB`), else None."""
    telling = [
        w for w in re.split(r"[\s'-]+", latin(core)) if w and w.lower() not in SMALL_WORDS and w[0].isalpha()
    ]
    return "".join(w[0].upper() for w in telling) if len(telling) >= 3 else None


def typo(rng: Random, name: str) -> str:
    """The name with one slip of the finger in its longest word; first letters stay."""
    longest = max(name.split(), key=len)
    if len(longest) < 6:
        return name
    at = rng.randrange(2, len(longest) - 2)
    slips = (
        longest[:at] + longest[at + 1] + longest[at] + longest[at + 2 :],
        longest[:at] + longest[at + 1 :],
        longest[:at] + longest[at] + longest[at:],
    )
    return name.replace(longest, rng.choice(slips))


def abbreviated(core: str) -> str:
    """The name with long ordinary words shortened the way people do."""
    return " ".join(words.ABBREVIATIONS.get(word, word) for word in core.split())


def draw_place(rng: Random, country: Country, city: City) -> tuple[str, str, str]:
    """Street with number, post code and telephone number (international format) in a city."""
    street = country.street_format.format(street=rng.choice(country.streets), number=rng.randint(1, 180))
    return street, fill(rng, city.postcode), fill(rng, city.phone)


def fill(rng: Random, template: str) -> str:
    """The template with `#` replaced by any digit and, in telephone numbers, `N` by one from 2 to 9."""
    out: list[str] = []
    for char in template:
        if char == "#":
            out.append(str(rng.randint(0, 9)))
        elif char == "N" and template.startswith("+"):
            out.append(str(rng.randint(2, 9)))
        else:
            out.append(char)
    return "".join(out)


def draw_address_local(rng: Random, given: str, family: str) -> str:
    """The part before the @, in one of the styles companies use."""
    first, last = slug(given.split(" ", maxsplit=1)[0]), slug(family).replace("-", "")
    return rng.choice((f"{first}.{last}", f"{first[0]}.{last}", f"{first[0]}{last}", f"{first}.{last}", last))
