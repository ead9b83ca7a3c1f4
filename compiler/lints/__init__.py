"""What is probably not meant, theme by theme; `lint` calls them all."""
