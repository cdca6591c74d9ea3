"""The home page, pages of text, the style guide, robots.txt and the site map."""
