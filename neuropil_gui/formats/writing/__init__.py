"""Writers of results, dF/F and tables."""
