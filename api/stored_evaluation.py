"""The model card, made of the evaluation that is stored beside the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.model.evidence.card import model_card

if TYPE_CHECKING:
    from pathlib import Path

_page: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Model card</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.55 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto; padding: 0 1rem; }}
table {{ border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }}
th, td {{ border-bottom: 1px solid #8886; padding: .3rem .8rem .3rem 0; text-align: left; vertical-align: top;
  font-variant-numeric: tabular-nums; }}
</style>
</head>
<body>
<main>
{body}</main>
</body>
</html>
"""


def card_as_markdown(models_dir: Path) -> str:
    """The model card. Raises `ArtefactError` where what it is made of is missing or does not belong together."""
    return model_card(models_dir)


def card_as_page(models_dir: Path) -> str:
    """The model card as an HTML page that stands alone. Raises `ArtefactError` as `card_as_markdown`."""
    from markdown_it import MarkdownIt

    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(card_as_markdown(models_dir))
    return _page.format(body=body)
