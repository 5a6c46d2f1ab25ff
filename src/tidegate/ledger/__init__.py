"""What the feeds said: one SQLite file of pages, cursors, objects, candidates and rejections."""
