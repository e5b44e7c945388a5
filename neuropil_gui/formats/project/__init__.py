"""Project files: what was done with a recording, kept as it is done."""
