"""Programs that run inside a sandbox. They are read as text, never imported."""
