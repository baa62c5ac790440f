"""What a model says of rows: log-odds, probabilities and contributions, the numbers that LightGBM itself gives."""
