"""The domain of the credit-decision workbench: data, features, model, decisions and their reasons."""

__version__ = "1.0.0"
