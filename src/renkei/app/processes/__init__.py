"""Models of processes at the edge: files read and written, a page for whoever has to read one."""
