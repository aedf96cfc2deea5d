"""Why a text means an organization, or may mean another, in words."""

from __future__ import annotations

from partnerhub.identity.spotting.evidence import Levels

SENTENCES = {
    ("match", "word for word"): "“{said}” is its name word for word",
    ("match", "word for word, one word"): "“{said}” is its name word for word, though only one word",
    ("match", "its words"): "“{said}” is its name but for the kind of organization, which is translated",
    ("match", "its words, other order"): "“{said}” are the words of its name in another order",
    ("match", "its words, one word"): "“{said}” is the one word of its name",
    ("match", "translated"): "“{said}” is its name in another language",
    ("match", "translated, other order"): "“{said}” is its name in another language and order",
    ("match", "translated, one word"): "“{said}” is the one word of its name in another language",
    ("match", "acronym"): "“{said}” is its acronym",
    ("own words", "0"): "the name has no word of its own",
    ("bearers", "2"): "another organization bears the same name",
    ("bearers", "3"): "several other organizations bear the same name",
    ("before", "words"): "further words stand before the name",
    ("before", "tied words"): "further words stand before the name",
    ("before", "hospital"): "a hospital is named before it",
    ("before", "tied hospital"): "a hospital of it is named",
    ("before", "organization"): "an institution is named before it",
    ("before", "tied organization"): "an institution of it is named",
    ("after", "of something"): "the name goes on (“of …”)",
    ("after", "words"): "further words stand behind the name",
    ("after", "hospital"): "the name goes on with a hospital",
    ("after", "organization"): "the name goes on with an institution",
    ("country", "same"): "the text tells its country",
    ("country", "other"): "the text tells another country",
    ("city", "same"): "the text tells its city",
    ("city", "other"): "the text tells another city",
}
"""(feature, level) → how it reads, in the order of an explanation. Levels that only refine another one have none."""
ELSEWHERE = {
    "elsewhere: university": "another part of the text names a university",
    "elsewhere: organization": "another part of the text names an institution",
}


def sentences(said: str, levels: Levels) -> tuple[str, ...]:
    """The reasons for and against, in a fixed order."""
    found = [
        words.format(said=said) for (feature, level), words in SENTENCES.items() if levels[feature] == level
    ]
    return (*found, *(words for feature, words in ELSEWHERE.items() if levels[feature]))
