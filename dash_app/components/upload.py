"""A place for a file: `assets/js/upload.js` puts a field into it, and streams what it is given to the dashboard."""

from __future__ import annotations

from typing import Literal

from dash import html

from dash_app import addresses
from dash_app.components.marks import data
from dash_app.i18n import _, mark, translated


def upload(
    place: str,
    path: str,
    title: str,
    hint: str,
    *,
    look: Literal["button-primary", "button-quiet"],
    class_name: str,
    ready: str = "",
) -> html.Div:
    """The place, empty until the script fills it.

    Args:
        place: its id; the field in it has the id `PLACE-file`.
        path: of the dashboard, where `dash_app.uploads.transfer.received` takes the file.
        title, hint: above the button that chooses a file.
        look: of that button.
        class_name: how the place itself looks.
        ready: what is said of a file that has arrived, with fields of the answer in braces; nothing where it is empty.
    """
    return html.Div(
        id=place,
        className=f"upload {class_name}",
        **data(
            address=addresses.at(path),
            title=title,
            hint=hint,
            choose=_("Choose a file"),
            look=look,
            sending=translated(mark("Sending {name}: {share}")),
            reading=translated(mark("Looking at {name} …")),
            ready=ready,
            failed=_("The file did not arrive. Nothing is lost: try again."),
            cancelled=_("Stopped."),
            cancel=_("Stop sending"),
        ),
    )
