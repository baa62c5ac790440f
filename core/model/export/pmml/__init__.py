"""PMML: the document as it is written, and the evaluator that proves it."""
