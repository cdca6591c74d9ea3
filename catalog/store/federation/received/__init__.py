"""Records of other catalogues as they told them."""
