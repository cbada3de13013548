"""The demo: the main job on the bundled sample interview, by the same functions that people use."""
