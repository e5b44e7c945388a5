"""Compare: results, pins and rivals of one cell on the same axes."""
