"""The evaluation of the model, as the Documentation page shows it: figures, threshold, fairness, omissions."""
