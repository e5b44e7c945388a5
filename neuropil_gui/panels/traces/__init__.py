"""The plots of traces."""
