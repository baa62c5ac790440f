"""What can be wrong with a model, apart from what reads one: whoever only names it does not import LightGBM."""


class ArtefactError(RuntimeError):
    """An artefact is missing, altered, or made by code that numbers things differently."""
