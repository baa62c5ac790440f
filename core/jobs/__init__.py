"""Jobs: files of applications scored in the background, which outlive the processes that take and score them."""
