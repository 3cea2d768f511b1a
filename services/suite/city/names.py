"""Street names as German cities have them; every name is common, the city is made up."""

from random import Random

from services.suite.city.plane import Plane
from services.suite.city.turns import continued

CRAFTS = (
    "Gerber Fischer Schuster Kapuziner Bäcker Seiler Küfer Schmiede Weber Töpfer Färber Korb Hut Rosen "
    "Heringsbrunnen Holz Leichhof Bader Salz Wein Heu Eisen Glocken Kirsch Karmeliter Jakobs Stephans "
    "Quintins Ignaz Dominikaner Zeughaus Löwenhof Hofmeister Schöfferhof Domherren Stadthaus Brand Mitternacht "
    "Kartäuser Weißlilien Pfandhaus Neu Hinter Graben Schloss Flachsmarkt Fust Kronen Adler Bären Hirsch Spiegel "
    "Mailänder Silber Gold Balken Mauer Messer Kessel Nagel Sattler Wagner Zimmer Pfeifer Münz Korn Mehl Butter "
    "Salm Krebs Storchen Pfauen Schwanen Einhorn Sonnen Mond Sternen Engel Kreuz Barfüßer Augustinus Klara "
    "Nikolaus Georgs Martins Johannis Christoph Emmerans Albans Turm Pforten Brücken Ufer Kran Treppen"
)
PEOPLE = (
    "Goethe|Lessing|Heine|Mörike|Uhland|Eichendorff|Hölderlin|Kleist|Kant|Hegel|Leibniz|Humboldt|Beethoven|"
    "Mozart|Haydn|Schubert|Brahms|Händel|Kepler|Gauß|Röntgen|Liebig|Robert-Koch-|Siemens|Daimler|Gutenberg|Dürer|"
    "Cranach|Holbein|Riemenschneider|Stresemann|Raiffeisen|Scharnhorst|Körner|Jahn|Rückert|Clara-Schumann-|"
    "Sophie-Scholl-|Käthe-Kollwitz-|Anna-Seghers-|Hildegard-|Droste-|Lise-Meitner-|Bettina-|Elisabeth-Selbert-|"
    "Rahel-Varnhagen-|Fontane|Storm|Hebbel|Wieland|Klopstock|Herder|Fichte|Schelling|Telemann|Gluck|Weber|"
    "Lortzing|Nikolaus-Otto-|Emmy-Noether-|Virchow"
)
NATURE = (
    "Ahorn Birken Buchen Eichen Erlen Eschen Fichten Kastanien Kiefern Lärchen Linden Pappel Platanen Rotdorn "
    "Tannen Ulmen Weiden Weißdorn Holunder Haselnuss Amsel Drossel Finken Falken Habicht Kiebitz Kranich Lerchen "
    "Meisen Milan Nachtigallen Reiher Rotkehlchen Schwalben Specht Sperber Star Zeisig Dahlien Flieder Ginster "
    "Iris Jasmin Lavendel Lilien Malven Mohn Narzissen Nelken Primel Tulpen Veilchen Wicken Fuchs Dachs Igel "
    "Hasen Rehbock Marder Biber Luchs"
)
TOWNS = (  # as they stand before "-er"
    "Oppenheim Nierstein Nackenheim Gau-Bickelheim Kreuznach Ober-Ingelheim Nieder-Olm Osthofen Kirchheim "
    "Dürkheim Deidesheim Landau Speyer Germersheim Pirmasens Kaiserslautern Simmern Boppard Oberwesel Bacharach "
    "Andernach Mayen Trier Rüdesheim Eltvill Hochheim Flörsheim Rüsselsheim Groß-Gerau Bensheim Heppenheim "
    "Weinheim Limburg Weilburg Wetzlar Gießen Fulda Hanau Aschaffenburg Miltenberg Würzburg Bamberg Nürnberg "
    "Götting Kassel Marburg Erfurt Weimar"
)
FIELDS = (
    "Am Sägewerk|Am Mühlbach|Im Rheinfeld|Auf der Weide|Am Wingert|Im Brühl|Am Damm|Am Gänsgraben|Im Sampel|"
    "Am Schützenhaus|In der Witz|Am Königsfloß|Auf dem Sand|Am Kloster|Im Leimen|Am Fort|Steinern-Kreuz-Weg|"
    "Zum Fährhaus|Bachstraße|Gartenstraße|Schulstraße|Mühlweg|Wiesenweg|Feldstraße|Bahnhofstraße|Brunnenstraße|"
    "Lindenplatz|Mittelstraße|Talstraße|Ringstraße|Bergstraße|Poststraße|Rathausstraße|Pfarrgasse|Winzerstraße|"
    "Kelterweg|Fährgasse|Auweg|Rheinblick|Am Uferpark|Steingasse|Blumenstraße|Sonnenstraße|Ankergasse|"
    "Schiffergasse|Lachsweg|Hechtweg|Aalgasse|Storchenweg|Am Backhaus|Hofgasse|Ackerstraße|Distelweg|Kornweg|"
    "Weizenstraße|Haferweg|Gerstenstraße|Kleeweg"
)
HARBOUR = (
    "Am Zollhafen|Rheinkai|Kaistraße|Kranstraße|Lotsenweg|Speicherstraße|Werftstraße|Industriestraße|"
    "Am Containerhof|Dockstraße|Reederweg|Schlosserstraße|Gießereiweg|Zollstraße|Packhofstraße|Stapelweg|Nordkai|"
    "Hafenblick"
)
PLACES = (
    "Am Waldrand|Am Hang|Am Weinberg|An der Steige|Auf der Höhe|Am Wasserturm|An der Obstwiese|Im Grund|"
    "Im Winkel|Am Hohlweg|Am Steinbruch|Am Ziegelofen|An der Ziegelei|Am Kalkofen|Am Sportfeld|Am Wäldchen|"
    "Am Hasensprung|Im Vogelsang|Am Heckenpfad|An der Allmende|Am Kirschgarten|Am Pfingstborn|Am Lindenbaum|"
    "An der Bleiche|Am Römerstein|Am Aquädukt|An den Platzäckern|Am Sonnigen Hang|Am Taubertsberg|Am Gonsbach|"
    "Am Rodelberg|Am Südring|Im Münchfeld|An der Goldgrube|Am Linsenberg|Am Gautor|Am Stadtgraben|Am Drusus|"
    "Traubenweg|Rebenweg|Rieslingweg|Silvanerweg|Burgunderweg|Dornfelderweg|Kelterstraße|Küferweg|Winzerweg|"
    "Spätleseweg|Ausoniusweg|Drususstraße|Legionsweg|Kohortenweg|Zitadellenweg|Bastionsweg|Kasemattenweg|"
    "Glacisweg|Festungsstraße|Schanzenweg|Kavalleriestraße|Pulverturmweg|Wallgasse|Saarstraße|Neckarstraße|"
    "Mainstraße|Moselstraße|Nahestraße|Lahnstraße|Ahrstraße|Donaustraße|Elbestraße|Weserstraße|Oderstraße|"
    "Havelweg|Spreeweg|Taunusblick|Odenwaldstraße|Hunsrückstraße|Eifelweg|Westerwaldstraße|Vogelsbergweg|"
    "Rhönstraße|Spessartweg|Harzstraße|Schwarzwaldstraße|Donnersbergweg|Feldbergstraße|Melibokusweg|Lorbeerweg|"
    "Salbeiweg|Thymianweg|Rosmarinweg|Minzeweg|Kamillenweg|Enzianweg|Edelweißweg|Krokusweg|Anemonenweg|Asternweg|"
    "Begonienweg|Geranienweg|Gladiolenweg|Hyazinthenweg|Levkojenweg|Orchideenweg|Ritterspornweg|Sonnenblumenweg"
)
UNNAMED_BELOW_M = 28.0


def name_streets(plane: Plane, rng: Random) -> None:
    """Give every generated street a name; streets that go straight on share one."""
    shelves = _shelves(rng)
    for streets, metres in continued(plane):
        first = plane.streets[streets[0]]
        if metres < UNNAMED_BELOW_M:
            continue
        name = _taken(shelves, first.zone)
        for street in streets:
            plane.streets[street].name = name


def _taken(shelves: dict[str, list[str]], zone: str) -> str | None:
    shelf = shelves.get(zone) or shelves["outer"] or shelves["inner"] or shelves["right"]
    return shelf.pop() if shelf else None


def _shelves(rng: Random) -> dict[str, list[str]]:
    old = [f"{stem}{'gässchen' if rng.random() < 0.15 else 'gasse'}" for stem in CRAFTS.split()]
    inner = [f"{stem}{'Straße' if stem.endswith('-') else 'straße'}" for stem in PEOPLE.split("|")]
    outer = [f"{stem}{'straße' if rng.random() < 0.25 else 'weg'}" for stem in NATURE.split()]
    outer += [*(f"{stem}er Straße" for stem in TOWNS.split()), *PLACES.split("|")]
    shelves = {"old": old, "inner": inner, "outer": outer, "right": FIELDS.split("|"), "harbour": HARBOUR.split("|")}
    for shelf in shelves.values():
        rng.shuffle(shelf)
    return shelves
