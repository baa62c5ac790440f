"""The `card` command: the model card of the model in `MODELS_DIR`, written anew."""

from __future__ import annotations

from argparse import Namespace

from core import outputs
from core.model.errors import ArtefactError
from core.model.evidence.card import model_card
from core.settings import settings
from runtime.console import failed, note


def run(namespace: Namespace) -> int:
    """Writes the card to `namespace.card`; returns the exit code."""
    models_dir = settings().models_dir
    try:
        text = model_card(models_dir)
        with outputs.replacing(namespace.card, inputs=models_dir.glob("*")) as aside:
            aside.write_text(text, encoding="utf-8")
    except ArtefactError as error:
        return failed(f"{error}: `python3 run.py train` writes it.")
    except OSError as error:
        return failed(str(error))
    note(f"Wrote {namespace.card}")
    return 0
