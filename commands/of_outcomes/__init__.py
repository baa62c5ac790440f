"""Commands on outcomes of decisions: files of them, and how good the decisions were."""
