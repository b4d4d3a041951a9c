"""Single-file programs that run inside a sandbox. Each stands alone: it may import the standard library only."""
