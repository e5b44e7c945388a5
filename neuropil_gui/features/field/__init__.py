"""The page Field: pictures of the field of view, its cells, and the regions around them."""
