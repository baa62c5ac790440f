"""The recalibration of a model on outcomes that it was not trained on: fitted, measured, and written into its trees."""
