"""Parts of plots."""
