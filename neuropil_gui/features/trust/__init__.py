"""Trust: how far a result can be relied on."""
