"""Opening, exporting and copying: what is asked before it is done."""
