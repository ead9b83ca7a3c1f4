"""A package as compiled ones are, with everything that a checkpoint has to hold."""
