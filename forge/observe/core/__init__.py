"""What all readers of a repository share: the tree, its files, statements, the memory between visits."""
