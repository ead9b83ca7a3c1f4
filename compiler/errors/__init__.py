"""The messages: one function each, whose arguments are facts; prose stands nowhere else."""
