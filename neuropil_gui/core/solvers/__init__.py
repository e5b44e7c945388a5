"""NMF and ICA as generators of steps."""
