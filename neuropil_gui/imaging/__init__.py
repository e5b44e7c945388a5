"""From a movie and ROIs to traces: movies, ROIs, neuropil regions, extraction."""
