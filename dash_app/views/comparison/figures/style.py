"""The style of the figures of a comparison: quiet ground, plain axes, marks that differ in shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from dash_app.shell.theme import Theme

clear: Final = "rgba(0,0,0,0)"


def calm(figure: go.Figure, theme: Theme, height: int, **margins: int) -> go.Figure:
    """The figure on the ground of its card, without legend, in the type of the page."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8} | margins,
        paper_bgcolor=clear,
        plot_bgcolor=clear,
        showlegend=False,
        dragmode=False,
        hovermode="closest",
        font={"family": theme.font, "size": 12, "color": theme.ink_muted},
        hoverlabel={
            "bgcolor": theme.surface,
            "bordercolor": theme.line_strong,
            "font": {"family": theme.font, "size": 12, "color": theme.ink},
        },
    )
    figure.update_xaxes(
        fixedrange=True, showgrid=False, zeroline=False, linecolor=theme.line, ticks="outside", tickcolor=theme.line
    )
    figure.update_yaxes(fixedrange=True, gridcolor=theme.line, zeroline=False)
    return figure


def client_mark(theme: Theme, size: int = 13) -> dict[str, Any]:
    """The client's mark: a full circle, with a rim that parts it from what lies under it."""
    return {"symbol": "circle", "size": size, "color": theme.ink, "line": {"color": theme.surface, "width": 2}}


def second_mark(theme: Theme, size: int = 14) -> dict[str, Any]:
    """The other client's mark: a diamond."""
    return {"symbol": "diamond", "size": size, "color": theme.second, "line": {"color": theme.surface, "width": 2}}


def shortened(text: str, most: int) -> str:
    """The text, cut at `most` characters, since figures do not break lines by themselves."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def caption(
    text: str, at: float, side: str, row: float, colour: str, *, size: int = 12, **place: Any
) -> dict[str, Any]:
    """An annotation above a row: from a side of a place, 0 to 1 of the width; `place` is as Plotly has it."""
    return {
        "text": text,
        "x": at,
        "xref": "paper",
        "xanchor": side,
        "y": row,
        "yshift": 17,
        "showarrow": False,
        "font": {"size": size, "color": colour},
        **place,
    }
