"""One page of notes with an anchor each: Impressum, Datenschutz, Barrierefreiheit, sources and licence.

A city that has such pages points to them by settings; until then no link of the footer is dead.
"""

from flask import Blueprint, render_template

from shared.web.auth import public

notes = Blueprint("notes", __name__)


@notes.get("/hinweise")
@public
def page() -> str:
    return render_template("notes.html")
