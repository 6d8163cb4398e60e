"""A small web application that embeds a search, in Flask.

    pip install flask
    CABLES=indexes/cables flask --app examples.flask_view run

`create_app` takes the archive and a function that says what the reader of a request may see; without it, everyone sees
what is unclassified. Log-in, users and the address to listen at are matters of the application around it.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from flask import Flask, Response, g, render_template, request
from werkzeug.exceptions import HTTPException, NotFound

import cablesearch
from examples.flask_view.archives import Archives
from examples.flask_view.forms import PAGE, Form, FormError

__all__ = ["create_app"]

POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
"""Even if something of a cable could be read as HTML, nothing may be loaded or run."""


def create_app(
    index: str | os.PathLike[str] | None = None, clearance_of_reader: Callable[[], str] = lambda: "UNCLASSIFIED"
) -> Flask:
    """Return the application.

    Args:
        index: the archive; None: that of the environment variable ``CABLES``, or ``indexes/cables``.
        clearance_of_reader: returns the clearance of the reader of the current request, such as ``SECRET//NOFORN``.
    """
    app = Flask(__name__)
    archives = Archives(index or os.environ.get("CABLES", "indexes/cables"))
    app.jinja_env.filters["printable"] = printable

    @app.get("/")
    def search() -> str:
        form = g.form = Form.of(request.args)
        if not form.is_filled:
            return render_template("search.html", form=form)
        archive = archives.at(clearance_of_reader())
        query = cablesearch.plain_query(form.query) if form.is_question else form.query
        if form.query and not query:
            raise FormError("Write at least one word.")
        results = archive.search(
            query,
            match="any" if form.is_question else "all",
            since=form.since or None,
            until=form.until or None,
            limit=PAGE,
            offset=(form.page - 1) * PAGE,
        )
        return render_template("search.html", form=form, results=results, pages=-(-results.total // PAGE))

    @app.get("/cables/<path:name>")
    def cable(name: str) -> str:
        return render_template("cable.html", form=Form(), cable=archives.at(clearance_of_reader())[name])

    app.after_request(with_headers)
    for kind in (FormError, cablesearch.QueryError, cablesearch.UnknownCableError, cablesearch.CablesearchError):
        app.register_error_handler(kind, answer_to_error)
    app.register_error_handler(HTTPException, answer_to_http_error)
    return app


def answer_to_error(error: Exception) -> tuple[str, int]:
    """Return the page, and the status, for an error that is no fault of the program."""
    form = g.get("form") or Form()
    if isinstance(error, cablesearch.QueryError):
        # The message shows the place in the query.
        return render_template("problem.html", form=form, title="This cannot be searched for", text=str(error)), 400
    if isinstance(error, FormError):
        return render_template("problem.html", form=form, title="This cannot be searched for", text=error.text), 400
    if isinstance(error, cablesearch.UnknownCableError):
        return render_template("problem.html", form=form, title="No such cable", text=str(error)), 404
    # The archive is missing, damaged or being replaced: the log has the reason, the reader has none of its paths.
    from flask import current_app

    current_app.logger.error("the archive does not answer: %s", error)
    text = "The archive does not answer at the moment. Try again later."
    return render_template("problem.html", form=form, title="The archive is not available", text=text), 503


def answer_to_http_error(error: HTTPException) -> tuple[str, int]:
    """Return the page for an error of HTTP, such as an unknown address."""
    title = "No such page" if isinstance(error, NotFound) else error.name
    text = "" if isinstance(error, NotFound) else (error.description or "")
    return render_template("problem.html", form=Form(), title=title, text=text), error.code or 500


def with_headers(response: Response) -> Response:
    """Return an answer that no one else may keep, and in which nothing may run."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    if request.endpoint != "static":
        # What is shown depends on who asks.
        response.headers["Cache-Control"] = "private, no-store"
    return response


def printable(text: str) -> str:
    """Return a text without characters that are not seen but act, such as those that turn a line around."""
    return "".join(char if char.isprintable() or char in " \n" else "\N{REPLACEMENT CHARACTER}" for char in text)
