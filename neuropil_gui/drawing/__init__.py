"""Data prepared for plots: pyramids, series, thumbnails and stacked parts, without Qt."""
