"""``/map/basemap.pmtiles``: the imported city's vector tiles in one file, read in ranges by the map."""

from http import HTTPStatus

from flask import Response, request, send_file
from flask_smorest import Blueprint

from services.navfeed.api.cors import open_to_all
from services.navfeed.application.feed import Feed
from shared.web.auth import public
from shared.web.problems import ProblemError

DOCUMENT = {
    "summary": "Grundkarte der Stadt als PMTiles, mit HTTP-Bereichen",
    "responses": {
        "200": {"description": "Die Datei", "content": {"application/vnd.pmtiles": {}}},
        "206": {"description": "Der verlangte Ausschnitt"},
        "404": {"description": "Es wurde noch kein Straßennetz eingelesen"},
        "416": {"description": "Der Ausschnitt liegt außerhalb der Datei"},
    },
}


def blueprint(feed: Feed) -> Blueprint:
    doors = Blueprint("basemap", __name__, url_prefix="/map", description="Grundkarte")
    open_to_all(doors)

    @public
    def basemap() -> Response:
        try:
            # The tag follows from time and size; a new import is another file (it is renamed into place).
            response = send_file(feed.basemap, mimetype="application/vnd.pmtiles", conditional=True)
        except FileNotFoundError:
            raise ProblemError(404, detail="Es wurde noch kein Straßennetz eingelesen.") from None
        response.headers["Cache-Control"] = "public, no-cache"
        if request.method == "HEAD":
            response.accept_ranges = "bytes"
        if request.method == "HEAD" or response.status_code == HTTPStatus.NOT_MODIFIED:
            response.close()  # an answer without a body is never read, so nobody else closes the file
        return response

    doors.add_url_rule("/basemap.pmtiles", "basemap", doors.doc(**DOCUMENT)(basemap))
    return doors
