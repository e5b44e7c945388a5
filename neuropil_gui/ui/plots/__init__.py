"""Parts of plots: traces, axes, legend, crosshair, readout, matrix tiles."""
