"""Countries and cities of the generated world: addresses, telephone numbers, legal forms, top-level domains.

Only data. In templates `#` stands for any digit and `N` for a digit from 2 to 9. Telephone templates are valid numbers of
their region; where a regulator publishes numbers for fiction, those are used.
"""

from __future__ import annotations

from typing import NamedTuple

# fmt: off
# The formatter would give every word a line of its own.


class City(NamedTuple):
    """One city: as natives write it, as others may, and how its post codes and telephone numbers look."""

    name: str
    other_name: str | None
    region: str
    postcode: str
    phone: str


class Country(NamedTuple):
    """One country: language of its names, how people write it, legal forms (a trailing `_` marks a prefix)."""

    code: str
    language: str
    weight: int
    written: tuple[str, ...]
    tlds: tuple[str, ...]
    legal_forms: tuple[str, ...]
    streets: tuple[str, ...]
    street_format: str
    cities: tuple[City, ...]


DE = Country(
    "DE", "de", 24, ("Germany", "Deutschland", "DE", "GERMANY", "D"), ("de", "de", "de", "com", "org", "eu"),
    ("GmbH", "GmbH", "GmbH", "GmbH & Co. KG", "AG", "UG (haftungsbeschränkt)", "e.V.", "gGmbH", "KG"),
    ("Lindenstraße", "Bahnhofstraße", "Am Alten Hafen", "Goethestraße", "Werkstraße", "Mühlweg", "Königsallee"),
    "{street} {number}",
    (
        City("Berlin", None, "Berlin", "10###", "+49 30 23125 ####"),
        City("Hamburg", None, "Hamburg", "20###", "+49 40 66969 ####"),
        City("München", "Munich", "Bayern", "80###", "+49 89 99998 ####"),
        City("Köln", "Cologne", "Nordrhein-Westfalen", "50###", "+49 221 4710 ####"),
        City("Frankfurt am Main", "Frankfurt", "Hessen", "60###", "+49 69 90009 ####"),
        City("Kassel", None, "Hessen", "341##", "+49 561 N######"),
        City("Leipzig", None, "Sachsen", "041##", "+49 341 N######"),
        City("Nürnberg", "Nuremberg", "Bayern", "904##", "+49 911 N######"),
        City("Göttingen", "Goettingen", "Niedersachsen", "370##", "+49 551 N######"),
        City("Lübeck", "Luebeck", "Schleswig-Holstein", "235##", "+49 451 N######"),
    ),
)
AT = Country(
    "AT", "de", 6, ("Austria", "Österreich", "AT"), ("at", "at", "com"), ("GmbH", "GmbH", "AG", "KG", "e.U."),
    ("Ringstraße", "Hauptplatz", "Mozartgasse", "Donaulände", "Schillerstraße"), "{street} {number}",
    (
        City("Wien", "Vienna", "Wien", "10#0", "+43 1 N######"),
        City("Graz", None, "Steiermark", "80#0", "+43 316 N#####"),
        City("Linz", None, "Oberösterreich", "40#0", "+43 732 N#####"),
        City("Innsbruck", None, "Tirol", "60#0", "+43 512 N#####"),
    ),
)
CH = Country(
    "CH", "de", 6, ("Switzerland", "Schweiz", "CH", "Suisse"), ("ch", "ch", "com"), ("AG", "AG", "GmbH", "Sàrl", "SA"),
    ("Bahnhofplatz", "Seefeldstrasse", "Rosengasse", "Limmatquai", "Dorfstrasse"), "{street} {number}",
    (
        City("Zürich", "Zurich", "ZH", "80##", "+41 44 N## ## ##"),
        City("Basel", None, "BS", "40##", "+41 61 N## ## ##"),
        City("Bern", "Berne", "BE", "30##", "+41 31 3## ## ##"),
        City("Genève", "Geneva", "GE", "12##", "+41 22 7## ## ##"),
    ),
)
FR = Country(
    "FR", "fr", 10, ("France", "FR", "FRANCE"), ("fr", "fr", "com", "eu"), ("SARL", "SAS", "SAS", "SA", "SCOP"),
    ("rue de la République", "avenue Victor-Hugo", "boulevard des Alpes", "rue du Moulin", "quai des Brumes"),
    "{number} {street}",
    (
        City("Paris", None, "Île-de-France", "750##", "+33 1 99 00 ## ##"),
        City("Lyon", "Lyons", "Auvergne-Rhône-Alpes", "6900#", "+33 4 65 71 ## ##"),
        City("Nantes", None, "Pays de la Loire", "44#00", "+33 2 61 91 ## ##"),
        City("Strasbourg", "Straßburg", "Grand Est", "67#00", "+33 3 53 01 ## ##"),
        City("Bordeaux", None, "Nouvelle-Aquitaine", "33#00", "+33 5 36 49 ## ##"),
    ),
)
ES = Country(
    "ES", "es", 7, ("Spain", "España", "ES"), ("es", "es", "com"), ("S.L.", "S.L.", "S.A.", "S.L.U."),
    ("Calle Mayor", "Avenida de la Paz", "Calle del Olivo", "Paseo Marítimo"), "{street}, {number}",
    (
        City("Madrid", None, "Madrid", "280##", "+34 91 N## ####"),
        City("Sevilla", "Seville", "Andalucía", "410##", "+34 954 ## ## ##"),
        City("Valencia", None, "Comunitat Valenciana", "460##", "+34 963 ## ## ##"),
        City("Bilbao", None, "País Vasco", "480##", "+34 944 ## ## ##"),
    ),
)
IT = Country(
    "IT", "it", 6, ("Italy", "Italia", "IT"), ("it", "it", "com"), ("S.r.l.", "S.r.l.", "S.p.A.", "Soc. Coop."),
    ("Via Garibaldi", "Corso Italia", "Via dei Mille", "Piazza del Mercato"), "{street} {number}",
    (
        City("Milano", "Milan", "Lombardia", "201##", "+39 02 N#######"),
        City("Torino", "Turin", "Piemonte", "101##", "+39 011 N######"),
        City("Bologna", None, "Emilia-Romagna", "401##", "+39 051 N######"),
    ),
)
NL = Country(
    "NL", "nl", 7, ("Netherlands", "Nederland", "NL", "The Netherlands"), ("nl", "nl", "com"),
    ("B.V.", "B.V.", "N.V.", "Stichting_"), ("Kerkstraat", "Oudegracht", "Stationsweg", "Havenkade"), "{street} {number}",
    (
        City("Utrecht", None, "Utrecht", "35##", "+31 30 N## ####"),
        City("Rotterdam", None, "Zuid-Holland", "30##", "+31 10 N## ####"),
        City("Groningen", None, "Groningen", "97##", "+31 50 N## ####"),
        City("Den Haag", "The Hague", "Zuid-Holland", "25##", "+31 70 N## ####"),
    ),
)
PL = Country(
    "PL", "pl", 5, ("Poland", "Polska", "PL"), ("pl", "pl", "com"), ("Sp. z o.o.", "Sp. z o.o.", "S.A."),
    ("ul. Długa", "ul. Ogrodowa", "ul. Kościuszki", "al. Zwycięstwa"), "{street} {number}",
    (
        City("Kraków", "Cracow", "małopolskie", "30-###", "+48 12 N## ## ##"),
        City("Łódź", "Lodz", "łódzkie", "90-###", "+48 42 N## ## ##"),
        City("Gdańsk", "Gdansk", "pomorskie", "80-###", "+48 58 N## ## ##"),
    ),
)
GB = Country(
    "GB", "en", 10, ("United Kingdom", "UK", "GB", "England", "Great Britain"), ("co.uk", "co.uk", "org.uk", "com"),
    ("Ltd", "Ltd", "Limited", "plc", "CIC", "LLP"),
    ("High Street", "Station Road", "Mill Lane", "Victoria Road", "Canal Street"), "{number} {street}",
    (
        City("London", None, "Greater London", "SE1 #AB", "+44 20 7946 ####"),
        City("Manchester", None, "Greater Manchester", "M1 #DE", "+44 161 496 ####"),
        City("Bristol", None, "Bristol", "BS1 #GH", "+44 117 496 ####"),
        City("Leeds", None, "West Yorkshire", "LS1 #JL", "+44 113 496 ####"),
        City("Sheffield", None, "South Yorkshire", "S1 #NP", "+44 114 496 ####"),
        City("Edinburgh", None, "Scotland", "EH1 #RT", "+44 131 496 ####"),
    ),
)
US = Country(
    "US", "en", 12, ("United States", "USA", "US", "U.S.A.", "United States of America"), ("com", "com", "org", "io", "net"),
    ("Inc.", "Inc.", "LLC", "LLC", "Corp.", "Co."),
    ("Main Street", "Oak Avenue", "Maple Drive", "Lakeview Blvd", "5th Avenue"), "{number} {street}",
    (
        City("Portland", None, "OR", "972##", "+1 503 555 ####"),
        City("Portland", None, "ME", "041##", "+1 207 555 ####"),
        City("Austin", None, "TX", "787##", "+1 512 555 ####"),
        City("Columbus", None, "OH", "432##", "+1 614 555 ####"),
        City("Springfield", None, "IL", "627##", "+1 217 555 ####"),
        City("New York", "New York City", "NY", "100##", "+1 212 555 ####"),
        City("Saint Paul", "St. Paul", "MN", "551##", "+1 651 555 ####"),
    ),
)
CA = Country(
    "CA", "en", 3, ("Canada", "CA"), ("ca", "com"), ("Inc.", "Ltd."), ("King Street", "Queen Street", "Bay Road"),
    "{number} {street}",
    (
        City("Toronto", None, "ON", "M5V #K#", "+1 416 555 ####"),
        City("Montréal", "Montreal", "QC", "H2Y #C#", "+1 514 555 ####"),
    ),
)
SE = Country(
    "SE", "sv", 4, ("Sweden", "Sverige", "SE"), ("se", "se", "com"), ("AB", "AB", "Ek. för."),
    ("Storgatan", "Kungsgatan", "Björkvägen", "Hamngatan"), "{street} {number}",
    (
        City("Göteborg", "Gothenburg", "Västra Götaland", "411 ##", "+46 31 N## ## ##"),
        City("Malmö", "Malmo", "Skåne", "211 ##", "+46 40 N## ## ##"),
        City("Uppsala", None, "Uppsala", "753 ##", "+46 18 N## ## ##"),
    ),
)
PT = Country(
    "PT", "pt", 2, ("Portugal", "PT"), ("pt", "com"), ("Lda.", "S.A."), ("Rua das Flores", "Avenida da Liberdade"),
    "{street} {number}",
    (
        City("Porto", "Oporto", "Porto", "4000-###", "+351 22 N######"),
        City("Lisboa", "Lisbon", "Lisboa", "1100-###", "+351 21 N######"),
    ),
)
BR = Country(
    "BR", "pt", 2, ("Brazil", "Brasil", "BR"), ("com.br", "org.br"), ("Ltda.", "S.A."), ("Rua da Praia", "Avenida Central"),
    "{street}, {number}",
    (
        City("São Paulo", "Sao Paulo", "SP", "01###-000", "+55 11 3### ####"),
        City("Curitiba", None, "PR", "80###-000", "+55 41 3### ####"),
    ),
)
JP = Country(
    "JP", "ja", 2, ("Japan", "日本", "JP"), ("co.jp", "jp"), ("株式会社_", "合同会社_"), ("Honmachi", "Umeda", "Gojo"),
    "{number} {street}",
    (
        City("大阪市", "Osaka", "大阪府", "530-00##", "+81 6 6### ####"),
        City("京都市", "Kyoto", "京都府", "600-80##", "+81 75 N## ####"),
    ),
)
GR = Country(
    "GR", "el", 2, ("Greece", "Ελλάδα", "GR"), ("gr", "com"), ("Α.Ε.", "Ε.Π.Ε."), ("Ermou", "Egnatia", "Athinas"),
    "{street} {number}",
    (
        City("Αθήνα", "Athens", "Αττική", "105 ##", "+30 210 N######"),
        City("Θεσσαλονίκη", "Thessaloniki", "Κεντρική Μακεδονία", "546 ##", "+30 2310 N#####"),
    ),
)
UA = Country(
    "UA", "uk", 2, ("Ukraine", "Україна", "UA"), ("com.ua", "ua"), ("ТОВ_", "ПП_"), ("Soborna", "Shevchenka", "Zelena"),
    "{street} {number}",
    (
        City("Київ", "Kyiv", "Київ", "010##", "+380 44 N## ####"),
        City("Львів", "Lviv", "Львівська область", "790##", "+380 32 N## ####"),
    ),
)

COUNTRIES: tuple[Country, ...] = (DE, AT, CH, FR, ES, IT, NL, PL, GB, US, CA, SE, PT, BR, JP, GR, UA)
BY_CODE: dict[str, Country] = {country.code: country for country in COUNTRIES}
