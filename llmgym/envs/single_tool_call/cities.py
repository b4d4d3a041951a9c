"""The cities of the weather tasks, their names, and the rule that finds one in a text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

__all__ = ["CITIES", "City", "accepted_names", "aliases_of", "cities_in", "normalise"]


@dataclass(frozen=True, slots=True)
class City:
    """A city of the table.

    Attributes:
        name: The name in full.
        regions: Regions or countries that may follow the name.
        aliases: Other names of the city that are as good as the full one.
        descriptions: Phrases that mean this city and no other, but that are not its name.
    """

    name: str
    regions: tuple[str, ...]
    aliases: tuple[str, ...]
    descriptions: tuple[str, ...]


# name | regions | aliases | descriptions; entries of a column are separated by semicolons.
_TABLE = """
New York|NY;New York;USA;US;United States|nyc;new york city;ny|the Big Apple;the city where the Statue of Liberty stands
San Francisco|CA;California;USA;US;United States|sf;san fran|the city at the south end of the Golden Gate Bridge
Los Angeles|CA;California;USA;US;United States|la;l.a.|the city that Hollywood is a part of
San Diego|CA;California;USA;US;United States||
Chicago|IL;Illinois;USA;US;United States|chi-town|the Windy City
Boston|MA;Massachusetts;USA;US;United States||Beantown
Seattle|WA;Washington;USA;US;United States||the city where the Space Needle stands
Denver|CO;Colorado;USA;US;United States||the Mile High City
Detroit|MI;Michigan;USA;US;United States||the Motor City
Houston|TX;Texas;USA;US;United States||
Nashville|TN;Tennessee;USA;US;United States||the Music City of Tennessee
New Orleans|LA;Louisiana;USA;US;United States|nola|the Big Easy
Las Vegas|NV;Nevada;USA;US;United States|vegas|Sin City
Philadelphia|PA;Pennsylvania;USA;US;United States|philly|the City of Brotherly Love
Baltimore|MD;Maryland;USA;US;United States||
Miami|FL;Florida;USA;US;United States||
Atlanta|GA;Georgia;USA;US;United States||
Minneapolis|MN;Minnesota;USA;US;United States||
Salt Lake City|UT;Utah;USA;US;United States|slc|the capital of Utah
Washington|DC;District of Columbia;USA;US;United States|dc|the city where the White House stands
Toronto|ON;Ontario;Canada||the city where the CN Tower stands
Montréal|QC;Quebec;Canada||
Vancouver|BC;British Columbia;Canada||
Mexico City|CDMX;Mexico|cdmx;ciudad de mexico|the capital of Mexico
Havana|Cuba|la habana|the capital of Cuba
Bogotá|Colombia||the capital of Colombia
Lima|Peru||the capital of Peru
Quito|Ecuador||the capital of Ecuador
Santiago|Chile|santiago de chile|the capital of Chile
Buenos Aires|Argentina||the capital of Argentina
Montevideo|Uruguay||the capital of Uruguay
Rio de Janeiro|Brazil|rio|the city that Christ the Redeemer looks down on
São Paulo|Brazil||
London|England;UK;United Kingdom||the city where Big Ben strikes
Edinburgh|Scotland;UK;United Kingdom||the capital of Scotland
Glasgow|Scotland;UK;United Kingdom||
Manchester|England;UK;United Kingdom||
Liverpool|England;UK;United Kingdom||the home town of the Beatles
Cardiff|Wales;UK;United Kingdom||the capital of Wales
Dublin|Ireland||the capital of Ireland
Paris|France||the City of Light;the city where the Eiffel Tower stands
Lyon|France||
Marseille|France|marseilles|
Brussels|Belgium|bruxelles|the city where the Atomium stands
Amsterdam|Netherlands;The Netherlands;Holland||the city of the Rijksmuseum
Rotterdam|Netherlands;The Netherlands;Holland||
Berlin|Germany||the city where the Brandenburg Gate stands
Hamburg|Germany||
Munich|Germany|münchen|
Cologne|Germany|köln|
Vienna|Austria|wien|the capital of Austria
Salzburg|Austria||the birthplace of Mozart
Zürich|Switzerland|zuerich|
Geneva|Switzerland|genève|
Rome|Italy|roma|the Eternal City;the city where the Colosseum stands
Venice|Italy|venezia|the city of the Rialto Bridge
Florence|Italy|firenze|the city of the Uffizi
Milan|Italy|milano|the city of La Scala
Naples|Italy|napoli|
Madrid|Spain||the city of the Prado
Barcelona|Spain||the city where the Sagrada Familia stands
Seville|Spain|sevilla|
Lisbon|Portugal|lisboa|the capital of Portugal
Porto|Portugal|oporto|
Copenhagen|Denmark|københavn|the city of the Little Mermaid statue
Oslo|Norway||the capital of Norway
Stockholm|Sweden||the capital of Sweden
Helsinki|Finland||the capital of Finland
Reykjavík|Iceland||the capital of Iceland
Warsaw|Poland|warszawa|the capital of Poland
Kraków|Poland|cracow|
Prague|Czechia;Czech Republic|praha|the city of the Charles Bridge
Budapest|Hungary||the capital of Hungary
Bucharest|Romania||the capital of Romania
Athens|Greece||the city where the Parthenon stands
Istanbul|Turkey;Türkiye||the city where the Hagia Sophia stands
Cairo|Egypt||the capital of Egypt
Tunis|Tunisia||the capital of Tunisia
Nairobi|Kenya||the capital of Kenya
Accra|Ghana||the capital of Ghana
Lagos|Nigeria||
Cape Town|South Africa||the city below Table Mountain
Dubai|UAE;United Arab Emirates||the city where the Burj Khalifa stands
Mumbai|Maharashtra;India|bombay|the city that Bollywood is a part of
Kolkata|West Bengal;India|calcutta|
Agra|Uttar Pradesh;India||the city where the Taj Mahal stands
Bangkok|Thailand||the capital of Thailand
Hanoi|Vietnam||the capital of Vietnam
Singapore|||
Kuala Lumpur|Malaysia|kl|the city where the Petronas Towers stand
Manila|Philippines;The Philippines||
Seoul|South Korea;Korea||the capital of South Korea
Tokyo|Japan||the capital of Japan
Osaka|Japan||
Kyoto|Japan||the city of the Golden Pavilion
Beijing|China|peking|the city around the Forbidden City
Shanghai|China||
Taipei|Taiwan||
Sydney|NSW;New South Wales;Australia||the city with the sail-shaped Opera House
Melbourne|VIC;Victoria;Australia||
Auckland|New Zealand;NZ||
Wellington|New Zealand;NZ||the capital of New Zealand
"""


def _parse(table: str) -> tuple[City, ...]:
    cities = []
    for line in table.strip().splitlines():
        name, *columns = line.split("|")
        regions, aliases, descriptions = (tuple(filter(None, column.split(";"))) for column in columns)
        cities.append(City(name, regions, aliases, descriptions))
    return tuple(cities)


CITIES: tuple[City, ...] = _parse(_TABLE)
"""The table, in a fixed order."""


def normalise(text: str) -> str:
    """Reduce a name to what counts when names are compared.

    Case, accents, punctuation and the number of blanks do not count; a possessive "'s" is dropped and abbreviation
    points are closed up.

    Args:
        text: A name or a sentence.

    Example:
        >>> normalise(" São  Paulo, Brazil ")
        'sao paulo brazil'
        >>> normalise("Washington D.C.'s weather")
        'washington dc weather'
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    plain = re.sub(r"['’]s\b", " ", plain)
    plain = re.sub(r"\b(\w)\.", r"\1", plain)
    return " ".join(re.findall(r"\w+", plain.replace("_", " ")))


def accepted_names(name: str, aliases: Iterable[str]) -> frozenset[str]:
    """Return the normalised names that stand for one city.

    Args:
        name: Name of the city.
        aliases: Other names.
    """
    return frozenset(filter(None, (normalise(each) for each in (name, *aliases))))


def aliases_of(city: City) -> list[str]:
    """Return what may be given to the tool instead of the city's full name.

    These are the aliases of the table, and the name followed by a region, a country or both. Descriptions such as
    "the Big Apple" are not among them: turning them into the name is part of the task.

    Args:
        city: An entry of the table.
    """
    qualified = [f"{city.name}, {region}" for region in city.regions]
    if len(city.regions) > 2:
        qualified += [f"{city.name}, {one}, {two}" for one in city.regions[:2] for two in city.regions[2:]]
    return [*city.aliases, *qualified]


@cache
def _finder() -> tuple[re.Pattern[str], dict[str, City]]:
    known: dict[str, City] = {}
    for city in CITIES:
        for name in (city.name, *city.aliases, *city.descriptions, *aliases_of(city)):
            known.setdefault(normalise(name), city)
    longest_first = sorted(known, key=lambda name: (-len(name), name))
    return re.compile(r"\b(?:" + "|".join(map(re.escape, longest_first)) + r")\b"), known


def cities_in(text: str) -> list[City]:
    """Find the cities of the table that a text names, by name, alias or description.

    Whole words are compared after :func:`normalise`; where names overlap, the longest wins.

    Args:
        text: What a user wrote.

    Returns:
        The distinct cities in the order in which they are first named.

    Example:
        >>> [city.name for city in cities_in("is sf colder than the Big Apple? sf, I guess")]
        ['San Francisco', 'New York']
    """
    pattern, known = _finder()
    found = {known[match]: None for match in pattern.findall(normalise(text))}
    return list(found)
